/** What is known of one builder, before its vote is read out of it. */
import type { Claim, Target, Verified } from "../attestation/index.ts";
import { equalBytes } from "../bytes/index.ts";
import type { ForkEvidence } from "../evidence/index.ts";
import type { Ending } from "../lifecycle/index.ts";
import { isHeardIn, stepsOf } from "../policy/index.ts";
import type { Builder, Policy, Rule } from "../policy/index.ts";
import { feedsOf, isComplete, shrunkFeed } from "./feeds.ts";
import type { Feeds, FeedView, Shrunk } from "./feeds.ts";
import { hear } from "./heard.ts";
import type { Heard } from "./heard.ts";
import { anybodysBy, revokedBy } from "./revoked.ts";
import { endingOf } from "./succession.ts";
import type { Artifact, Findings, View } from "./types.ts";
import type { Witnessed } from "./witnessed.ts";

/** What is known beside the file that is judged. */
export interface Survey {
  readonly rule: Rule;
  readonly policy: Policy;
  readonly found: Findings;
  /** What the rule's witnesses saw; null where it asks for none. */
  readonly witnessed: Witnessed | null;
  readonly feeds: Feeds;
  readonly now: number;
}

/** What all votes on one file are counted with. */
export interface Count extends Survey {
  readonly artifact: Artifact & { readonly target: Target };
  /** Of a step: whether a claim that gives its file says that it was made from what the step before gave; not there where nothing is asked of that. */
  readonly origin?: (verified: Verified) => Origin;
}

/** `given`: from what the step before gave. `other`: from something else. `unsaid`: it does not say, or nobody knows what that is. */
export type Origin = "given" | "other" | "unsaid";

/** All that is known of one builder. */
export interface Dossier {
  readonly builder: Builder;
  /** In which the rule counts it; empty = it is heard as a publisher only, in any step but those before. */
  readonly steps: readonly string[];
  /** What its feeds showed before any fork. */
  readonly heard: readonly Heard[];
  /** That it got this very file as something else. */
  readonly elsewhere: Claim | null;
  /** What it got under the name that the file had before its signature was taken off, where nobody knows the normal form of that. */
  readonly unformed: Claim | null;
  /** What is signed with a key of it that is revoked, and not proven to be older. */
  readonly revoked: readonly Heard[];
  readonly feeds: readonly (FeedView | undefined)[];
  readonly all: Feeds;
  readonly shrunk: Shrunk | null;
  /** Proofs that feeds of its keys forked, or "rewritten" where only this verifier's memory shows it. */
  readonly fork: readonly ForkEvidence[] | "rewritten" | null;
  readonly view: View;
  /** That its feed has ended, unless the policy knows how it goes on. */
  readonly ending: Ending | null;
}

/** Gathers what is known of one builder. */
export function openDossier(builder: Builder, count: Count): Dossier {
  const { artifact, rule, policy, found, feeds: all, now } = count;
  const feeds = feedsOf(builder, all);
  const shrunk = shrunkFeed(builder, all, found, now);
  const steps = stepsOf(rule, builder.name);
  const isStep = (step: string): boolean =>
    steps.length === 0 ? isHeardIn(rule, step) : steps.includes(step);
  const complete = shrunk === null && feeds.length > 0 && feeds.every((feed) => isComplete(rule, feed, now));
  return {
    builder,
    steps,
    ...hear(builder, isStep, artifact, found, anybodysBy(builder, found, now)),
    feeds,
    all,
    shrunk,
    fork: forkOf(builder, count),
    view: complete ? "complete" : "partial",
    ending: endingOf(builder, policy, found.endings),
  };
}

/**
 * Forks of feeds whose keys are this builder's: one of its carriers is not its fault (RULES R16), nor is what a thief makes of the feed of a key
 * that is revoked. What of that counts was seen by witnesses, of which none cosigns two histories.
 */
export function forkOf(builder: Builder, { found, feeds: all, now }: Survey): Dossier["fork"] {
  const evidence = [...found.evidence, ...all.forks];
  const stolen = revokedBy(builder, now).map(({ key }) => key);
  const isOwn = (key: Uint8Array): boolean =>
    builder.keys.some(({ raw }) => equalBytes(raw, key)) && !stolen.some(({ raw }) => equalBytes(raw, key));
  const proofs = evidence.filter((one): one is ForkEvidence => one.kind === "fork" && isOwn(one.a.key));
  if (proofs.length > 0) return proofs;
  return feedsOf(builder, all).some((feed) => feed?.rewritten === true && isOwn(feed.largest.key))
    ? "rewritten"
    : null;
}
