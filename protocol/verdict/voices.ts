/** Who speaks, and how many seats that takes: of all that signed one and the same imported link only one does. */
import { LEGACY_LINK } from "../attestation/index.ts";
import type { Verified } from "../attestation/index.ts";
import { compareCodePoints } from "../bytes/index.ts";
import { sha256Hex } from "../crypto/index.ts";
import { MAX_ECHO_CHOICES } from "../limits.ts";
import { tally, voterOf } from "../policy/index.ts";
import type { Builder, Distinct, Tally, Way } from "../policy/index.ts";

/** A claim with which a builder speaks: in which step, and what it names as the source. */
export interface Spoken {
  readonly step: string;
  readonly sources: ReadonlySet<string>;
  /** Hex SHA-256 of the octets of the commit that it names; null where it does not say. */
  readonly object: string | null;
  /** Hex SHA-256 of the imported link that it is; null = the builder's own words. */
  readonly link: string | null;
}

/** A builder that speaks, and with which claims. */
export interface Speaker {
  readonly builder: Builder;
  readonly spoken: readonly Spoken[];
}

/** A builder, and the imported link that is all its support, if it is. */
interface Echoing {
  readonly builder: Builder;
  readonly echo: string | null;
}

/** What seats there are, and what no two that take one may share. */
export interface Seating {
  readonly ways: readonly Way[];
  readonly distinct: readonly Distinct[];
}

/** rebuilderd's instance counter-signs whatever its workers upload: one link under two keys is one result. */
export function linkOf({ predicateType, signedBytes }: Verified): string | null {
  return predicateType === LEGACY_LINK ? sha256Hex(signedBytes) : null;
}

/** How many operators speak; whoever only echoes another one does not. */
export function operatorsOf(speakers: readonly Echoing[]): number {
  return Math.max(
    ...choices(speakers).map((chosen) => new Set(chosen.map(({ builder }) => builder.operator)).size),
  );
}

/** The imported link that is all there is; null where there are words of one's own too. */
export function echoOf(spoken: readonly Spoken[]): string | null {
  if (spoken.some(({ link }) => link === null)) return null;
  return spoken.map(({ link }) => link ?? "").toSorted(compareCodePoints)[0] ?? null;
}

/** Those whose only support is a link that another of them has signed too, link by link. */
export function echoing<Some extends Pick<Echoing, "echo">>(
  all: readonly Some[],
): readonly (readonly Some[])[] {
  return [...Map.groupBy(all, ({ echo }) => echo)].flatMap(([echo, some]) =>
    echo === null || some.length < 2 ? [] : [some],
  );
}

/** How near they come to taking all seats. Echoes are sought step by step: words of one's own in one step make nothing of a link in another. */
export function seated({ ways, distinct }: Seating, speakers: readonly Speaker[]): Tally {
  const voices = speakers.flatMap(({ builder, spoken }) =>
    [...Map.groupBy(spoken, ({ step }) => step)].map(([step, claims]) => ({
      voter: voterOf(builder, step, distinct),
      echo: echoOf(claims),
    })),
  );
  return choices(voices)
    .map((chosen) =>
      tally(
        ways,
        chosen.map(({ voter }) => voter),
      ),
    )
    .reduce((a, b) => (b.needed - b.taken < a.needed - a.taken ? b : a));
}

/** Of all that signed one and the same imported link only one speaks: every choice of whom, up to MAX_ECHO_CHOICES. */
function choices<Some extends Pick<Echoing, "echo">>(
  speakers: readonly Some[],
): readonly (readonly Some[])[] {
  const groups = Map.groupBy(speakers, ({ echo }) => echo ?? Symbol("words of one's own"));
  let chosen: readonly (readonly Some[])[] = [[]];
  for (const group of groups.values()) {
    const few = chosen.length * group.length <= MAX_ECHO_CHOICES ? group : group.slice(0, 1);
    chosen = chosen.flatMap((before) => few.map((speaker) => [...before, speaker]));
  }
  return chosen;
}
