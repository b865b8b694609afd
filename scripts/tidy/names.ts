/** What the repository holds and what its files are called; what no text may leave behind. */
import type { Fault, Repository } from "./repository.ts";

/** The top level of the repository. Nothing else. */
const TOP: ReadonlySet<string> = new Set([
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  // the rooms
  "protocol",
  "node",
  "client",
  "test",
  "scripts",
  // documents
  "docs",
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "BENCHMARKS.md",
  "LICENSE",
  // settings of tools
  ".ci",
  ".gitignore",
  ".oxlintrc.json",
  ".prettierrc",
  ".prettierignore",
  "knip.json",
]);

/** Names that say nothing of what a file holds. */
const EMPTY_NAMES = /(^|[/-])(utils?|helpers?|common|misc|shared)(\.|-|$)/;

export function checkNames(repository: Repository): Fault[] {
  const faults: Fault[] = [];
  for (const file of repository.keys()) {
    const top = file.split("/")[0] ?? "";
    if (!TOP.has(top))
      faults.push({ file, line: 0, message: `${top} has no place at the top of the repository` });
    if (!/\.(tsx?|js)$/.test(file) || file.startsWith("test/vectors/")) continue;
    const name = file.slice(file.lastIndexOf("/") + 1);
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(tsx?|js)$/.test(name)) {
      faults.push({ file, line: 0, message: "file names are lower case words with hyphens" });
    }
    if (EMPTY_NAMES.test(name))
      faults.push({ file, line: 0, message: "name a file by the concept that it holds" });
  }
  return faults;
}

/** Marks of unfinished work, written so that this file doesn't hold them. */
const UNFINISHED = /\b(TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b/;
const FOCUSED = /\b(it|test|describe|suite)\.only\(|\bonly: true\b/;
const SKIPPED_IN_SILENCE = /\b(it|test|describe|suite)\.(skip|todo)\(|\bskip: true\b|\btodo: true\b/;
const SWITCHED_OFF = /@ts-(ignore|nocheck|expect-error)/;

/** Files that quote what is forbidden: this check's bad samples, the generator and what it makes. */
const QUOTES = [
  "test/scripts/tidy/",
  "scripts/proto.ts",
  "protocol/wire/messages.ts",
  "LICENSE",
  "package-lock.json",
];

/** No unfinished work, no test that is switched off without a reason, one first heading a document. */
export function checkTexts(repository: Repository): Fault[] {
  const faults: Fault[] = [];
  for (const [file, text] of repository) {
    if (file.startsWith("test/vectors/") || QUOTES.some((place) => file.startsWith(place))) continue;
    const isCode = /\.(tsx?|js)$/.test(file);
    for (const [index, line] of text.split("\n").entries()) {
      const report = (message: string): number => faults.push({ file, line: index + 1, message });
      if (UNFINISHED.test(line)) report("unfinished: do it now, or put it into an issue");
      if (isCode && FOCUSED.test(line)) report("this runs one test alone and hides the others");
      if (isCode && SKIPPED_IN_SILENCE.test(line)) report("a skipped test says why: skip: reason");
      if (isCode && SWITCHED_OFF.test(line)) report("the compiler stays on");
    }
    if (file.endsWith(".md")) faults.push(...checkHeadings(file, text));
  }
  return faults;
}

function checkHeadings(file: string, text: string): Fault[] {
  const prose = text.replaceAll(/^```[^]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, ""));
  const lines = prose.split("\n").flatMap((line, index) => (line.startsWith("# ") ? [index + 1] : []));
  if (lines.length === 1 && lines[0] === 1) return [];
  return [
    { file, line: lines[1] ?? lines[0] ?? 1, message: "a document has one first heading, in its first line" },
  ];
}
