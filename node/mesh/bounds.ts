/**
 * Bounds on what peers send, checked before any code of libp2p reads it.
 *
 * All that libp2p says is framed: names while a protocol is agreed on, messages afterwards, each with its length before it
 * in LEB128. `@libp2p/utils` 7.4 reads a length that never ends octet by octet and lets nothing else run meanwhile: 300 kB
 * of 0x80 from a stranger, on a bare connection, stop a node for ten seconds, since the limits of its callers are looked at
 * only when the length is whole. And kad-dht reads messages of up to 4 MB.
 */
import { AbstractMessageStream } from "@libp2p/utils";
import {
  concat,
  MAX_DHT_ANSWER_BYTES,
  MAX_DHT_QUESTION_BYTES,
  MAX_EARLY_BYTES,
  MAX_LENGTH_BYTES,
  MAX_NEGOTIATION_BYTES,
  MAX_QUESTION_BYTES,
  MAX_STREAM_BYTES,
  networkNames,
} from "../../protocol/index.ts";

/** Octets of one frame on a stream that a peer opened, and on one that we opened. */
interface StreamBounds {
  readonly inbound: number;
  readonly outbound: number;
}

/** What ends the agreement on a protocol, on a bare connection and on an encrypted one. */
const ENCRYPTION = "/noise";
const MUXER = "/yamux/1.0.0";
/** Its messages have one length, and no frame. */
const PING = "/ipfs/ping/1.0.0";
const CONTINUED = 0x80;
/** An answer's first octet says what it is. */
const OUTBOUND = MAX_STREAM_BYTES + 1;

type Data = Parameters<AbstractMessageStream["onData"]>[0];
type Take = (this: AbstractMessageStream, data: Data) => void;

const boundsOf = new Map<string, StreamBounds>();
let bounded = false;

/**
 * Sets the bounds of all connections of this process, and of the streams of one network. What is over them ends its
 * stream, and `faultOf` says so. All that a connection or stream brings goes through one method of theirs, which is why
 * the bounds stand there.
 */
export function setBounds(network: string): void {
  const names = networkNames(network);
  boundsOf.set(names.dhtProtocol, { inbound: MAX_DHT_QUESTION_BYTES, outbound: MAX_DHT_ANSWER_BYTES });
  boundsOf.set(names.tilesStream, { inbound: MAX_QUESTION_BYTES.tiles, outbound: OUTBOUND });
  boundsOf.set(names.queryStream, { inbound: MAX_QUESTION_BYTES.query, outbound: OUTBOUND });
  boundsOf.set(names.recordsStream, { inbound: MAX_QUESTION_BYTES.records, outbound: OUTBOUND });
  if (bounded) return;
  bounded = true;
  // oxlint-disable-next-line typescript/unbound-method -- called with its stream, below
  const take: Take = AbstractMessageStream.prototype.onData;
  const takeBounded: Take = function (data) {
    const fault = faultIn(this, data);
    if (fault === null) {
      take.call(this, data);
      return;
    }
    faults.set(this, fault);
    this.abort(new Error(fault));
  };
  AbstractMessageStream.prototype.onData = takeBounded;
}

/** What its sender did that no peer does who follows the rules; null for a stream that ended otherwise, or has not. */
export function faultOf(stream: object): string | null {
  return faults.get(stream) ?? null;
}

const faults = new WeakMap<object, string>();
const agreeing = new WeakMap<AbstractMessageStream, Agreement>();
const walks = new WeakMap<AbstractMessageStream, Walk>();

/** What is wrong with what came, or null. */
function faultIn(stream: AbstractMessageStream, data: Data): string | null {
  if ("protocol" in stream) {
    if (stream.protocol === PING) return null;
    const walk = walks.get(stream) ?? new Walk();
    walks.set(stream, walk);
    return walk.step(data, stream.direction, String(stream.protocol));
  }
  const agreement = agreeing.get(stream) ?? new Agreement("remoteAddr" in stream ? ENCRYPTION : MUXER);
  agreeing.set(stream, agreement);
  return agreement.step(data);
}

/** Where a stream is among its frames. */
class Walk {
  /** Octets of the frame in hand that are to come. */
  #left = 0;
  #length = 0;
  #digits = 0;
  /** Octets that came before the protocol was agreed on. */
  #early = 0;

  step(data: Data, direction: "inbound" | "outbound", protocol: string): string | null {
    if (protocol === "") {
      this.#early += data.byteLength;
      // Whoever answers may go on at once, as identify does; whoever asks waits for the answer (protocol/spec/wire.md).
      const most = direction === "inbound" ? MAX_NEGOTIATION_BYTES : MAX_EARLY_BYTES;
      if (this.#early > most) return `more than ${most} octets before a protocol was agreed on`;
    }
    const most = boundsOf.get(protocol)?.[direction] ?? Infinity;
    for (let at = 0; at < data.byteLength;) {
      const skipped = Math.min(this.#left, data.byteLength - at);
      at += skipped;
      this.#left -= skipped;
      if (at === data.byteLength) break;
      if (!this.#digit(octetAt(data, at++))) return `a length of more than ${MAX_LENGTH_BYTES} octets`;
      if (this.#left > most) return `a frame of ${this.#left} octets where ${most} are the most`;
    }
    return null;
  }

  /** One more octet of a length; false if there are too many. */
  #digit(octet: number): boolean {
    this.#length += (octet % CONTINUED) * 2 ** (7 * this.#digits);
    this.#digits++;
    if (octet >= CONTINUED) return this.#digits < MAX_LENGTH_BYTES;
    this.#left = this.#length;
    this.#length = 0;
    this.#digits = 0;
    return true;
  }
}

/** What was said on a connection while encryption or muxer is being agreed on. */
class Agreement {
  readonly #last: string;
  #said: Uint8Array | null = new Uint8Array();

  constructor(last: string) {
    this.#last = last;
  }

  step(data: Data): string | null {
    if (this.#said === null) return null;
    const octets = data instanceof Uint8Array ? data : data.subarray();
    const said = concat(this.#said, octets.subarray(0, MAX_NEGOTIATION_BYTES + 1 - this.#said.length));
    // A muxer that was agreed on with the keys speaks at once, and begins with 0; no name has length 0.
    const over = (this.#last === MUXER && said[0] === 0) || isSaid(this.#last, said);
    if (over === null) return "what is no name of a protocol";
    if (!over && said.length > MAX_NEGOTIATION_BYTES)
      return `more than ${MAX_NEGOTIATION_BYTES} octets of names`;
    this.#said = over ? null : said;
    return null;
  }
}

/** Whether the name is among those said so far; null where something else is. */
function isSaid(wanted: string, said: Uint8Array): boolean | null {
  for (let at = 0; at < said.length;) {
    const [low = 0, high = 0] = said.subarray(at, at + 2);
    if (low >= CONTINUED && high >= CONTINUED) return null;
    const start = at + (low < CONTINUED ? 1 : 2);
    const end = start + (low % CONTINUED) + (low < CONTINUED ? 0 : CONTINUED * high);
    if (end > said.length) return false;
    if (new TextDecoder().decode(said.subarray(start, end)).trimEnd() === wanted) return true;
    at = end;
  }
  return false;
}

function octetAt(data: Data, at: number): number {
  return data instanceof Uint8Array ? (data[at] ?? 0) : data.get(at);
}
