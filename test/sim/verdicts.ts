/** What verdicts rest on was found by peers of a run: I5 to I7 hold for what each of them found. */
import { equalBytes, fromUtf8, toHex, writeJson } from "../../protocol/bytes/index.ts";
import type { Target } from "../../protocol/attestation/index.ts";
import { NOTE_COSIGNATURE, toVkey } from "../../protocol/crypto/index.ts";
import type { Cosigner } from "../../protocol/feed/index.ts";
import type { FindResult, PeerName } from "../../protocol/peer/index.ts";
import { readPolicy } from "../../protocol/policy/index.ts";
import type { Policy } from "../../protocol/policy/index.ts";
import { collectFound, judge, verdictJson } from "../../protocol/verdict/index.ts";
import type { RawFindings, Verdict } from "../../protocol/verdict/index.ts";
import { Builder, digestOf } from "./builder.ts";
import { InvariantError } from "./invariants.ts";
import { Random } from "./random.ts";

/** A stranger's key. */
const STRANGER = 200;
/** Ways in which what was found is thinned out. */
const THINNED = 3;

/** A question about a file that was answered in a run. */
export interface Found {
  readonly peer: PeerName;
  /** Of the run, when the answer came. */
  readonly step: number;
  readonly target: Target;
  /** What the file holds. */
  readonly contents: string;
  readonly builders: readonly Builder[];
  /** How many of them must agree: two by default. */
  readonly needed?: number;
  /** Who must have seen it. */
  readonly witnesses?: { readonly k: number; readonly of: readonly Cosigner[] };
  readonly network: string;
  /** By the asker's clock. */
  readonly now: number;
  readonly result: FindResult;
  /** The verdict that it must be; null = any. */
  readonly expected: Verdict["verdict"] | null;
}

/** Judges what was found, in this order and others, with more and with less. */
export async function checkVerdict(found: Found, seed: number): Promise<Verdict> {
  const random = new Random(seed);
  const policy = policyOf(found);
  const raw = rawOf(found.result);
  const verdict = await verdictOn(found, policy, raw);
  if (found.expected !== null && verdict.verdict !== found.expected)
    broken(found, `expected ${found.expected}: it is ${verdict.verdict}, ${verdict.reasons.join("; ")}`);
  const names = verdict.votes.map(({ builder }) => builder);
  if (new Set(names).size !== names.length || names.some((name) => !policy.builders.has(name)))
    broken(found, `I6: these have a vote: ${names.join(" ")}`);
  // Nobody handed over a whole feed: silence is not absence.
  const absent = verdict.votes.find(({ vote, view }) => vote === "absent" || view === "complete");
  if (absent !== undefined) broken(found, `R26: ${absent.builder} is ${absent.vote}, ${absent.view}`);
  const noisy = await verdictOn(found, policy, withNoise(raw, found, random));
  if (asText(noisy) !== asText(verdict))
    broken(found, "I5, I6: order, repetition or an unknown key changed the verdict");
  for (let round = 0; round < THINNED; round++) {
    const less = agreeing(await verdictOn(found, policy, thinned(raw, found, random)));
    const more = less.filter((name) => !agreeing(verdict).includes(name));
    if (more.length > 0) broken(found, `I7: of less that was found these agree: ${more.join(" ")}`);
  }
  return verdict;
}

function verdictOn(found: Found, policy: Policy, raw: RawFindings): Promise<Verdict> {
  const { target, contents, network, now, result } = found;
  return collectFound(raw, { policy, network, strict: false }).then((collected) =>
    judge(
      { sha256: digestOf(contents), name: target.file, target, inside: target },
      {
        ...collected,
        settled: result.ended ? "all" : new Set(),
        asked: { local: 0, mirrors: 0, peers: result.peers.asked, dht: result.dht.asked },
        memory: new Map(),
      },
      policy,
      now,
    ),
  );
}

function policyOf({ builders, needed = 2, witnesses = { k: 0, of: [] } }: Found): Policy {
  const lines = builders.map(
    ({ key }, number) =>
      `[builders.b${number}]\nkey = "${toVkey(`b${number}`, key.raw)}"\nroles = ["rebuilder"]`,
  );
  const seers = witnesses.of.map(
    ({ name, raw }, number) => `[witnesses.w${number}]\nkey = "${toVkey(name, raw, NOTE_COSIGNATURE)}"`,
  );
  const rule = `[[rules]]\nname = "all"\nmatch = "pkg:deb/debian/*"\nrequire = { k = ${needed}, of = "role:rebuilder" }`;
  const seen = witnesses.k === 0 ? [] : [`witnesses = { k = ${witnesses.k} }`];
  return readPolicy(["version = 1", ...lines, ...seers, [rule, ...seen].join("\n")].join("\n\n"));
}

function rawOf({ found, heads, evidence, joins }: FindResult): RawFindings {
  return {
    entries: found,
    envelopes: [],
    heads: heads.flatMap(({ checkpoint, timed, cosigned }) => [
      { checkpoint, timed, complete: false },
      ...cosigned.map((note) => ({ checkpoint: note, timed: null, complete: false })),
    ]),
    evidence,
    joins,
  };
}

/** In another order, twice, and with what a stranger says of the same file, under its own name and under a builder's. */
function withNoise(raw: RawFindings, { target, contents, builders }: Found, random: Random): RawFindings {
  const stranger = new Builder(STRANGER);
  const [entry] = raw.entries;
  const lies = [contents, "bits that nobody else has"].flatMap((said) =>
    [stranger, ...builders].map(({ key }) => ({
      ...entry,
      entry: stranger.link(target, said),
      signer: key.raw,
    })),
  );
  return {
    entries: random.shuffled([
      ...raw.entries,
      ...raw.entries,
      ...lies.map((lie) => ({ index: 0, path: [], checkpoint: new Uint8Array(0), ...lie })),
    ]),
    envelopes: [],
    heads: random.shuffled([...raw.heads, ...raw.heads]),
    evidence: random.shuffled([...raw.evidence, ...raw.evidence]),
    joins: random.shuffled([...(raw.joins ?? []), ...(raw.joins ?? [])]),
  };
}

/** Without some of the entries and heads; of one who said two things of the target both go (R21 states what hiding one does). */
function thinned(raw: RawFindings, { builders }: Found, random: Random): RawFindings {
  const gone = builders.filter(() => random.chance(0.4)).map(({ key }) => key.raw);
  return {
    ...raw,
    entries: raw.entries.filter(({ signer }) => !gone.some((key) => equalBytes(key, signer))),
    heads: raw.heads.filter(() => random.chance(0.6)),
  };
}

function agreeing({ votes }: Verdict): readonly string[] {
  return votes.filter(({ vote }) => vote === "agrees").map(({ builder }) => builder);
}

function asText(verdict: Verdict): string {
  return fromUtf8(writeJson(verdictJson(verdict, { path: null, state: "none", elapsedMs: 0 })));
}

function broken({ peer, step, target }: Found, what: string): never {
  throw new InvariantError(`${peer}: ${what} (${target.file}, ${toHex(target.key)}, found at step ${step})`);
}
