/** The licences of the packages whose code is bundled with ours, as they ask for. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/** THIRD-PARTY.md: each bundled package with its version and the text of its licence. Throws where one has none. */
export function noticesOf(top: string, metafiles: readonly Metafile[]): string {
  const folders = new Set<string>();
  for (const input of metafiles.flatMap(({ inputs }) => Object.keys(inputs))) {
    const match = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
    if (match) folders.add(match[0]);
  }
  const notices = [...folders].sort().map((folder) => noticeOf(join(top, folder)));
  return `# Packages bundled in lib/\n\n${notices.join("\n")}`;
}

function noticeOf(folder: string): string {
  const { name, version, license, main } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as Record<string, string>;
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  // some say only its name; Apache-2.0 stands in our own LICENSE
  if (files.length === 0 && !license?.split(" OR ").includes("Apache-2.0")) {
    const said = license === "MIT" ? headOf(join(folder, main ?? "index.js")) : null;
    if (said === null) throw new Error(`${name} is bundled, but has no licence text`);
    texts.push(said, MIT);
  }
  return `## ${name} ${version}, ${license}\n\n${texts.map((text) => `\`\`\`text\n${text}\n\`\`\`\n`).join("\n")}`;
}

/** The comment at a file's beginning that is meant to stay, in which its authors stand. */
function headOf(file: string): string | null {
  return /^\/\*!\s*([^]*?)\s*\*\//.exec(readFileSync(file, "utf8"))?.[1] ?? null;
}

/** What `MIT` stands for (spdx.org/licenses/MIT), for those who give only the name and the authors. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
