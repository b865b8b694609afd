/** What is told of an alert or a digest: the JSON object, and what sinks pick out of it. */
import {
  alertWords,
  digestWords,
  keyOfSigner,
  nameOf,
  pictureOf,
  rulesFor,
  sha256Hex,
  stateOf,
  utf8,
  voicesOf,
} from "../../protocol/index.ts";
import type {
  Acknowledged,
  AlertEvent,
  AlertKind,
  BookedAlert,
  Change,
  Digest,
  Matter,
  Policy,
  Severity,
} from "../../protocol/index.ts";
import type { Told } from "../edges.ts";
import { alertObject } from "./alert.ts";
import type { Alert } from "./alert.ts";

/** By whose policy, and when (ms since 1970). */
export interface Circumstances {
  readonly policy: Policy | null;
  readonly now: number;
}

/** An alert of the stream as a report for the book. */
export function matterOfAlert(alert: Alert): Matter {
  const { evidence, target, step, keys, number, id, time, difference } = alert;
  const key = target?.keyHex ?? "";
  const voices =
    evidence !== null && "a" in evidence && "step" in evidence
      ? voicesOf([evidence.a, evidence.b], key, evidence.step, null)
      : [];
  const of = target === null ? null : { purl: target.purl, file: target.file, key };
  return {
    kind: alert.kind as AlertKind,
    id,
    number,
    keys,
    target: of,
    step,
    time,
    difference,
    voices,
    ended: false,
  };
}

/** What the book knows of an alert, for its JSON object. */
export function bookedMembers(
  alert: BookedAlert,
  { change, severity }: { readonly change: Change; readonly severity: Severity },
  { policy, now }: Circumstances,
): object {
  const { headline, sentences, check } = alertWords(alert, policy, now);
  const { stance, camps } = pictureOf(alert.voices, policy, now);
  return {
    matter: alert.id,
    severity,
    state: stateOf(alert, policy, now),
    change,
    since: timeOf(alert.since),
    headline,
    sentences,
    check,
    picture:
      alert.voices.length === 0
        ? null
        : {
            stance,
            camps: camps.map(({ sha256, signers, count }) => ({
              sha256,
              builders: signers.map((signer) => nameOf(policy, signer)),
              count,
            })),
          },
    acknowledged: acknowledgedObject(alert.acknowledged),
  };
}

export function acknowledgedObject(acknowledged: Acknowledged | null): object | null {
  if (acknowledged === null) return null;
  const { time, note } = acknowledged;
  return { time: time === null ? null : timeOf(time), note };
}

/** An event of the book. `base`: the object of the alert that brought it; null = it changed with no finding of its own. */
export function toldOf(event: AlertEvent, base: object | null, circumstances: Circumstances): Told {
  return event.event === "digest" ? toldOfDigest(event.digest) : toldOfAlert(event, base, circumstances);
}

function toldOfAlert(
  event: Extract<AlertEvent, { readonly event: "alert" }>,
  base: object | null,
  { policy, now }: Circumstances,
): Told {
  const { alert, change, severity } = event;
  const members = bookedMembers(alert, event, { policy, now });
  const { headline, sentences, check } = alertWords(alert, policy, now);
  const line = JSON.stringify({ ...(base ?? bareObject(alert, { policy, now })), ...members });
  return {
    event: "alert",
    delivery: sha256Hex(
      utf8(`${alert.id} ${change} ${alert.number} ${severity} ${alert.voices.length} ${alert.time}`),
    ),
    matter: alert.id,
    kind: alert.kind,
    severity,
    state: stateOf(alert, policy, now),
    change,
    since: alert.since,
    headline,
    sentences,
    check,
    purl: alert.target?.purl ?? null,
    builders: alert.signers.map((signer) => nameOf(policy, signer)),
    line,
  };
}

/** What is told of it where no finding is at hand: its evidence was told when it was found. */
function bareObject(alert: BookedAlert, { policy, now }: Circumstances): object {
  const signers = alert.signers.filter((signer) => keyOfSigner(signer) !== null);
  const { headline, sentences } = alertWords(alert, policy, now);
  const named = (signer: string): string | null => {
    const name = nameOf(policy, signer);
    return policy?.builders.has(name) === true ? name : null;
  };
  return {
    samebits: 1,
    event: "alert",
    number: alert.number,
    kind: alert.kind,
    id: alert.findings[0] ?? alert.id,
    builders: signers.map(named),
    keys: signers,
    revoked: signers.map(() => null),
    target: alert.target,
    rule:
      policy === null || alert.target === null
        ? null
        : (rulesFor(policy, alert.target.purl)[0]?.name ?? null),
    step: alert.step,
    time: timeOf(alert.time),
    difference: alert.difference,
    text: [headline, ...sentences],
    evidence: null,
  };
}

function toldOfDigest(digest: Digest): Told {
  const { headline, sentences, check } = digestWords(digest);
  const { id, from, to, since, until, count, kinds, severities, builders, others } = digest;
  const object = {
    samebits: 1,
    event: "digest",
    id,
    from,
    to,
    since: timeOf(since),
    until: timeOf(until),
    count,
    kinds: Object.fromEntries(kinds),
    severities: Object.fromEntries(severities),
    builders: [...builders].map(([builder, number]) => ({ builder, count: number })),
    others,
    headline,
    sentences,
    check,
  };
  const worst = (["critical", "warning", "info"] as const).find((severity) => severities.has(severity));
  return {
    event: "digest",
    delivery: id,
    matter: id,
    kind: "digest",
    severity: worst ?? "info",
    state: "open",
    change: null,
    since,
    headline,
    sentences,
    check,
    purl: null,
    builders: [...builders.keys()],
    line: JSON.stringify(object),
  };
}

/** The object of an alert as `watch` prints it: as it was found, and what the book makes of it. */
export function lineObject(
  alert: Alert,
  booked: { readonly alert: BookedAlert; readonly change: Change; readonly severity: Severity },
  { policy, now }: Circumstances,
): object {
  return { ...alertObject(alert, policy, now), ...bookedMembers(booked.alert, booked, { policy, now }) };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
