/** One vote a functionary, as the layout took its links. */
import { toHex } from "../bytes/index.ts";
import { keyIdPlain, keyName } from "../crypto/index.ts";
import { buildersOf, stepsOf } from "../policy/index.ts";
import type { Builder } from "../policy/index.ts";
import type { LayoutCase } from "./layout-case.ts";
import { baseName } from "./chosen.ts";
import type { ChosenDocument } from "./chosen.ts";
import { forkOf } from "./dossier.ts";
import { feedsOf, isComplete, shrunkFeed } from "./feeds.ts";
import type { Considered } from "./layout-finding.ts";
import { revocationOf } from "./revoked.ts";
import type { LayoutFinding, LayoutLink } from "./layout-types.ts";
import type { View, Vote, VoteKind } from "./types.ts";

/** The votes of all functionaries, in the policy's order, and whether all that they may have said is here. */
export function votesByLayout(
  asked: LayoutCase,
  finding: LayoutFinding,
  considered: Considered,
): { readonly votes: readonly Vote[]; readonly view: View } {
  const votes = buildersOf(asked.rule, asked.policy).map((builder) =>
    voteOf(builder, asked, finding, considered),
  );
  const isOut = ({ vote }: Vote, builder: Builder | undefined): boolean =>
    vote === "excluded" && builder !== undefined && forkOf(builder, asked) !== null;
  const isWhole = votes.every(
    (vote) => vote.view === "complete" || isOut(vote, asked.policy.builders.get(vote.builder)),
  );
  return { votes: Object.freeze(votes), view: isWhole && votes.length > 0 ? "complete" : "partial" };
}

interface Own extends LayoutLink {
  readonly step: string;
}

function voteOf(builder: Builder, asked: LayoutCase, { steps }: LayoutFinding, { chosen }: Considered): Vote {
  const { rule, feeds, found, now } = asked;
  const links: readonly Own[] = steps.flatMap(({ step, links: some }) =>
    some.flatMap((link) => (link.functionary === builder.name ? [{ ...link, step }] : [])),
  );
  const of = (taken: LayoutLink["taken"]): readonly Own[] => links.filter((link) => link.taken === taken);
  const isHeld =
    shrunkFeed(builder, feeds, found, now) === null &&
    feedsOf(builder, feeds).length > 0 &&
    feedsOf(builder, feeds).every((feed) => isComplete(rule, feed, now));
  const view: View = isHeld ? "complete" : "partial";
  const [dissent] = of("dissents");
  const [agrees] = of("counted");
  const [refused] = of("refused");
  const shown = dissent ?? agrees ?? refused;
  const vote: VoteKind =
    dissent !== undefined
      ? "contradicts"
      : agrees !== undefined
        ? "agrees"
        : refused !== undefined
          ? "excluded"
          : silence(builder, asked, view);
  const document = shown === undefined ? undefined : documentOf(shown, builder, chosen);
  const key = builder.keys.find((one) => keyIdPlain(one) === shown?.keyid) ?? builder.keys[0];
  const carried = key === undefined ? [] : (document?.carriedBy(key) ?? []);
  const revocation = key === undefined || vote !== "excluded" ? null : revocationOf(builder, key, now);
  return Object.freeze({
    builder: builder.name,
    operator: builder.operator,
    role: builder.roles[0] ?? null,
    keyid: shown?.keyid ?? (key === undefined ? "" : keyIdPlain(key)),
    vote,
    sha256: document === undefined ? null : given(document, asked),
    how: document?.found.claims[0]?.how ?? null,
    time: document?.found.claims[0]?.time ?? null,
    feed: carried[0]?.head.origin ?? null,
    index: carried[0]?.index ?? null,
    view,
    witnesses:
      document === undefined || vote !== "agrees" ? null : (asked.witnessed?.whoSaw({ carried }) ?? null),
    ...(rule.steps.length > 1
      ? { steps: Object.freeze([...new Set(of("counted").map(({ step }) => step))]) }
      : {}),
    reason: reasonFor(vote, shown, builder, asked),
    ...(revocation === null ? {} : { revoked: revocation.atMs }),
  });
}

/** No link of it here: what does that mean? */
function silence(builder: Builder, { found, feeds }: LayoutCase, view: View): VoteKind {
  if (view === "complete") return "absent";
  const { local, mirrors, peers, dht } = found.asked;
  const isUnheard = feedsOf(builder, feeds).every((feed) => feed === undefined);
  return local + mirrors + peers + dht === 0 && isUnheard ? "unasked" : "silent";
}

function reasonFor(
  vote: VoteKind,
  shown: Own | undefined,
  { name }: Builder,
  { rule }: LayoutCase,
): string | null {
  const steps = stepsOf(rule, name)
    .map((step) => `"${step}"`)
    .join(", ");
  switch (vote) {
    case "agrees":
      return null;
    case "contradicts":
      return `it got another result in the step "${shown?.step ?? ""}"${shown?.why === null || shown === undefined ? "" : `: ${shown.why}`}`;
    case "absent":
      return `its feed, held in full, has no link of ${steps}`;
    case "unasked":
      return "nobody could be asked about it";
    case "silent":
      return `no link of it was found, of ${steps}`;
    default:
      return shown?.why ?? "its link does not count";
  }
}

function documentOf(
  { keyid, step }: Own,
  builder: Builder,
  chosen: readonly ChosenDocument[],
): ChosenDocument | undefined {
  const key = builder.keys.find((one) => keyIdPlain(one) === keyid);
  if (key === undefined) return undefined;
  return chosen.find(({ found: { document, signers, place } }) => {
    const name = document.content.kind === "link" ? document.content.name : place.step;
    return name === step && signers.some((one) => keyName(one) === keyName(key));
  });
}

/** The SHA-256 that it gives in the last step: of this file, else of what it calls so; null in other steps. */
function given({ found: { document } }: ChosenDocument, { artifact, rule }: LayoutCase): string | null {
  const { content } = document;
  if (content.kind !== "link" || content.name !== rule.steps.at(-1)) return null;
  const own = toHex(artifact.sha256);
  const products = [...content.products];
  if (products.some(([, digests]) => digests.get("sha256") === own)) return own;
  const file = artifact.target?.file ?? artifact.name;
  return products.find(([path]) => baseName(path) === file)?.[1].get("sha256") ?? null;
}
