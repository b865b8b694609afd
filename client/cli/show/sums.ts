import { compareSums, counted, parseSums } from "../../../protocol/index.ts";
import type { Sums } from "../../../protocol/index.ts";
import { plain } from "./shown.ts";
import type { Shown } from "./shown.ts";

/** Names that are listed of a disagreement; the rest is counted. */
const NAMED = 3;

/** A list that was shown before in the same command, to be compared with. */
export interface NamedSums {
  readonly path: string;
  readonly sums: Sums;
}

/** Whether a file begins as the output of `sha256sum` does. */
export function beginsAsSums(bytes: Uint8Array): boolean {
  return /^[0-9a-f]{64} [ *]/.test(new TextDecoder("latin1").decode(bytes.subarray(0, 66)));
}

/** A list of sums, as somebody's build gave them: what is in it, and how it stands to the lists in `before`, to which it is added. */
export function showSums(bytes: Uint8Array, path: string, before: NamedSums[]): Shown {
  const sums = parseSums(bytes);
  const several = [...sums.digests].filter(([, digests]) => digests.size > 1);
  const facts = [
    `${path}: a list of ${counted(sums.rows.length, "sum")} under ${counted(sums.digests.size, "name")}`,
    ...several.map(
      ([file, { size }]) =>
        `  ${plain(file)} has ${size} digests: ${size} files of one name, no contradiction`,
    ),
    ...before.map((other) => comparison(sums, other)),
  ];
  before.push({ path, sums });
  return {
    kind: "sums",
    facts,
    proven: [],
    notProven: [
      "who made it: the list has no signature in it; OpenPGP's beside it are checked by samebits import sums.",
      "that it is anybody's vote: no verdict counts it, until it is brought in with its signature (samebits import sums) or a builder signs it (samebits attest --sums).",
    ],
  };
}

function comparison(sums: Sums, { path, sums: other }: NamedSums): string {
  const both = [...sums.digests.keys()].filter((file) => other.digests.has(file)).length;
  const differences = compareSums(sums, other);
  if (both === 0) return `has no name in common with ${path}`;
  if (differences.length === 0) return `agrees with ${path} on ${counted(both, "name")}`;
  const names = differences.slice(0, NAMED).map(({ file }) => plain(file));
  const more = differences.length > NAMED ? ", …" : "";
  return `differs from ${path} on ${differences.length} of ${counted(both, "name")}: ${names.join(", ")}${more}`;
}
