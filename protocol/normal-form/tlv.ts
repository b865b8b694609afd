/** ASN.1 as signatures have it: DER, and the indefinite lengths of BER that Apple's tools write. Every octet belongs to a value. */
import { ProtocolError } from "../errors.ts";
import { MAX_TLV_DEPTH, MAX_TLV_NODES } from "../limits.ts";

/** One value: its first octet says class, form and number. */
export interface Tlv {
  readonly tag: number;
  /** Of a primitive one; none of a constructed one. */
  readonly content: Uint8Array;
  readonly children: readonly Tlv[];
}

export const TAG = {
  integer: 0x02,
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context1: 0xa1,
  context2: 0xa2,
} as const;

const CONSTRUCTED = 0x20;
const HIGH_NUMBER = 0x1f;
const INDEFINITE = 0x80;
const NONE = new Uint8Array(0);

interface State {
  readonly bytes: Uint8Array;
  at: number;
  nodes: number;
}

/** The value at the beginning, and how many octets it takes. Throws `normal-form/not-a-signature`. */
export function readTlv(bytes: Uint8Array): { readonly value: Tlv; readonly length: number } {
  const state: State = { bytes, at: 0, nodes: 0 };
  return { value: element(state, bytes.length, 0), length: state.at };
}

function element(state: State, end: number, depth: number): Tlv {
  if (depth > MAX_TLV_DEPTH || ++state.nodes > MAX_TLV_NODES)
    throw bad(state.at, "it is nested too deep, or has too many values");
  const tag = octet(state, end);
  if ((tag & HIGH_NUMBER) === HIGH_NUMBER) throw bad(state.at, "a tag with a number above 30");
  const isConstructed = (tag & CONSTRUCTED) !== 0;
  const length = lengthOf(state, end);
  if (length === null) {
    if (!isConstructed) throw bad(state.at, "a value without a length");
    const children: Tlv[] = [];
    while (!endOfContents(state, end)) children.push(element(state, end, depth + 1));
    return { tag, content: NONE, children };
  }
  const stop = state.at + length;
  if (stop > end) throw bad(state.at, "a value reaches beyond what it stands in");
  if (!isConstructed) {
    const content = state.bytes.subarray(state.at, stop);
    state.at = stop;
    return { tag, content, children: [] };
  }
  const children: Tlv[] = [];
  while (state.at < stop) children.push(element(state, stop, depth + 1));
  return { tag, content: NONE, children };
}

/** Null for an indefinite length. A length may be written longer than need be: signers do. */
function lengthOf(state: State, end: number): number | null {
  const first = octet(state, end);
  if (first < INDEFINITE) return first;
  if (first === INDEFINITE) return null;
  const width = first - INDEFINITE;
  if (width > 4) throw bad(state.at, "a length of more than four octets");
  let length = 0;
  for (let i = 0; i < width; i++) length = length * 256 + octet(state, end);
  return length;
}

function endOfContents(state: State, end: number): boolean {
  if (state.at + 2 > end) throw bad(state.at, "a value is cut short");
  if (state.bytes[state.at] !== 0 || state.bytes[state.at + 1] !== 0) return false;
  state.at += 2;
  return true;
}

function octet(state: State, end: number): number {
  const value = state.at < end ? state.bytes[state.at] : undefined;
  if (value === undefined) throw bad(state.at, "a value is cut short");
  state.at++;
  return value;
}

/** An object identifier in dotted writing; text that is none for content that is none. */
export function oidOf({ tag, content }: Tlv): string {
  if (tag !== TAG.oid || content.length === 0 || content.length > 32) return "?";
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...rest].join(".");
}

function bad(at: number, problem: string): ProtocolError {
  return new ProtocolError("normal-form/not-a-signature", `its octet ${at}: ${problem}`);
}
