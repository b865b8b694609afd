/**
 * When are enough builders there? A rule's requirements are worked out once, at reading, into *ways*: lists of seats, each with the
 * builders that can take it. A way is met when every seat is taken and no voice takes two (seats.ts): exact also where builders
 * or operators could sit in several.
 */
import { ProtocolError } from "../errors.ts";
import { MAX_SEATS, MAX_WAYS } from "../limits.ts";
import { sitterOf } from "./distinct.ts";
import type { Voter } from "./distinct.ts";
import { seatsTaken } from "./seats.ts";
import type { Party, Seat, Requirement, Way } from "./types.ts";

/** How near the voters come to meeting a rule: the way with the fewest seats open, of these the shortest. */
export interface Tally {
  readonly needed: number;
  readonly taken: number;
}

/** All ways to meet all requirements at once. Throws `policy/too-complex`. */
export function waysToMeet(requirements: readonly Requirement[]): readonly Way[] {
  const known: Known = new Map();
  return bounded(
    product(
      requirements.map((requirement) => inStep(waysOfRequirement(requirement, known), requirement.step)),
    ),
  );
}

/** Seats of builders, made seats of what these say of a step; equal ones stay one. */
function inStep(ways: readonly Way[], step: string): readonly Way[] {
  const placed = new Map<Seat, Seat>();
  const place = (seat: Seat): Seat => {
    const known = placed.get(seat) ?? new Set([...seat].map((name) => sitterOf(name, step)));
    placed.set(seat, known);
    return known;
  };
  return ways.map((way) => way.map(place));
}

/** The nearest way to be met by these voters. Pass at least one way. */
export function tally(ways: readonly Way[], voters: readonly Voter[]): Tally {
  let best: Tally | null = null;
  for (const way of ways) {
    const needed = way.length;
    const taken = seatsTaken(way, voters);
    const open = best === null ? Infinity : best.needed - best.taken;
    if (best === null || needed - taken < open || (needed - taken === open && needed < best.needed)) {
      best = { needed, taken };
    }
  }
  if (best === null) throw new ProtocolError("internal/impossible", "a rule without a way to meet it");
  return best;
}

/** The names of all builders under a party, at any depth. */
export function buildersUnder(party: Party): readonly string[] {
  return party.kind === "builder" ? [party.name] : party.builders;
}

/** Ways of groups already worked out: a group may be named by many that stand below it. */
type Known = Map<Party, readonly Way[]>;

function waysOfRequirement({ k, of }: Requirement, known: Known): readonly Way[] {
  if (!("kind" in of)) return waysOf(k, of, known);
  const builders: Seat = new Set(buildersUnder(of));
  if (of.kind === "role") return bounded([seats(k, builders)]);
  // A group must be met as it says, and k of its builders must be there: never weaker than either reading.
  return bounded(
    waysOfParty(of, known).map((way) => [...way, ...seats(Math.max(0, k - way.length), builders)]),
  );
}

function waysOfParty(party: Party, known: Known): readonly Way[] {
  const before = known.get(party);
  if (before !== undefined) return before;
  const ways =
    party.kind === "group" ? waysOf(party.k, party.of, known) : [seats(1, new Set(buildersUnder(party)))];
  known.set(party, ways);
  return ways;
}

function seats(count: number, seat: Seat): Way {
  return Array.from({ length: count }, () => seat);
}

/** The ways to have `k` of the parties met: some of the groups and roles, the rest single builders. */
function waysOf(k: number, parties: readonly Party[], known: Known): readonly Way[] {
  const singles: Seat = new Set(parties.flatMap((party) => (party.kind === "builder" ? [party.name] : [])));
  const others = parties
    .filter((party) => party.kind !== "builder")
    .map((party) => waysOfParty(party, known));
  return merged(k, bounded(choices(k, singles, others)));
}

function* choices(k: number, singles: Seat, others: readonly (readonly Way[])[]): Generator<Way> {
  for (let count = Math.max(0, k - singles.size); count <= Math.min(k, others.length); count++) {
    for (const chosen of combinations(others, count)) {
      for (const way of product(chosen)) yield [...way, ...seats(k - count, singles)];
    }
  }
}

/** Where one is enough, all ways of a single seat are one seat for any of them. */
function merged(k: number, ways: readonly Way[]): readonly Way[] {
  const single = ways.filter((way) => way.length === 1);
  if (k !== 1 || single.length < 2) return ways;
  const anyOfThem: Seat = new Set(single.flatMap((way) => way.flatMap((seat) => [...seat])));
  return [[anyOfThem], ...ways.filter((way) => way.length !== 1)];
}

function* combinations<Item>(items: readonly Item[], count: number, from = 0): Generator<readonly Item[]> {
  if (count === 0) yield [];
  for (const [offset, item] of items.slice(from, items.length - count + 1).entries()) {
    if (count === 0) return;
    for (const rest of combinations(items, count - 1, from + offset + 1)) yield [item, ...rest];
  }
}

function* product(lists: readonly (readonly Way[])[]): Generator<Way> {
  const [first, ...rest] = lists;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const way of first) {
    for (const tail of product(rest)) yield [...way, ...tail];
  }
}

/** Collects ways while they are few and short enough to be tried at every judgement. */
function bounded(ways: Iterable<Way>): readonly Way[] {
  const kept: Way[] = [];
  for (const way of ways) {
    if (way.length > MAX_SEATS) throw tooComplex(`more than ${MAX_SEATS} seats to take`);
    if (kept.length === MAX_WAYS) throw tooComplex(`more than ${MAX_WAYS} ways to meet it`);
    kept.push(way);
  }
  return kept;
}

function tooComplex(problem: string): ProtocolError {
  return new ProtocolError("policy/too-complex", `${problem}; use fewer nested groups, or roles`);
}
