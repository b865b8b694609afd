/** From a dropped file to a verdict: what is known of it is brought together, and all of it is checked here. */
import {
  asksForForm,
  collectFound,
  joinRaw,
  MAX_BUNDLE_BYTES,
  MAX_POLICY_BYTES,
  MAX_RULE_STEPS,
  ProtocolError,
  readBundleFile,
  readPolicy,
  stepFiles,
  stepName,
  toHex,
} from "../../protocol/index.ts";
import type { Bundle, FileForm, Policy, RawFindings, Target } from "../../protocol/index.ts";
import { readClaims, readTargets } from "./answers.ts";
import { ask, send } from "./ask.ts";
import { readFound } from "./found.ts";
import type { Found } from "./found.ts";
import { candidates, candidatesIn, judgeFile, keysAsked } from "./judging.ts";
import type { Circumstances, DroppedFile, Judgement } from "./judging.ts";
import { formOf } from "./normal-form.ts";
import { checkStatement } from "./statement.ts";
import type { Statement } from "./statement.ts";

export interface NamedPolicy {
  readonly policy: Policy;
  readonly name: string;
  /** The reader brought it: it is not the node's. */
  readonly isBrought: boolean;
}

export interface NamedBundle {
  readonly name: string;
  readonly bundle: Bundle;
}

/** What is to be checked, and by what. */
export interface Case {
  readonly file: DroppedFile;
  readonly policy: NamedPolicy | null;
  readonly bundle: NamedBundle | null;
  /** Ask the node that served the page; else what was brought has to do. */
  readonly hasNode: boolean;
  /** The node asks other nodes too. */
  readonly isWide: boolean;
  /** The network of the node; null without one. */
  readonly network: string | null;
  /** What the reader chose among several packages: hex key of a target; null = not chosen. */
  readonly chosen: string | null;
}

export interface Result {
  /** What the file may be; the first, or the chosen one, is what it was judged as. */
  readonly targets: readonly Target[];
  readonly target: Target | null;
  /** Null where nobody says what the file is, or there is no policy. */
  readonly judgement: Judgement | null;
  /** Without a policy: who says what of it, each checked. */
  readonly statements: readonly Statement[];
  readonly network: string;
}

/** Statements shown where there is no policy. */
const STATEMENTS_SHOWN = 100;
/** The network where nothing says which. */
const DEFAULT_NETWORK = "main";
const WIDE_MS = 10_000;

/** Reads a policy that the reader brought. Rejects with words for people. */
export async function openPolicy(file: File): Promise<NamedPolicy> {
  const bytes = await octetsOf(file, MAX_POLICY_BYTES);
  return { policy: readPolicy(bytes, file.name), name: file.name, isBrought: true };
}

/** Reads a bundle that the reader brought; nothing of it is checked yet. Rejects with words for people. */
export async function openBundle(file: File): Promise<NamedBundle> {
  return { name: file.name, bundle: readBundleFile(await octetsOf(file, MAX_BUNDLE_BYTES)) };
}

async function octetsOf(file: File, most: number): Promise<Uint8Array> {
  if (file.size > most)
    throw new ProtocolError(
      "bytes/too-big",
      `${file.name} has ${file.size} octets; at most ${most} are read`,
    );
  return new Uint8Array(await file.arrayBuffer());
}

/** Rejects with words for people: where the node does not answer, and where a bundle does not hold. */
export async function check(one: Case, now: number): Promise<Result> {
  const { file, bundle, policy, chosen } = one;
  const network = one.network ?? bundle?.bundle.made?.network ?? DEFAULT_NETWORK;
  if (bundle !== null && policy !== null)
    await collectFound(bundle.bundle, { policy: policy.policy, network, strict: true });
  const targets = await targetsOf(one);
  const target = targets.find(({ keyHex }) => keyHex === chosen) ?? targets[0] ?? null;
  const found = one.hasNode ? await askFor(one, target, [{ target, sha256: file.sha256 }]) : null;
  const raw = joinRaw([found?.raw, bundle?.bundle].filter((each) => each !== undefined));
  const rest = { targets, target, network };
  if (target === null || policy === null) {
    const some = raw.entries.slice(0, STATEMENTS_SHOWN);
    const statements = await Promise.all(some.map((entry) => checkStatement(entry, raw.heads, network)));
    return { ...rest, judgement: null, statements };
  }
  const judgement = await judgeSteps(one, target, { policy: policy.policy, network, now }, { found, raw });
  return { ...rest, judgement, statements: [] };
}

/** Judges; where the policy's rule has steps, round by round, since only who did a step says which file the one before was about. */
async function judgeSteps(
  one: Case,
  target: Target,
  by: Pick<Circumstances, "policy" | "network" | "now">,
  given: { readonly found: Found | null; readonly raw: RawFindings },
): Promise<Judgement> {
  const { file, hasNode } = one;
  const artifact = { sha256: file.sha256, name: file.name, target, inside: null };
  const isAsking = file.octets !== undefined && asksForForm(artifact, by.policy);
  const form = isAsking ? { form: await formOnce(file.octets) } : {};
  const asked = new Set([stepName(artifact)]);
  let { raw } = given;
  let [peers, ended] = [given.found?.peers ?? 0, given.found?.ended ?? true];
  for (;;) {
    const judgement = await judgeFile(file, target, raw, { ...by, ...form, strict: false, peers, ended });
    const fresh = stepFiles(judgement.verdict).filter((step) => !asked.has(stepName(step)));
    if (!hasNode || fresh.length === 0 || asked.size > 2 * MAX_RULE_STEPS) return judgement;
    for (const step of fresh) asked.add(stepName(step));
    const more = await askFor(one, target, fresh);
    raw = joinRaw([raw, more.raw]);
    [peers, ended] = [Math.max(peers, more.peers), ended && more.ended];
  }
}

/** By the file: it is read once, however often it is judged. */
const forms = new WeakMap<Blob, Promise<FileForm>>();

function formOnce(octets: Blob): Promise<FileForm> {
  const known = forms.get(octets) ?? formOf(octets);
  forms.set(octets, known);
  return known;
}

/** What those who state these octets say that the file is; else who has a file of this name. */
async function targetsOf({ file, bundle, hasNode }: Case): Promise<readonly Target[]> {
  const inBundle = bundle === null ? [] : candidatesIn(bundle.bundle, file);
  if (!hasNode) return inBundle;
  const same = candidates(await ask(`/v1/targets?sha256=${toHex(file.sha256)}`, readClaims));
  const { targets } = await ask(`/v1/targets?q=${encodeURIComponent(file.name)}`, readTargets);
  const named = candidates(targets.filter((one) => one.file === file.name));
  const all = [...same, ...inBundle, ...named].map((target) => [target.keyHex, target] as const);
  return [...new Map(all).values()];
}

async function askFor(
  { policy, isWide }: Case,
  target: Target | null,
  files: readonly { readonly target: Target | null; readonly sha256: Uint8Array }[],
): Promise<Found> {
  const builders = policy === null || target === null ? [] : keysAsked(policy.policy, target);
  const question = {
    targets: files.flatMap((file) => file.target?.keyHex ?? []),
    sha256: files.map(({ sha256 }) => toHex(sha256)),
    ...(builders.length === 0 ? {} : { builders }),
    network: isWide,
    ...(isWide ? { deadline_ms: WIDE_MS } : {}),
  };
  return send("/v1/query", question, readFound);
}
