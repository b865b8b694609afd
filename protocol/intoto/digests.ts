/** When two are the same artifact: digests are compared on the algorithms that both sides have. */
import type { Artifacts, Digests } from "./types.ts";

/** Algorithms that nobody makes a second file for, and names of git's objects: one of them has to be among what is compared. */
const STRONG: ReadonlySet<string> = new Set([
  "sha256",
  "sha384",
  "sha512",
  "sha3_256",
  "sha3_384",
  "sha3_512",
  "blake2b",
  "blake2s",
  "gitCommit",
  "gitTree",
  "gitBlob",
  "gitTag",
]);

/** Whether both are digests of one artifact: all that both have are equal, and a strong one is among them. */
export function isSame(one: Digests, other: Digests): boolean {
  if (one === other) return true;
  let isStrong = false;
  for (const [algorithm, digest] of one) {
    const there = other.get(algorithm);
    if (there === undefined) continue;
    if (there !== digest) return false;
    isStrong ||= STRONG.has(algorithm);
  }
  return isStrong;
}

/** Whether both can't be the same artifact: not the same as `isSame` being false, where there may be nothing to compare. */
export function isDifferent(one: Digests, other: Digests): boolean {
  for (const [algorithm, digest] of one) if ((other.get(algorithm) ?? digest) !== digest) return true;
  return false;
}

/** The digests that both have, which are the same (`isSame`); null where no strong one is among them. */
export function inCommon(one: Digests, other: Digests): Digests | null {
  const common = new Map([...one].filter(([algorithm]) => other.has(algorithm)));
  return [...common.keys()].some((algorithm) => STRONG.has(algorithm)) ? common : null;
}

/** Whether both are written alike: the same paths, algorithms and digests. */
export function areEqual(some: Artifacts, others: Artifacts): boolean {
  if (some === others) return true;
  if (some.size !== others.size) return false;
  for (const [path, digests] of some) {
    const there = others.get(path);
    if (there?.size !== digests.size) return false;
    for (const [algorithm, digest] of digests) if (there.get(algorithm) !== digest) return false;
  }
  return true;
}

/** Whether both have the same paths with the same artifacts. */
export function areSame(some: Artifacts, others: Artifacts): boolean {
  if (some === others) return true;
  if (some.size !== others.size) return false;
  for (const [path, digests] of some) {
    const there = others.get(path);
    if (there === undefined || !isSame(digests, there)) return false;
  }
  return true;
}
