import { checkConsistency, equalBytes, nameOfHead, proveFork } from "../../../protocol/index.ts";
import type { Earlier, ForkEvidence, RawJoin, SignedHead } from "../../../protocol/index.ts";

/** How other heads of a feed go together with the one under which it was read. */
export interface Joined {
  /** Names of those that are proven to be of its history. */
  readonly names: ReadonlySet<string>;
  readonly joins: readonly RawJoin[];
  readonly forks: readonly ForkEvidence[];
  /** What the first of them failed with that could not be compared; null if all were. */
  readonly failure: unknown;
}

/**
 * Compares heads with one that is no smaller; `earlier` says what its tree was at a smaller size, and is not believed. Two that no history has
 * both are a proof against the feed's key, whoever shows them (RULES R15). Larger ones are left out.
 */
export async function joinHeads(
  head: SignedHead,
  others: readonly SignedHead[],
  earlier: (size: number) => Promise<Earlier>,
): Promise<Joined> {
  const names = new Set([nameOfHead(head)]);
  const joins: RawJoin[] = [];
  const forks: ForkEvidence[] = [];
  const compare = async (other: SignedHead): Promise<void> => {
    const join = other.size === head.size ? null : await earlier(other.size);
    if (join !== null) checkConsistency(other.size, head.size, join.root, head.root, join.proof);
    const fork = proveFork(other, head, join, null);
    if (fork !== null) forks.push(fork);
    if (join === null || !equalBytes(join.root, other.root)) return;
    names.add(nameOfHead(other));
    joins.push({ small: other.note, large: head.note, proof: join.proof });
  };
  const distinct = new Map(others.map((other) => [nameOfHead(other), other])).values();
  const some = [...distinct].filter(({ origin, size }) => origin === head.origin && size <= head.size);
  const failures: unknown[] = [];
  await Promise.all(some.map((other) => compare(other).catch((error: unknown) => void failures.push(error))));
  return { names, joins, forks, failure: failures[0] ?? null };
}
