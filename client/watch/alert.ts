import {
  checkEvidence,
  describeEvidence,
  formatTime,
  idOfEvidence,
  isJsonArray,
  isJsonObject,
  keysOfEvidence,
  ProtocolError,
  readJson,
  rulesFor,
  toHex,
  writeEvidence,
} from "../../protocol/index.ts";
import type {
  Acknowledged,
  Evidence,
  FindingKind,
  JsonValue,
  ObservationKind,
  Policy,
  Target,
} from "../../protocol/index.ts";
import type { NotedFinding } from "../edges.ts";
import { revokedIn, revokedInWords } from "./revoked.ts";

/** One thing that somebody should look at. */
export interface Alert {
  /** Number of the finding at the node that told of it: `--since` goes on from there. */
  readonly number: number;
  /** `fork`, `bad-leaf`, `self-contradiction`, `disagreement`; without evidence, what the node observed: an `ObservationKind`. */
  readonly kind: string;
  readonly id: string;
  /** Raw keys or SPKI of whom it concerns. */
  readonly keys: readonly Uint8Array[];
  readonly target: Target | null;
  readonly step: string | null;
  /** ms since 1970, when the node found it. */
  readonly time: number;
  /** Recorded inputs or environments differ, which may explain it. */
  readonly difference: boolean;
  readonly evidence: Evidence | null;
  readonly text: readonly string[];
  /** Who has seen to it, as far as it is known; null = nobody. */
  readonly acknowledged: Acknowledged | null;
}

/**
 * What a finding comes to by its own evidence: the node's word counts for nothing where there is a proof. Null where the proof does not
 * hold (RULES R23, I10).
 */
export async function alertOf(finding: NotedFinding): Promise<Alert | null> {
  if (finding.evidence === null) return observation(finding);
  let evidence: Evidence;
  try {
    evidence = await checkEvidence(finding.evidence);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
  const contradiction = "target" in evidence ? evidence : null;
  return {
    number: finding.number,
    kind: evidence.kind,
    id: idOfEvidence(evidence),
    keys: keysOfEvidence(evidence),
    target: contradiction?.target ?? null,
    step: contradiction?.step ?? null,
    time: finding.time,
    difference: contradiction?.difference ?? false,
    evidence,
    text: describeEvidence(evidence),
    acknowledged: finding.acknowledged ?? null,
  };
}

/** What one node saw: there is nothing to prove it with (RULES R18). */
function observation(finding: NotedFinding): Alert | null {
  const { number, kind, id, keys, time } = finding;
  const text = OBSERVED.get(kind);
  if (text === undefined) return null;
  return {
    number,
    kind,
    id,
    keys,
    target: null,
    step: null,
    time,
    difference: false,
    evidence: null,
    text,
    acknowledged: finding.acknowledged ?? null,
  };
}

const OBSERVED: ReadonlyMap<FindingKind, readonly string[]> = new Map<ObservationKind, readonly string[]>([
  ["withheld", ["WITHHELD: a feed shows a head, and nobody hands out the entries below it."]],
  ["silent", ["SILENT: a feed that is followed was not heard of for long."]],
  [
    "stale",
    [
      "STALE: others still show a feed that is followed, but its own key has said nothing for hours.",
      "Its publisher may be off, or somebody holds newer entries back. It is over as soon as the feed bears a fresh time again.",
    ],
  ],
  [
    "rollback",
    [
      "ROLLBACK: a feed's key said that a smaller feed was its newest state, after it had already said so of a larger one.",
      "A lagging mirror can't bring that about: whoever has the key signed it, over an older copy or to hide the newest entries.",
    ],
  ],
  [
    "own-elsewhere",
    [
      "OWN FEED ELSEWHERE: others hold a head of this node's own feed that its store lacks.",
      "The store is older than the feed, or somebody else signs with its key. Nothing is published any more: see samebits status, samebits feed recover.",
    ],
  ],
  [
    "refuted",
    [
      "REFUTED: somebody sent a proof against these keys that does not hold.",
      "Nothing is proven against them, and the sender was hung up on: somebody tried to make them look guilty.",
    ],
  ],
]);

/** One line of `samebits watch` (protocol/spec/alert.schema.json), by the policy as it is at `now`. */
export function alertObject(alert: Alert, policy: Policy | null, now: number): object {
  const { number, kind, id, keys, target, step, time, difference, evidence, text } = alert;
  const revoked = policy === null ? keys.map(() => null) : revokedIn(policy, keys, now);
  const notes = revoked.flatMap((one) => (one === null ? [] : revokedInWords(kind, one)));
  return {
    samebits: 1,
    event: "alert",
    number,
    kind,
    id,
    builders: keys.map((key) => (policy === null ? null : builderOf(policy, key))),
    keys: keys.map(toHex),
    revoked: revoked.map((one) => (one === null ? null : formatTime(one.revocation.atMs))),
    target: target === null ? null : { purl: target.purl, file: target.file, key: target.keyHex },
    rule: policy === null || target === null ? null : (rulesFor(policy, target.purl)[0]?.name ?? null),
    step,
    time: new Date(time).toISOString(),
    difference,
    text: [...text, ...notes],
    evidence: evidence === null ? null : evidenceObject(evidence),
  };
}

/** Whether an alert concerns a builder of the policy. */
export function concerns(policy: Policy, { keys }: Pick<Alert, "keys">): boolean {
  return keys.some((key) => builderOf(policy, key) !== null);
}

function builderOf(policy: Policy, raw: Uint8Array): string | null {
  const hex = toHex(raw);
  for (const { name, keys, feeds } of policy.builders.values()) {
    if (keys.some((key) => toHex(key.raw) === hex) || feeds.some((feed) => feed.endsWith(`/${hex}`)))
      return name;
  }
  return null;
}

/** The evidence file as an object: written as a line, `evidence check` takes it. */
function evidenceObject(evidence: Evidence): unknown {
  const octets = writeEvidence(evidence);
  return plainJson(readJson(octets, { maxBytes: octets.length }));
}

/** Our own JSON, whose names we chose, as what JSON.stringify takes. */
function plainJson(value: JsonValue): unknown {
  if (isJsonObject(value)) {
    return Object.fromEntries([...value].map(([name, item]) => [name, plainJson(item)] as const));
  }
  return isJsonArray(value) ? value.map(plainJson) : value;
}

/** Whether an alert is about one of these packages; what is about a feed concerns all. */
export function isAbout(purls: ReadonlySet<string>, { target }: Alert): boolean {
  return target === null || purls.has(target.purl);
}
