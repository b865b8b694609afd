import { fromUtf8, ProtocolError, toBase64, toHex } from "../../protocol/index.ts";
import type {
  Acknowledged,
  FindResult,
  FeedView,
  FoundEntry,
  HeadJoin,
  HeadView,
  PublishedEntry,
} from "../../protocol/index.ts";
import type { KeptFinding } from "../findings.ts";

/** JSON forms of what the engine hands out; `client/source/api.ts` reads them back and trusts none of them. */
export interface JsonRecord {
  readonly [name: string]: JsonItem;
}
export type JsonItem = null | boolean | number | string | readonly JsonItem[] | JsonRecord;

export function foundView(found: FoundEntry): JsonRecord {
  return {
    envelope: toBase64(found.entry),
    signer: toHex(found.signer),
    index: found.index,
    path: found.path.map(toHex),
    checkpoint: fromUtf8(found.checkpoint),
  };
}

export function headView(head: HeadView): JsonRecord {
  return {
    origin: head.origin,
    checkpoint: fromUtf8(head.checkpoint),
    size: head.size,
    held: head.held,
    indexed: head.indexed,
    timed: head.timed === null ? null : fromUtf8(head.timed),
    cosigned: head.cosigned.map(fromUtf8),
    state: head.state,
    class: head.class,
  };
}

/** What its key has not said by the time of its newest head is known not to have been said (RULES R21). */
export function isComplete({ size, held, indexed, timed, state }: HeadView): boolean {
  return held === size && indexed === size && timed !== null && state !== "forked";
}

/** The same with what became of the feed. */
export function feedView(feed: FeedView): JsonRecord {
  const { lifecycle, ending } = feed;
  return { ...headView(feed), lifecycle, ending: ending === null ? null : endingView(ending) };
}

function endingView(ending: NonNullable<FeedView["ending"]>): JsonRecord {
  const { successor, reason, time, carrier, index, after } = ending;
  return { successor, reason, time: new Date(time).toISOString(), origin: carrier, index, after };
}

function joinView({ small, large, proof }: HeadJoin): JsonRecord {
  return { small: fromUtf8(small), large: fromUtf8(large), proof: proof.map(toHex) };
}

/** Peers may hand out anything for a note: what is no text is none, and is left out. */
function isText(note: Uint8Array): boolean {
  try {
    fromUtf8(note);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

export function findView(result: FindResult): JsonRecord {
  return {
    samebits: 1,
    found: result.found.filter(({ checkpoint }) => isText(checkpoint)).map(foundView),
    heads: result.heads.map(headView),
    cosigned: result.cosigned.filter(isText).map(fromUtf8),
    joins: result.joins.filter(({ small, large }) => isText(small) && isText(large)).map(joinView),
    evidence: result.evidence.map(toBase64),
    peers: { asked: result.peers.asked, replied: result.peers.replied },
    dht: { asked: result.dht.asked, replied: result.dht.replied },
    ended: result.ended,
  };
}

export function publishedView(entries: readonly PublishedEntry[]): JsonRecord {
  return {
    samebits: 1,
    entries: entries.map(({ origin, index, known }) => ({ origin, index, known })),
  };
}

export function findingView(finding: KeptFinding): JsonRecord {
  return {
    samebits: 1,
    number: finding.number,
    kind: finding.kind,
    id: finding.id,
    keys: finding.keys.map(toHex),
    purl: finding.purl,
    file: finding.file,
    step: finding.step,
    time: new Date(finding.time).toISOString(),
    difference: finding.difference,
    acknowledged: acknowledgedView(finding.acknowledged ?? null),
    evidence: finding.evidence === null ? null : toBase64(finding.evidence),
  };
}

export function acknowledgedView(acknowledged: Acknowledged | null): JsonRecord | null {
  if (acknowledged === null) return null;
  const { time, note } = acknowledged;
  return { time: time === null ? null : new Date(time).toISOString(), note };
}
