/**
 * debian/copyright (debian.org/doc/packaging-manuals/copyright-format/1.0), from the lock file and the licences in the packages; their texts as they are
 * stand beside it in THIRD-PARTY.md.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { noticesOf } from "../build/notices.ts";
import { packagesBeside, put, TOP } from "./stage.ts";

const DOC = "usr/share/doc/samebits";
/** By SPDX's names, those of the format; where Debian has the text, it is named. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["MIT", "Expat"],
  ["LGPL-3.0+", "LGPL-3+"],
  ["(MIT AND Zlib)", "Expat and Zlib"],
]);
const ON_DEBIAN: ReadonlyMap<string, string> = new Map([
  ["Apache-2.0", "/usr/share/common-licenses/Apache-2.0"],
  ["LGPL-3+", "/usr/share/common-licenses/LGPL-3"],
]);
const HOLDER = /^(?:\W*)(?:copyright|\(c\)|©).*\d{4}.*$|^\W*copyright \(c\).*$/i;
/** Where a licence says nothing of who holds the rights. */
const NOBODY_NAMED = "the authors of the package";

interface Locked {
  readonly version: string;
  readonly license?: string;
}

/** Writes `copyright` and THIRD-PARTY.md. Throws where a package's licence is not known. */
export function copyrightOf(
  tree: string,
  from: { readonly metafiles: readonly Metafile[]; readonly nodeFolder: string },
): void {
  const { packages } = JSON.parse(readFileSync(join(TOP, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const paths = new Set(packagesBeside().map((name) => `node_modules/${name}`));
  for (const { outputs } of from.metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const input of Object.keys(inputs)) {
        const path = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
        if (path !== undefined) paths.add(path);
      }
  const stanzas: string[] = [];
  const texts = new Map<string, string>();
  for (const path of [...paths].sort()) {
    const locked = packages[path];
    if (locked?.license === undefined) throw new Error(`${path}: package-lock.json names no licence`);
    const text = licenceText(join(TOP, path));
    const name = shortName(locked.license);
    stanzas.push(stanza(`${path}/*`, holders(text), name, `version ${locked.version}`));
    for (const one of name.split(/ and | or /)) if (!texts.has(one) && text !== "") texts.set(one, text);
  }
  const node = readFileSync(join(from.nodeFolder, "LICENSE"), "utf8");
  const leveldb = "node_modules/classic-level/deps";
  const own = licenceText(join(TOP, leveldb, "leveldb/leveldb-1.20"));
  const snappy = licenceText(join(TOP, leveldb, "snappy/snappy"));
  const all = [
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
    "Upstream-Name: samebits",
    "Comment: Files are named as in the source tree; what of node_modules is not\n bundled into usr/lib/samebits/lib lies in usr/lib/samebits/node_modules.",
    "",
    stanza("*", ["samebits developers"], "Apache-2.0"),
    ...stanzas,
    stanza(`${leveldb}/leveldb/*`, holders(own), "LevelDB"),
    stanza(`${leveldb}/snappy/*`, holders(snappy), "Snappy"),
    stanza("usr/lib/samebits/bin/node", ["Node.js contributors, and others named in the text"], "Node.js"),
    ...[...texts].map(([name, text]) => licence(name, ON_DEBIAN.has(name) ? pointer(name) : text)),
    licence("LevelDB", own),
    licence("Snappy", snappy),
    licence("Node.js", node),
  ];
  put(tree, join(DOC, "copyright"), Buffer.from(all.join("\n")));
  put(tree, join(DOC, "THIRD-PARTY.md"), Buffer.from(noticesOf(TOP, from.metafiles)));
}

function shortName(spdx: string): string {
  const bare = spdx.replaceAll(/[()]/g, "");
  return (
    NAMES.get(spdx) ??
    bare
      .split(/ (?:OR|AND) /)
      .map((one) => NAMES.get(one) ?? one)
      .join(bare.includes(" AND ") ? " and " : " or ")
  );
}

function licenceText(folder: string): string {
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => /^(licen[cs]e|copying)/i.test(name))
    : [];
  return names
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").trim())
    .join("\n\n");
}

function holders(text: string): readonly string[] {
  const lines = text
    .split("\n")
    .flatMap((line) => (HOLDER.test(line) && line.length < 160 ? [line.trim()] : []));
  return lines.length === 0 ? [NOBODY_NAMED] : [...new Set(lines)];
}

function stanza(files: string, who: readonly string[], name: string, comment?: string): string {
  const more = comment === undefined ? "" : `Comment: ${comment}\n`;
  return `Files: ${files}\nCopyright: ${who.join("\n ")}\nLicense: ${name}\n${more}`;
}

function licence(name: string, text: string): string {
  return `License: ${name}\n${text
    .trim()
    .split("\n")
    .map((line) => (line.trim() === "" ? " ." : ` ${line.trimEnd()}`))
    .join("\n")}\n`;
}

function pointer(name: string): string {
  return `The text is in ${ON_DEBIAN.get(name) ?? ""} on Debian.`;
}
