/** Whether a publisher's own feed lists the file (spec/verdict.md, "Publishers"). */
import { isHeardIn, isPublisher } from "../policy/index.ts";
import { isLogged } from "./carried.ts";
import type { Count, Dossier } from "./dossier.ts";
import { isOwnFeed } from "./feeds.ts";
import { hear } from "./heard.ts";
import type { Heard } from "./heard.ts";
import { anybodysBy } from "./revoked.ts";

/** `lost`: it would, had that feed not forked. */
export type Listing = "yes" | "no" | "lost";

/** A feed of the builder's own carries this claim, and no fork of that feed takes it away. */
export function isInOwnFeed(one: Heard, { builder, all }: Dossier, { found }: Count): boolean {
  return isLogged(one, all, found.evidence, (origin) => isOwnFeed(builder, origin));
}

/** By any live claim with its SHA-256, in whatever step, that counts for the rule and stands in a feed of the publisher's own. */
export function listingOf(dossier: Dossier, count: Count, isUsable: (one: Heard) => boolean): Listing {
  const { builder, fork, shrunk } = dossier;
  const { artifact, found, now } = count;
  if (!isPublisher(count.rule, builder) || shrunk !== null) return "no";
  const same = hear(
    builder,
    (step) => isHeardIn(count.rule, step),
    artifact,
    found,
    anybodysBy(builder, found, now),
  ).heard.filter((one) => one.relation === "same" && one.retracted === null && isUsable(one));
  if (same.some((one) => isInOwnFeed(one, dossier, count))) return "yes";
  const stood = same.some(({ carried }) => carried.some(({ head }) => isOwnFeed(builder, head.origin)));
  return fork !== null && stood ? "lost" : "no";
}
