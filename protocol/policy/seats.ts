/**
 * How many seats of a way voters can take. Where one voice of each voter tells all conflicts (a builder's name, an operator, a country that
 * each operator has one of) this is a matching in a bipartite graph. Where it doesn't, an operator in two countries say, every choice
 * is tried: reading a policy refuses rules of which there are too many.
 */
import type { Voter } from "./distinct.ts";
import type { Seat, Way } from "./types.ts";

/** The most seats that can be taken at once. */
export function seatsTaken(way: Way, voters: readonly Voter[]): number {
  const voice = decidingVoice(voters);
  return voice === null ? bestChoice(way, voters) : matching(way, voters, voice);
}

/** Upper bound of the choices that `seatsTaken` may have to try: 1 where it is a matching. */
export function choicesIn(way: Way, voters: readonly Voter[]): number {
  if (decidingVoice(voters) !== null) return 1;
  return [...classesOf(way)].reduce((all, [seat, count]) => {
    const able = voters.filter(({ sitter }) => seat.has(sitter)).length;
    return all * subsetsUpTo(able, count);
  }, 1);
}

/** The place in `voices` at which all voters are equal that are equal at any place; null without one. */
function decidingVoice(voters: readonly Voter[]): number | null {
  const places = voters[0]?.voices.map((_, place) => place) ?? [0];
  return places.find((place) => places.every((other) => decides(place, other, voters))) ?? null;
}

function decides(place: number, other: number, voters: readonly Voter[]): boolean {
  const firsts = new Map<string, string>();
  return voters.every(({ voices }) => {
    const [own = "", theirs = ""] = [voices[place], voices[other]];
    const first = firsts.get(theirs) ?? own;
    firsts.set(theirs, first);
    return first === own;
  });
}

/** Kuhn's augmenting paths. */
function matching(way: Way, voters: readonly Voter[], place: number): number {
  const seatOfVoice = new Map<string, Seat>();
  const sit = (seat: Seat, tried: Set<string>): boolean => {
    for (const { sitter, voices } of voters) {
      const voice = voices[place] ?? "";
      if (tried.has(voice) || !seat.has(sitter)) continue;
      tried.add(voice);
      const holder = seatOfVoice.get(voice);
      if (holder !== undefined && !sit(holder, tried)) continue;
      seatOfVoice.set(voice, seat);
      return true;
    }
    return false;
  };
  return way.filter((seat) => sit(seat, new Set())).length;
}

/** Every choice of voters for the seats, equal seats taken in the voters' order; ends as soon as all are taken. */
function bestChoice(way: Way, voters: readonly Voter[]): number {
  const classes = [...classesOf(way)];
  const chosen: Voter[] = [];
  let best = 0;
  const isFree = ({ voices }: Voter): boolean =>
    !chosen.some((other) => other.voices.some((voice, place) => voice === voices[place]));
  const fill = (index: number, from: number, open: number, seatsAfter: number): void => {
    best = Math.max(best, chosen.length);
    const [seat] = classes[index] ?? [];
    if (seat === undefined || best === way.length || chosen.length + open + seatsAfter <= best) return;
    for (const [skipped, voter] of (open === 0 ? [] : voters.slice(from)).entries()) {
      if (!seat.has(voter.sitter) || !isFree(voter)) continue;
      chosen.push(voter);
      fill(index, from + skipped + 1, open - 1, seatsAfter);
      chosen.pop();
      if (best === way.length) return;
    }
    const next = classes[index + 1]?.[1] ?? 0;
    fill(index + 1, 0, next, seatsAfter - next);
  };
  const first = classes[0]?.[1] ?? 0;
  fill(0, 0, first, way.length - first);
  return best;
}

/** Equal seats, and how many there are of each. */
function classesOf(way: Way): ReadonlyMap<Seat, number> {
  const classes = new Map<Seat, number>();
  for (const seat of way) classes.set(seat, (classes.get(seat) ?? 0) + 1);
  return classes;
}

/** How many subsets of at most `most` of `all` things there are. */
function subsetsUpTo(all: number, most: number): number {
  let [total, sets] = [1, 1];
  for (let size = 1; size <= Math.min(all, most); size++) {
    sets = (sets * (all - size + 1)) / size;
    total += sets;
  }
  return total;
}
