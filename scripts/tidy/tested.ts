/** test/README.md: each invariant and rule names the tests that try to break it, and these tests are there. */
import type { Fault, Repository } from "./repository.ts";

const FILE = "test/README.md";
const WANTED: readonly string[] = [...numbered("I", 10), ...numbered("R", 31)];
/** `| R1 what it is | tests |` */
const ROW = /^\| ([IR]\d+) [^|]*\|(.*)\|$/;
/** A path from test/ on, and the title, or what all titles made from one text have in common. */
const NAMED = /`([\w./-]+)`: "([^"]+)"/g;

export function checkTested(repository: Repository): Fault[] {
  const faults: Fault[] = [];
  const missing = new Set(WANTED);
  for (const [index, text] of (repository.get(FILE) ?? "").split("\n").entries()) {
    const [, rule = "", tests = ""] = ROW.exec(text) ?? [];
    const named = [...tests.matchAll(NAMED)];
    if (named.length > 0) missing.delete(rule);
    for (const [, path = "", title = ""] of named) {
      if (repository.get(`test/${path}`)?.includes(title)) continue;
      faults.push({ file: FILE, line: index + 1, message: `${rule}: test/${path} has no "${title}"` });
    }
  }
  for (const rule of missing) faults.push({ file: FILE, line: 0, message: `${rule} has no test` });
  return faults;
}

function numbered(letter: string, last: number): string[] {
  return Array.from({ length: last }, (_, index) => `${letter}${index + 1}`);
}
