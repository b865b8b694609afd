/** Many reports of one matter as one alert: the same whatever order they come in. */
import { evidenceId } from "../evidence/index.ts";
import { fromHex } from "../bytes/index.ts";
import { MAX_ALERT_FINDINGS, MAX_ALERT_VOICES } from "../limits.ts";
import type { AlertKind } from "./kinds.ts";
import type { BookedAlert, Matter, Voice } from "./types.ts";
import { signerOf } from "./who.ts";

/** No report that it goes on: later than all. */
const NEVER: number = Number.MAX_SAFE_INTEGER;

/**
 * The stable id of what a report is about, 64 hex digits: of a contradiction between builders the target and step, whoever joins it; of
 * everything else kind, keys, target and step.
 */
export function matterId({
  kind,
  keys,
  target,
  step,
}: Pick<Matter, "kind" | "keys" | "target" | "step">): string {
  const is = namedAlike(kind);
  const of = target === null ? null : fromHex(target.key);
  return evidenceId(`alert ${is} ${step ?? ""}`, is === "contradiction" && of !== null ? [] : keys, of);
}

/** Evidence has a narrower name for a contradiction between two. */
export function namedAlike(kind: AlertKind): AlertKind {
  return kind === "disagreement" ? "contradiction" : kind;
}

/** One report alone. */
export function alertOfMatter(matter: Matter): BookedAlert {
  const { id, number, keys, target, step, time, difference, voices, ended } = matter;
  return {
    id: matterId(matter),
    kind: namedAlike(matter.kind),
    findings: [id],
    number,
    signers: smallest(keys.map(signerOf), MAX_ALERT_VOICES),
    target,
    step,
    since: ended ? NEVER : time,
    time: ended ? 0 : time,
    difference,
    voices: mergeVoices(voices, []),
    endedAt: ended ? time : null,
    acknowledged: null,
    told: null,
  };
}

/** Both together; what was told of `before`, and who has seen to it, stays as it is. */
export function mergeAlerts(before: BookedAlert, more: BookedAlert): BookedAlert {
  return {
    ...before,
    findings: smallest([...before.findings, ...more.findings], MAX_ALERT_FINDINGS),
    number: Math.max(before.number, more.number),
    signers: smallest([...before.signers, ...more.signers], MAX_ALERT_VOICES),
    since: Math.min(before.since, more.since),
    time: Math.max(before.time, more.time),
    difference: before.difference && more.difference,
    voices: mergeVoices(before.voices, more.voices),
    endedAt: later(before.endedAt, more.endedAt),
  };
}

/** A claim that was taken back stays so (RULES R17). */
function mergeVoices(some: readonly Voice[], others: readonly Voice[]): readonly Voice[] {
  const all = new Map<string, Voice>();
  for (const voice of [...some, ...others]) {
    const name = `${voice.signer} ${voice.sha256}`;
    if (all.get(name)?.withdrawn !== true) all.set(name, voice);
  }
  return smallest([...all.keys()], MAX_ALERT_VOICES).flatMap((name) => all.get(name) ?? []);
}

/** The first `most` in order, each once: of sets that are joined in any order the same ones. */
function smallest(names: readonly string[], most: number): readonly string[] {
  return [...new Set(names)].sort().slice(0, most);
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
