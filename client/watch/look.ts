/** What a running node knows of alerts that go on: who else has said something of a target, what was taken back, whether a feed is heard again, who has seen to it. */
import {
  fromHex,
  keyOfSigner,
  parseAttestation,
  ProtocolError,
  publicKeyOf,
  tried,
  usableTime,
  verifyHead,
  verifyWith,
  voicesOf,
} from "../../protocol/index.ts";
import type { Acknowledged, BookedAlert, HeadView, Matter, Policy, Verified } from "../../protocol/index.ts";
import type { NodeApi } from "../source/index.ts";

export interface Looks {
  /** Which of these somebody has seen to. */
  acknowledged(alerts: readonly BookedAlert[]): Promise<readonly Seen[]>;
  /** What is said of their targets by now, as further reports of them. */
  pictures(alerts: readonly BookedAlert[], policy: Policy | null): Promise<readonly Matter[]>;
  /** The same, and which of them are over. */
  news(alerts: readonly BookedAlert[], policy: Policy | null): Promise<readonly Matter[]>;
}

export interface Seen {
  /** Of the alert. */
  readonly id: string;
  readonly acknowledged: Acknowledged;
}

/** Alerts that are looked at in one round, those that changed last. */
const MAX_LOOKED_AT = 100;
const DEADLINE_MS = 5_000;

/** Asks the node at this address. What can't be asked now is asked in the next round: `failed` hears why. */
export function looksAt(api: NodeApi, failed: (error: unknown) => void): Looks {
  const orNothing = async <Item>(ask: () => Promise<readonly Item[]>): Promise<readonly Item[]> => {
    try {
      return await ask();
    } catch (error) {
      failed(error);
      return [];
    }
  };
  return {
    acknowledged: (alerts) => orNothing(() => whoHasSeen(api, alerts.slice(-MAX_LOOKED_AT))),
    pictures: (alerts, policy) => orNothing(() => pictures(api, alerts, policy)),
    news: (alerts, policy) =>
      orNothing(async () => {
        const newest = alerts.slice(-MAX_LOOKED_AT);
        const over = await endings(
          api,
          newest.filter(({ kind }) => OF_FEEDS.has(kind)),
        );
        return [...(await pictures(api, newest, policy)), ...over];
      }),
  };
}

async function whoHasSeen(api: NodeApi, alerts: readonly BookedAlert[]): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (const { id, findings, number } of alerts) {
    // Number 0 is of no node.
    for (const finding of number === 0 ? [] : findings) {
      const acknowledged = await api.acknowledged(finding);
      if (acknowledged === null) continue;
      seen.push({ id, acknowledged });
      break;
    }
  }
  return seen;
}

/** Reports of what is claimed of targets that are contradicted. Signatures are checked here; of keys that a policy has revoked all is left as it is. */
async function pictures(
  api: NodeApi,
  alerts: readonly BookedAlert[],
  policy: Policy | null,
): Promise<readonly Matter[]> {
  const contradicted = alerts.filter(({ kind }) => kind === "contradiction" || kind === "self-contradiction");
  const targets = contradicted.flatMap(({ target }) => (target === null ? [] : [fromHex(target.key)]));
  if (targets.length === 0) return [];
  const question = { targets, digests: [], builders: [] };
  const { found } = await api.find(question, { network: false, deadlineMs: DEADLINE_MS });
  const verified: Verified[] = [];
  for (const { entry, signer } of found) {
    const one = await verifiedOf(entry, signer);
    if (one !== null) verified.push(one);
  }
  return contradicted.flatMap((alert): readonly Matter[] => {
    const { kind, target, step, findings, number, time, difference, signers } = alert;
    if (target === null || step === null) return [];
    const voices = voicesOf(verified, target.key, step, policy).filter(
      ({ signer }) => kind === "contradiction" || signers.includes(signer),
    );
    const keys = signers.flatMap((signer) => keyOfSigner(signer) ?? []).map((hex) => fromHex(hex));
    const [id = alert.id] = findings;
    return [{ kind, id, number, keys, target, step, time, difference, voices, ended: false }];
  });
}

async function verifiedOf(entry: Uint8Array, signer: Uint8Array): Promise<Verified | null> {
  try {
    return await verifyWith(parseAttestation(entry), publicKeyOf(signer));
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** Kinds that are over as soon as a feed shows it. */
const OF_FEEDS: ReadonlySet<string> = new Set(["silent", "stale", "withheld"]);

/** Reports of feeds that have shown a time after they were said to be silent, or whose entries have come. */
async function endings(api: NodeApi, alerts: readonly BookedAlert[]): Promise<readonly Matter[]> {
  if (alerts.length === 0) return [];
  const builders = alerts.flatMap(({ signers }) => signers.map((signer) => fromHex(signer)));
  const { heads } = await api.find(
    { targets: [], digests: [], builders },
    { network: false, deadlineMs: DEADLINE_MS },
  );
  return alerts.flatMap((alert): readonly Matter[] => {
    const { kind, findings, number, step, time, difference, signers } = alert;
    const head = heads.find(({ origin }) => signers.some((signer) => origin.endsWith(`/${signer}`)));
    if (head === undefined) return [];
    const shown = usableTime(timeOf(head), Date.now());
    const over = kind === "withheld" ? head.state !== "withheld" : shown !== null && shown > time;
    if (!over) return [];
    const ends = kind === "withheld" ? Math.max(time, Date.now()) : (shown ?? time);
    const keys = signers.map((signer) => fromHex(signer));
    const [id = alert.id] = findings;
    return [{ kind, id, number, keys, target: null, step, time: ends, difference, voices: [], ended: true }];
  });
}

/** The newest time that a feed's own key has signed, ms since 1970. */
function timeOf({ timed }: HeadView): number | null {
  if (timed === null) return null;
  const time = tried(() => verifyHead(timed))?.time ?? null;
  return time === null ? null : 1_000 * time;
}
