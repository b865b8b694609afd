/** Why a verdict is what it is, in words. */
import { counted } from "../bytes/index.ts";
import { buildersUnder } from "../policy/index.ts";
import type { Rule } from "../policy/index.ts";
import type { SignedSource } from "./found-object.ts";
import type { Tried } from "./named.ts";
import type { CountedSource, Quorum } from "./quorum.ts";
import type { ContradictionKind, Verdict } from "./types.ts";
import type { Lack } from "./source.ts";
import type { Ballot } from "./votes.ts";
import { echoing } from "./voices.ts";
import { vouchedReasons } from "./vouched.ts";
import type { Dissent } from "./weigh.ts";

/** All that a verdict by a rule rests on. */
export interface Standing {
  readonly rule: Rule;
  readonly verdict: Verdict["verdict"];
  readonly quorum: Quorum;
  /** As the rule asks for it. */
  readonly signed: SignedSource | null;
  /** The rule's publisher lists the file, where it asks for one. */
  readonly listed: boolean;
  readonly agreeing: readonly Ballot[];
  readonly dissent: Dissent;
  readonly contradiction: ContradictionKind | null;
  /** All who contradict got this very file, from something else than the step before gave. */
  readonly isFromOthers: boolean;
  readonly view: Verdict["view"];
}

export function reasonsFor(standing: Standing): readonly string[] {
  const { verdict, quorum, dissent, contradiction, view } = standing;
  const { outcome, needed, taken } = quorum;
  const reasons: string[] = [];
  if (taken < needed) {
    reasons.push(`${taken} of ${needed} needed votes agree`);
    for (const some of echoing(standing.agreeing))
      reasons.push(oneLink(some.map(({ builder }) => builder.name)));
  }
  reasons.push(...sourceReasons(standing), ...listingReasons(standing));
  if (outcome === "lost" && verdict === "pending")
    reasons.push("not even with all builders that may still answer can it be enough");
  if (contradiction === "file") reasons.push("builders agree with each other, not with this file");
  if (contradiction === "split")
    reasons.push(
      standing.isFromOthers
        ? `it is said to be made from something else than the step "${standing.rule.before?.rule.steps[0] ?? ""}" gave`
        : "builders got different files",
    );
  if (contradiction === "fork")
    reasons.push("with the votes of a builder whose feed forked it would be enough");
  if (contradiction !== null && verdict === "reproduced") {
    if (dissent.outvotable) reasons.push("more agree than contradict");
    if (dissent.warns) reasons.push("the rule only warns of contradictions");
  }
  if (verdict === "pending" && outcome === "met")
    reasons.push("enough agree, but the rule demands complete feeds");
  if (view === "partial" && verdict === "reproduced")
    reasons.push("dissent may be hidden: not all feeds are held in full");
  return reasons;
}

function sourceReasons({ rule, quorum, signed, agreeing }: Standing): readonly string[] {
  const { source } = quorum;
  if (source === null) return [];
  const { name, file, stated, objects } = source;
  const others = fromOthers(agreeing, source);
  return [
    ...(others.length === 0 ? [] : [`from another source than ${sourceOf(source)}: ${others.join(", ")}`]),
    ...(objects.length === 0
      ? []
      : [
          `${counted(objects.length, "object")} have the id ${shortOf(name)}, and are not one source: ${withObjects(agreeing, source)}`,
        ]),
    ...(signed === null ? [] : vouchedReasons(signed)),
    ...(stated === null || stated.taken === stated.needed
      ? []
      : [
          `the source ${shortOf(file ?? name)} is stated by ${stated.taken} of ${stated.needed} needed in the step "${rule.source?.stated?.requirement.step ?? ""}"`,
          ...stated.echoing.map(oneLink),
          ...stated.short.map(
            ({ builder, lack }) => `the statement of ${builder} does not count: ${LACKING[lack]}`,
          ),
        ]),
  ];
}

/** Who has which of the objects that share an id. */
function withObjects(agreeing: readonly Ballot[], { name, objects }: CountedSource): string {
  return objects
    .map((object) => {
      const who = agreeing.filter(({ spoken }) =>
        spoken.some((one) => one.sources.has(name) && one.object === object),
      );
      return `SHA-256 ${object.slice(0, 8)}… by ${who.map(({ builder }) => builder.name).join(", ")}`;
    })
    .join("; ");
}

function oneLink(names: readonly string[]): string {
  return `what ${names.join(" and ")} signed is one and the same link, which counts once`;
}

const LACKING: Readonly<Record<Lack, string>> = {
  "too new": "witnesses have not seen it in a feed for as long as the rule asks",
  unseen: "too few witnesses are proven to have seen it in a feed",
  unlogged: "no feed is proven to carry it",
  stale:
    "the feed was not heard within the time that the rule takes, or is shown with less than was seen before",
  old: "it is older than the rule takes",
};

/** Who agrees, and names other sources than this one. */
export function fromOthers(agreeing: readonly Ballot[], { name, file }: Tried): readonly string[] {
  return agreeing
    .filter(
      ({ spoken }) =>
        spoken.length > 0 &&
        !spoken.some(({ sources }) => sources.has(name) && (file === null || sources.has(file))),
    )
    .map(({ builder }) => builder.name);
}

function listingReasons({ rule, listed }: Standing): readonly string[] {
  if (listed || rule.loggedBy === null) return [];
  return [`no feed of ${buildersUnder(rule.loggedBy).join(" or ")} is proven to list this file`];
}

/** A source, with the file beside it where that counts too. */
export function sourceOf({ name, file }: Tried): string {
  return file === null || file === name ? shortOf(name) : `${shortOf(name)} with ${shortOf(file)}`;
}

/** Enough of a digest to tell it from others. */
export function shortOf(source: string): string {
  const [kind = "", digest = ""] = source.split(":");
  return `${kind}:${digest.slice(0, 8)}…`;
}
