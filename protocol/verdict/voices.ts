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

/** A builder, and the imported links that are all its support; none where there are words of its own too. */
interface Echoing {
  readonly builder: Builder;
  readonly links: readonly string[];
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

/** The imported links that are all there is, each once, in their own order; none where there are words of one's own too. */
export function onlyLinksOf(spoken: readonly Spoken[]): readonly string[] {
  const links = spoken.flatMap(({ link }) => link ?? []);
  return links.length < spoken.length ? [] : [...new Set(links)].toSorted(compareCodePoints);
}

/** Those of whom one has signed no link but what others of them signed too, link by link. */
export function echoing<Some extends Pick<Echoing, "links">>(
  all: readonly Some[],
): readonly (readonly Some[])[] {
  const isDoubled = (some: readonly Some[]): boolean =>
    some.length > 1 && some.some((one) => !hasOwnLink(one, all));
  const byLink = Map.groupBy(
    all.flatMap((one) => one.links.map((link) => ({ one, link }))),
    ({ link }) => link,
  );
  return [...byLink.values()].map((some) => some.map(({ one }) => one)).filter(isDoubled);
}

/** How near they come to taking all seats. Echoes are sought step by step: words of one's own in one step make nothing of a link in another. */
export function seated({ ways, distinct }: Seating, speakers: readonly Speaker[]): Tally {
  const voices = speakers.flatMap(({ builder, spoken }) =>
    [...Map.groupBy(spoken, ({ step }) => step)].map(([step, claims]) => ({
      voter: voterOf(builder, step, distinct),
      links: onlyLinksOf(claims),
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

/**
 * Who may speak together: of those whose only support is imported links, each has signed one that no other of them has. So an instance is no second
 * voice beside its worker, however many links that one has, and speaks for none of several workers. Every choice, up to MAX_ECHO_CHOICES.
 */
function choices<Some extends Pick<Echoing, "links">>(
  speakers: readonly Some[],
): readonly (readonly Some[])[] {
  // Who signed most comes first: those after it are then mostly free of each other.
  const ordered = speakers.filter(isEcho).toSorted((a, b) => b.links.length - a.links.length);
  const last = new Map(ordered.flatMap(({ links }, at) => links.map((link) => [link, at] as const)));
  let chosen: readonly (readonly Some[])[] = [[]];
  for (const [at, speaker] of ordered.entries()) {
    const isAlone = speaker.links.every((link) => last.get(link) === at);
    const isOne = isAlone || 2 * chosen.length > MAX_ECHO_CHOICES;
    chosen = chosen.flatMap((before) => {
      const more = [...before, speaker];
      if (!more.every((one) => hasOwnLink(one, more))) return [before];
      return isOne ? [more] : [more, before];
    });
  }
  const free = speakers.filter((speaker) => !isEcho(speaker));
  return chosen.map((some) => [...free, ...some]);
}

function isEcho({ links }: Pick<Echoing, "links">): boolean {
  return links.length > 0;
}

/** Whether it has signed a link that no other of these has. */
function hasOwnLink<Some extends Pick<Echoing, "links">>(speaker: Some, all: readonly Some[]): boolean {
  const others = new Set(all.flatMap((other) => (other === speaker ? [] : other.links)));
  return speaker.links.some((link) => !others.has(link));
}
