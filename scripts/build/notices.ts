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
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
    string,
    string
  >;
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  // some say only its name; Apache-2.0 stands in our own LICENSE
  if (files.length === 0 && !license?.split(" OR ").includes("Apache-2.0")) {
    throw new Error(`${name} is bundled, but has no licence text`);
  }
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return `## ${name} ${version}, ${license}\n\n${texts.map((text) => `\`\`\`text\n${text}\n\`\`\`\n`).join("\n")}`;
}
