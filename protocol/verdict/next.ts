/** The one thing to do about a pending verdict. */
import type { Rule } from "../policy/index.ts";
import type { Quorum } from "./quorum.ts";
import type { Vote, VoteKind } from "./types.ts";

/** The step that is most likely to help. */
export function nextStep(votes: readonly Vote[], quorum: Quorum, rule: Rule): string {
  const named = (kind: VoteKind | "unseen"): readonly string[] =>
    votes.filter((vote) => (isUnseen(vote) ? "unseen" : vote.vote) === kind).map(({ builder }) => builder);
  if (quorum.outcome === "met")
    return `hold the feeds in full: run samebits node --follow policy, then verify again`;
  if (quorum.outcome === "lost")
    return `no vote to come can complete it: see samebits policy explain, rule "${rule.name}"`;
  for (const { builder, successor } of votes)
    if (successor !== undefined)
      return `ask ${builder}, by another way than the mesh, whether ${successor} is its new feed; if it is, list its key in the policy`;
  const steps: readonly (readonly [VoteKind | "unseen", (names: string, one: boolean) => string])[] = [
    [
      "unasked",
      () =>
        "start a node (samebits node), name a peer with --bootstrap or a mirror with --mirror, or bring a bundle with --bundle",
    ],
    ["stale", (names) => `let the feeds of ${names} be heard again: samebits status, then verify again`],
    [
      "silent",
      (names, one) =>
        `verify again later; if ${names} ${one ? "stays silent, ask whoever runs it" : "stay silent, ask whoever runs them"}`,
    ],
    ["absent", (names, one) => `verify again when ${names} ${one ? "has" : "have"} built it`],
    ["failed", (names) => `ask ${names} why it does not build`],
    [
      "unseen",
      (names) =>
        `verify again when more witnesses have cosigned what carries the claim of ${names}: samebits node --follow policy collects it`,
    ],
    [
      "excluded",
      (names) =>
        `ask ${names} for a new result${rule.logged || rule.witnesses !== null ? ", in a feed" : ""}`,
    ],
    ["differs", (names) => `ask ${names} to build it in the recorded environment`],
  ];
  for (const [kind, step] of steps) {
    const names = named(kind);
    if (names.length > 0) return step(names.join(", "), names.length === 1);
  }
  return "verify again later";
}

/** It agrees, and too few witnesses saw that in a feed. */
function isUnseen({ vote, witnesses, index }: Vote): boolean {
  return vote === "excluded" && index !== null && witnesses !== null && witnesses.count < witnesses.needed;
}
