/** Which witnesses saw what: a cosigned head speaks for every head that is proven to be of its history (RULES R10; spec/verdict.md, "Witnesses"). */
import { toHex } from "../bytes/index.ts";
import type { SignedHead } from "../feed/index.ts";
import type { Rule, Witness } from "../policy/index.ts";
import { usableTime } from "./usable-time.ts";
import type { Carried, Heard } from "./heard.ts";
import type { Findings, FoundCosignature, Witnessing } from "./types.ts";

type Known = Pick<Findings, "cosignatures" | "joins">;

/** Who of the rule's witnesses saw a claim: the place at which most did; null where the rule asks for none. */
export function whoSaw(
  rule: Rule,
  { carried }: Pick<Heard, "carried">,
  found: Known,
  now: number,
): Witnessing | null {
  const { witnesses } = rule;
  if (witnesses === null) return null;
  const seen = carried.map((place) => witnesses.of.filter(({ name }) => sawPlace(name, place, found, now)));
  const best = seen.reduce<readonly Witness[]>((a, b) => (operatorsOf(b) > operatorsOf(a) ? b : a), []);
  return Object.freeze({
    saw: Object.freeze(best.map(({ name }) => name)),
    count: operatorsOf(best),
    needed: witnesses.k,
  });
}

/** Whether enough witnesses saw a claim. */
export function isSeen(rule: Rule, heard: Pick<Heard, "carried">, found: Known, now: number): boolean {
  const seen = whoSaw(rule, heard, found, now);
  return seen === null || seen.count >= seen.needed;
}

/**
 * When a feed's head was last called the newest by enough witnesses, in ms since 1970: the k-th newest of their operators' times (R10); null
 * where fewer have cosigned what belongs to it.
 */
export function witnessedTime(
  { k, of }: NonNullable<Rule["witnesses"]>,
  head: SignedHead,
  found: Known,
  now: number,
): number | null {
  const newest = new Map<string, number>();
  for (const { name, operator } of of) {
    for (const one of found.cosignatures) {
      if (one.witness !== name || usableTime(one.timeMs, now) === null || !areOfOne(one.head, head, found))
        continue;
      newest.set(operator, Math.max(newest.get(operator) ?? 0, one.timeMs));
    }
  }
  return [...newest.values()].toSorted((a, b) => b - a)[k - 1] ?? null;
}

function operatorsOf(witnesses: readonly Witness[]): number {
  return new Set(witnesses.map(({ operator }) => operator)).size;
}

/** A head of the history in which the claim stands was cosigned, and it is large enough to hold the claim. */
function sawPlace(name: string, { head, index }: Carried, found: Known, now: number): boolean {
  const saw = ({ witness, timeMs, head: seen }: FoundCosignature): boolean =>
    witness === name && index < seen.size && usableTime(timeMs, now) !== null && areOfOne(seen, head, found);
  return found.cosignatures.some(saw);
}

/** Whether two heads are proven to be of one history: the same, or both begin one that is larger. */
function areOfOne(a: SignedHead, b: SignedHead, { joins }: Known): boolean {
  if (a.origin !== b.origin) return false;
  const above = extensionsOf(a, joins);
  return [...extensionsOf(b, joins)].some((name) => above.has(name));
}

/** The head itself and all that are proven to extend it. */
function extensionsOf(head: SignedHead, joins: Known["joins"]): ReadonlySet<string> {
  const names = new Set([nameOf(head)]);
  for (let before = 0; before < names.size;) {
    before = names.size;
    for (const { small, large } of joins) if (names.has(nameOf(small))) names.add(nameOf(large));
  }
  return names;
}

function nameOf({ origin, size, root }: SignedHead): string {
  return `${origin} ${size} ${toHex(root)}`;
}
