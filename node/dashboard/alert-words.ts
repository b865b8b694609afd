/** Findings as alerts: those of one matter together, with its weight and its words by the policy that the node has. */
import {
  ALERT_KINDS,
  alertOfMatter,
  alertWords,
  fromHex,
  matterId,
  parseTarget,
  ProtocolError,
  readPolicy,
  severityOf,
  signerOf,
} from "../../protocol/index.ts";
import type { AlertTarget, Matter, Policy, Severity, Voice } from "../../protocol/index.ts";
import type { NodePolicy } from "./answers.ts";
import type { Finding, Side } from "./finding.ts";
import type { MatrixTarget } from "./picture.ts";

/** All findings of one matter: where one builder stands against four, there are four. */
export interface Alert {
  readonly id: string;
  /** At least one, the newest first. */
  readonly findings: readonly [Finding, ...Finding[]];
  /** Somebody has taken note of all of them. */
  readonly isAcknowledged: boolean;
}

export interface Told {
  readonly severity: Severity;
  readonly headline: string;
  readonly sentences: readonly string[];
  /** A command line; null where there is nothing to check but one's own eyes. */
  readonly check: string | null;
}

/** Alerts, those with the newest findings first; findings of kinds that are not known here are left out. */
export function alertsOf(findings: readonly Finding[]): readonly Alert[] {
  const groups = Map.groupBy(
    findings.flatMap((finding) => {
      const matter = matterOfFinding(finding, []);
      return matter === null ? [] : [{ finding, id: matterId(matter) }];
    }),
    ({ id }) => id,
  );
  return [...groups].flatMap(([id, some]) => {
    const [first, ...rest] = some.map(({ finding }) => finding).toSorted((a, b) => b.number - a.number);
    if (first === undefined) return [];
    const all: Alert["findings"] = [first, ...rest];
    return [{ id, findings: all, isAcknowledged: all.every(({ acknowledged }) => acknowledged !== null) }];
  });
}

/** Those that nobody has taken note of. */
export function openAlerts(findings: readonly Finding[]): readonly Alert[] {
  return alertsOf(findings).filter(({ isAcknowledged }) => !isAcknowledged);
}

/** What is known of who got what of a file: as the node counts it (null = it did not say), and as proofs that hold show it. */
export interface Known {
  readonly row: MatrixTarget | null;
  readonly sides: readonly Side[];
}

/** What is to be said of an alert. */
export function tellAlert(
  { findings }: Alert,
  { row, sides }: Known,
  policies: readonly NodePolicy[],
  now: number,
): Told {
  const [first] = findings;
  const strangers = strangersIn(row, policies);
  const known = sides.filter(({ key }) => !strangers.has(key));
  const voices = [...voicesIn(row, first.step), ...known.flatMap(voiceOf)];
  const matter = matterOfFinding(first, voices);
  if (matter === null) return { severity: "warning", headline: first.kind, sentences: [], check: null };
  const keys = findings.flatMap((finding) => keysOf(finding));
  const difference = findings.every((finding) => finding.difference);
  const alert = alertOfMatter({ ...matter, keys, difference });
  const policy = policyOf(policies);
  const words = alertWords(alert, policy, now);
  // What it means hangs on who got what: nothing is said of that before it is known.
  const isKnown = alert.kind !== "contradiction" || voices.length > 0;
  // Who got what stands beside it, in full.
  const sentences = isKnown ? words.sentences.filter((sentence) => !GOT.test(sentence)) : [];
  return { ...words, severity: severityOf(alert, policy, now), sentences };
}

function matterOfFinding(finding: Finding, voices: readonly Voice[]): Matter | null {
  const kind = ALERT_KINDS.find((name) => name === finding.kind);
  if (kind === undefined) return null;
  const { id, number, step, time, difference } = finding;
  const target = targetOf(finding);
  return { kind, id, number, keys: keysOf(finding), target, step, time, difference, voices, ended: false };
}

function keysOf({ keys }: Finding): readonly Uint8Array[] {
  return keys.flatMap((key) => tried(() => fromHex(key)) ?? []);
}

function targetOf({ purl, file }: Finding): AlertTarget | null {
  if (purl === null || file === null) return null;
  return tried(() => ({ purl, file, key: parseTarget(purl, file).keyHex }));
}

/**
 * Keys that the node does not count and no policy names: whatever they say, an alert weighs as much as it does without them (I6). What a builder
 * proved of itself stays, though its feed has forked since.
 */
export function strangersIn(row: MatrixTarget | null, policies: readonly NodePolicy[]): ReadonlySet<string> {
  const named = new Set(policies.flatMap(({ builders }) => builders.flatMap(({ keys }) => keys)));
  const apart = (row?.cells ?? []).filter(({ isCounted, builder }) => !isCounted && !named.has(builder));
  return new Set(apart.map(({ builder }) => builder));
}

/** Of those whom the node counts. */
function voicesIn(row: MatrixTarget | null, step: string | null): readonly Voice[] {
  return (row?.cells ?? []).flatMap((cell): readonly Voice[] => {
    const isOfIt = cell.isCounted && cell.kind === "positive" && (step === null || cell.step === step);
    const key = tried(() => fromHex(cell.builder));
    if (!isOfIt || cell.sha256 === null || key === null) return [];
    return [{ signer: signerOf(key), sha256: cell.sha256, withdrawn: cell.isRetracted }];
  });
}

function voiceOf({ key, sha256 }: Side): readonly Voice[] {
  const octets = tried(() => fromHex(key));
  return octets === null ? [] : [{ signer: signerOf(octets), sha256, withdrawn: false }];
}

/** `alice and bob got 01234567….` */
const GOT = / got [0-9a-f]{8}\u2026\.$/;

const read = new WeakMap<NodePolicy, { readonly policy: Policy | null }>();

/** The first policy of the node; null where it has none, or one that can't be read here. */
export function policyOf([first]: readonly NodePolicy[]): Policy | null {
  if (first === undefined) return null;
  const known = read.get(first);
  if (known !== undefined) return known.policy;
  const policy = tried(() => readPolicy(first.text, first.name));
  read.set(first, { policy });
  return policy;
}

/** What the node hands out may be anything. */
function tried<Value>(make: () => Value): Value | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
