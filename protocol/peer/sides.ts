/** Claims about one target as sides that may contradict each other: whose, and which of them are worth telling. */
import type { Verified } from "../attestation/index.ts";
import { compareBytes, concat, equalBytes, toHex, utf8 } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";

/** A good positive claim about the target in hand. */
export interface Side {
  readonly verified: Verified;
  readonly step: string;
  readonly sha256: Uint8Array;
  readonly signer: string;
}

export interface Pair {
  readonly a: Side;
  readonly b: Side;
}

/** The positive claims of one attestation about a target. */
export function sidesOf(verified: Verified, target: Uint8Array): Side[] {
  const signer = toHex(verified.signer.raw);
  return verified.claims.flatMap(({ kind, target: of, sha256: digest, step }) => {
    if (kind !== "positive" || of === null || digest === null || !equalBytes(of.key, target)) return [];
    return [{ verified, step, sha256: digest, signer }];
  });
}

/** For each signer and step the first two different digests. */
export function selfPairs(sides: readonly Side[]): Pair[] {
  const first = new Map<string, Side>();
  const pairs: Pair[] = [];
  const paired = new Set<string>();
  for (const side of sides) {
    const name = `${side.signer} ${side.step}`;
    const other = first.get(name);
    if (other === undefined) first.set(name, side);
    else if (!paired.has(name) && !equalBytes(other.sha256, side.sha256)) {
      paired.add(name);
      pairs.push({ a: other, b: side });
    }
  }
  return pairs;
}

/** For each step, each dissenter against one builder of the digest that most builders name; in a tie, of the smallest digest. */
export function rivalPairs(sides: readonly Side[]): Pair[] {
  const steps = new Map<string, Map<string, Map<string, Side>>>();
  for (const side of sides) {
    const digests = steps.get(side.step) ?? new Map<string, Map<string, Side>>();
    const digest = toHex(side.sha256);
    const signers = digests.get(digest) ?? new Map<string, Side>();
    if (!signers.has(side.signer)) signers.set(side.signer, side);
    steps.set(side.step, digests.set(digest, signers));
  }
  const pairs: Pair[] = [];
  for (const digests of steps.values()) {
    const groups = [...digests.values()].sort((a, b) => b.size - a.size || compareGroups(a, b));
    const [most, ...others] = groups;
    for (const a of others.flatMap((group) => [...group.values()])) {
      const b = [...(most?.values() ?? [])].find((side) => side.signer !== a.signer);
      if (b !== undefined) pairs.push({ a, b });
    }
  }
  return pairs;
}

function compareGroups(a: ReadonlyMap<string, Side>, b: ReadonlyMap<string, Side>): number {
  const [one] = a.values();
  const [other] = b.values();
  return one === undefined || other === undefined ? 0 : compareBytes(one.sha256, other.sha256);
}

/** Stands for: this signer's dissent about the target, in this step, was told. */
export function toldHash(side: Side, target: Uint8Array, self: boolean): Uint8Array {
  return sha256(concat(utf8(`${self ? "self" : "rival"}\n${side.signer}\n${side.step}\n`), target));
}
