/**
 * Writes test/vectors/wire/frames.json for `protocol/spec/wire.md`: frames of every kind with what they say, and octets that are none,
 * with their codes. Same output every time.
 */
import {
  ProtocolError,
  readCosignatureNotice,
  readDomainNotice,
  readFeedUpdate,
  readQueryRequest,
  readTilesAnswer,
  readTilesRequest,
  toHex,
  utf8,
  writeCosignatureNotice,
  writeDomainNotice,
  writeEvidenceNotice,
  writeFeedUpdate,
  writeQueryAnswer,
  writeQueryRequest,
  writeRecordsAnswer,
  writeRecordsRequest,
  writeTilesAnswer,
  writeTilesRequest,
} from "../../protocol/index.ts";
import type { StoredRecord } from "../../protocol/index.ts";
import { writeVectors } from "./write.ts";

const hash = (octet: number): Uint8Array => new Uint8Array(32).fill(octet);
const none = new Uint8Array(0);
const origin = `samebits/test/${"ab".repeat(32)}`;

interface Frame {
  readonly kind: string;
  readonly value: unknown;
  readonly hex: string;
}

function frame<Value>(kind: string, value: Value, write: (value: Value) => Uint8Array): Frame {
  return { kind, value: plain(value), hex: toHex(write(value)) };
}

/** Octets as hex. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

const record: StoredRecord = {
  slot: hash(1),
  envelope: utf8("envelope"),
  signer: hash(2),
  origin,
  index: 300,
  path: [hash(3), hash(4)],
  checkpoint: utf8("note"),
};

const valid: readonly Frame[] = [
  frame(
    "FeedUpdate",
    { checkpoint: utf8("x"), from: 2, frontier: [hash(7)], tail: [utf8("a")] },
    writeFeedUpdate,
  ),
  frame("FeedUpdate", { checkpoint: utf8("x"), from: 0, frontier: [], tail: [utf8("a")] }, writeFeedUpdate),
  frame(
    "FeedUpdate",
    { checkpoint: utf8("x"), from: 2 ** 40, frontier: [hash(7)], tail: [] },
    writeFeedUpdate,
  ),
  frame("EvidenceNotice", { evidence: utf8("{}") }, writeEvidenceNotice),
  frame("EvidenceNotice", { id: hash(9) }, writeEvidenceNotice),
  frame("CosignatureNotice", utf8("note"), writeCosignatureNotice),
  frame(
    "DomainNotice",
    {
      domain: new Uint8Array(20).fill(1),
      root: 2,
      targets: 300,
      delegated: 5,
      split: true,
      peer: "12D3KooW",
    },
    writeDomainNotice,
  ),
  frame(
    "DomainNotice",
    { domain: new Uint8Array(20).fill(1), root: 1, targets: 0, delegated: 0, split: false, peer: "x" },
    writeDomainNotice,
  ),
  frame("TilesRequest", { kind: "heads", after: "" } as const, writeTilesRequest),
  frame("TilesRequest", { kind: "heads", after: origin, known: hash(5) } as const, writeTilesRequest),
  frame("TilesRequest", { kind: "entries", origin, from: 256, count: 10 } as const, writeTilesRequest),
  frame(
    "TilesRequest",
    { kind: "tiles", origin, tiles: [{ level: 1, index: 0, width: 44 }] } as const,
    writeTilesRequest,
  ),
  frame("TilesRequest", { kind: "consistency", origin, from: 5, to: 9 } as const, writeTilesRequest),
  frame("TilesRequest", { kind: "evidence", id: hash(9) } as const, writeTilesRequest),
  frame("TilesAnswer", { blobs: [utf8("a"), none], next: 258, code: "" }, writeTilesAnswer),
  frame("TilesAnswer", { blobs: [], next: 0, code: "peer/unknown-feed" }, writeTilesAnswer),
  frame("TilesAnswer", { blobs: [], next: 0, code: "", same: Uint8Array.of(1, 0) }, writeTilesAnswer),
  frame(
    "QueryRequest",
    { targets: [hash(1)], digests: [hash(2)], builders: [hash(3)], page: none, since: [] },
    writeQueryRequest,
  ),
  frame(
    "QueryRequest",
    { targets: [hash(1)], digests: [], builders: [], page: none, since: [1_790_812_800, 1_794_268_800] },
    writeQueryRequest,
  ),
  frame(
    "QueryAnswer",
    {
      found: [{ entry: utf8("e"), signer: hash(1), index: 0, path: [], checkpoint: 0 }],
      checkpoints: [utf8("note")],
      cosigned: [],
      joins: [],
      next: utf8("page"),
      code: "",
    },
    writeQueryAnswer,
  ),
  frame(
    "QueryAnswer",
    {
      found: [{ entry: utf8("e"), signer: hash(1), index: 0, path: [], checkpoint: 0 }],
      checkpoints: [utf8("note")],
      cosigned: [utf8("cosigned note")],
      joins: [{ small: 1, large: 0, proof: [hash(2)] }],
      next: none,
      code: "",
    },
    writeQueryAnswer,
  ),
  frame("RecordsRequest", { kind: "store", records: [record] } as const, writeRecordsRequest),
  frame(
    "RecordsRequest",
    { kind: "find", slots: [hash(1)], builders: [], page: none } as const,
    writeRecordsRequest,
  ),
  frame("RecordsAnswer", { stored: [true, false], records: [], next: none, code: "" }, writeRecordsAnswer),
  frame("RecordsAnswer", { stored: [], records: [record], next: none, code: "" }, writeRecordsAnswer),
];

interface Refusal {
  readonly kind: string;
  readonly why: string;
  readonly hex: string;
  readonly code: string;
}

function refusal(kind: string, why: string, hex: string, read: (bytes: Uint8Array) => unknown): Refusal {
  try {
    read(Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number(`0x${octet}`)));
  } catch (error) {
    if (error instanceof ProtocolError) return { kind, why, hex, code: error.code };
    throw error;
  }
  throw new Error(`not refused: ${why}`);
}

const update = toHex(writeFeedUpdate({ checkpoint: utf8("x"), from: 0, frontier: [], tail: [utf8("a")] }));
const refused: readonly Refusal[] = [
  refusal("FeedUpdate", "an unknown field at the end", `${update}2a00`, readFeedUpdate),
  refusal("FeedUpdate", "an explicit zero", "0a01781000", readFeedUpdate),
  refusal("FeedUpdate", "a length in two octets where one is enough", "0a810078", readFeedUpdate),
  refusal("FeedUpdate", "a field that may stand once stands twice", "0a01780a0178", readFeedUpdate),
  refusal("FeedUpdate", "fields out of order", "2201610a0178", readFeedUpdate),
  refusal("FeedUpdate", "cut short", update.slice(0, -2), readFeedUpdate),
  refusal("FeedUpdate", "no frontier for size 2", "0a01781002220161", readFeedUpdate),
  refusal("FeedUpdate", "an empty entry", "0a01782200", readFeedUpdate),
  refusal("FeedUpdate", "no checkpoint", "220161", readFeedUpdate),
  refusal("CosignatureNotice", "no checkpoint", "", readCosignatureNotice),
  refusal(
    "CosignatureNotice",
    "a checkpoint of 1,025 octets",
    `0a8108${"78".repeat(1_025)}`,
    readCosignatureNotice,
  ),
  refusal("DomainNotice", "no root", `0a14${"01".repeat(20)}320178`, readDomainNotice),
  refusal("DomainNotice", "nobody's word", `0a14${"01".repeat(20)}1001`, readDomainNotice),
  refusal("DomainNotice", "a whole fingerprint", `0a20${"01".repeat(32)}1001320178`, readDomainNotice),
  refusal("TilesRequest", "asks nothing", "", readTilesRequest),
  refusal("TilesRequest", "asks two things", "0a001200", readTilesRequest),
  refusal("TilesRequest", "names that are cut short", "0a03120107", readTilesRequest),
  refusal("TilesAnswer", "neither 0 nor 1 for a name", "220102", readTilesAnswer),
  refusal("TilesAnswer", "a code that is none", `1a01${toHex(utf8("X"))}`, readTilesAnswer),
  refusal(
    "QueryRequest",
    "times that are packed",
    `0a20${"01".repeat(32)}2a0a80c5f6d50680bdc9d706`,
    readQueryRequest,
  ),
];

writeVectors("wire/frames.json", { valid, refused });
