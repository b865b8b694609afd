/** One signed statement with its proof, checked here from its octets alone: the signature, its place in a feed, and the feed's head. */
import {
  fromBase64Either,
  isAhead,
  isJsonArray,
  isJsonObject,
  MAX_ENTRY_BYTES,
  parseAttestation,
  ProtocolError,
  publicKeyOf,
  readJson,
  toHex,
  usableTime,
  verifyCheckpoint,
  verifyEntry,
  verifyWith,
} from "../../protocol/index.ts";
import type { Claim, JsonValue, RawEntry, RawHead } from "../../protocol/index.ts";
import { when } from "./words.ts";

/** One thing that was checked: that it holds, and what was found, or why it does not. */
export interface Check {
  readonly holds: boolean;
  readonly words: string;
}

export interface Statement {
  /** Raw key of the signer, in hex. */
  readonly signer: string;
  readonly signature: Check;
  readonly inclusion: Check;
  /** Origin and index of the entry, where its proof holds. */
  readonly place: { readonly origin: string; readonly index: number } | null;
  /** Empty where the signature does not hold. */
  readonly claims: readonly Claim[];
  readonly predicate: string;
  /** ms since 1970 of the earliest time line of the feed over this entry, checked; null where none is known. */
  readonly seen: number | null;
  /** What was signed, as JSON for people. */
  readonly text: string;
  /** Addresses of diffoscope's reports that the statement names. */
  readonly reports: readonly string[];
}

const INDENT = 2;

/** Checks an entry and says of each part whether it holds. Never rejects. */
export async function checkStatement(
  raw: RawEntry,
  heads: readonly RawHead[],
  network: string,
): Promise<Statement> {
  const signature = await checkSignature(raw);
  const inclusion = checkPlace(raw, network);
  const payload = payloadOf(raw.entry);
  return {
    signer: toHex(raw.signer),
    signature: signature.check,
    inclusion: inclusion.check,
    place: inclusion.place,
    claims: signature.claims,
    predicate: signature.predicate,
    seen:
      inclusion.place === null
        ? null
        : timeOf(
            inclusion.place,
            [{ checkpoint: raw.checkpoint, timed: null, complete: false }, ...heads],
            network,
          ),
    text: payload === null ? "" : JSON.stringify(plain(payload), undefined, INDENT),
    reports: payload === null ? [] : [...new Set(reportsIn(payload, ""))],
  };
}

async function checkSignature({ entry, signer }: RawEntry): Promise<{
  readonly check: Check;
  readonly claims: readonly Claim[];
  readonly predicate: string;
}> {
  try {
    const attestation = parseAttestation(entry);
    const verified = await verifyWith(attestation, publicKeyOf(signer));
    const { predicateType: predicate } = attestation;
    if (verified !== null)
      return { check: { holds: true, words: "signed by this key" }, claims: verified.claims, predicate };
    const words = "no signature in it is by the key that the node names";
    return { check: { holds: false, words }, claims: [], predicate };
  } catch (error) {
    return { check: { holds: false, words: fault(error) }, claims: [], predicate: "" };
  }
}

function checkPlace(raw: RawEntry, network: string): Pick<Statement, "place"> & { readonly check: Check } {
  try {
    const { head, index } = verifyEntry(raw, network);
    const words = `entry ${index} of ${head.size} under a head that the feed's key signed`;
    return { check: { holds: true, words }, place: { origin: head.origin, index } };
  } catch (error) {
    return { check: { holds: false, words: fault(error) }, place: null };
  }
}

/** The earliest time known at which the feed's own key confirmed a head that covers the entry. */
function timeOf(
  { origin, index }: NonNullable<Statement["place"]>,
  heads: readonly RawHead[],
  network: string,
): number | null {
  let earliest: number | null = null;
  for (const note of heads.flatMap(({ checkpoint, timed }) => [
    checkpoint,
    ...(timed === null ? [] : [timed]),
  ])) {
    try {
      const head = verifyCheckpoint(note, network);
      const time = head.time === null ? null : usableTime(1_000 * head.time, Date.now());
      if (head.origin !== origin || time === null || head.size <= index) continue;
      earliest = Math.min(earliest ?? Infinity, time);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error; // what does not hold gives no time
    }
  }
  return earliest;
}

/** Since when a statement is in its feed, as far as `seen` tells. */
export function seenWords(seen: number | null, now: number): string {
  if (seen === null) return "its key has not confirmed a time yet";
  return isAhead(seen, now)
    ? "its key confirms a time that is ahead of this clock, which says nothing"
    : `no later than ${when(seen)}, as the feed's key confirms`;
}

/** The words of a fault of what was handed over. Throws what is a fault of this program. */
export function fault(error: unknown): string {
  if (error instanceof ProtocolError) return `${error.message} (${error.code})`;
  throw error;
}

/** What an envelope's signatures sign, as far as it is JSON; null where it is none. */
function payloadOf(entry: Uint8Array): JsonValue | null {
  try {
    const outer = readJson(entry, { maxBytes: MAX_ENTRY_BYTES });
    if (!isJsonObject(outer)) return null;
    const payload = outer.get("payload");
    if (typeof payload !== "string") return outer.get("signed") ?? outer;
    return readJson(fromBase64Either(payload), { maxBytes: MAX_ENTRY_BYTES });
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** For JSON.stringify, which writes no maps. */
function plain(value: JsonValue): unknown {
  if (isJsonArray(value)) return value.map(plain);
  return isJsonObject(value)
    ? Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]))
    : value;
}

/** Addresses, of the web alone, that stand where the word diffoscope does: in the name of the member or in the address. */
function reportsIn(value: JsonValue, name: string): readonly string[] {
  if (isJsonArray(value)) return value.flatMap((item) => reportsIn(item, name));
  if (isJsonObject(value))
    return [...value].flatMap(([member, item]) => reportsIn(item, `${name} ${member}`));
  if (typeof value !== "string" || !`${name} ${value}`.toLowerCase().includes("diffoscope")) return [];
  const url = URL.parse(value);
  return url !== null && (url.protocol === "https:" || url.protocol === "http:") ? [url.href] : [];
}
