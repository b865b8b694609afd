/** Arbitrary frames of every kind, for the tests of this folder. */
import fc from "fast-check";
import { MAX_SINCE_S, MAX_SINCE_TIMES } from "../../../protocol/limits.ts";
import {
  readCosignatureNotice,
  readDomainNotice,
  readEvidenceNotice,
  readFeedUpdate,
  readQueryAnswer,
  readQueryRequest,
  readRecordsAnswer,
  readRecordsRequest,
  readTilesAnswer,
  readTilesRequest,
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
} from "../../../protocol/wire/index.ts";

/** `fc.record` whose values are plain objects. */
function record<T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(members, { noNullPrototype: true });
}

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });
const hash = bytes(32, 32);
const hashes = (maxLength: number): fc.Arbitrary<Uint8Array[]> => fc.array(hash, { maxLength });
const origin = bytes(32, 32).map((key) => `samebits/test/${Buffer.from(key).toString("hex")}`);
const size = fc.integer({ min: 0, max: 2 ** 40 });
const signer = bytes(1, 600);
const page = bytes(0, 64);
const code = fc.constantFrom("", "peer/busy", "feed/unknown");

function popcount(value: number): number {
  return value.toString(2).replaceAll("0", "").length;
}

const feedUpdate = size.chain((from) =>
  record({
    checkpoint: bytes(1, 1024),
    from: fc.constant(from),
    frontier: fc.array(hash, { minLength: popcount(from), maxLength: popcount(from) }),
    tail: fc.array(bytes(1, 300), { maxLength: 20 }),
  }),
);

const version = fc.integer({ min: 1, max: 2 ** 30 });
const domainNotice = record({
  domain: bytes(20, 20),
  root: version,
  targets: version,
  delegated: fc.integer({ min: 0, max: 2 ** 37 }),
  split: fc.boolean(),
  peer: fc.constantFrom("12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8", "x"),
});

const tilesRequest = fc.oneof(
  record({ kind: fc.constant("heads" as const), after: fc.oneof(fc.constant(""), origin) }),
  record({ kind: fc.constant("heads" as const), after: fc.constant(""), known: bytes(16, 16) }),
  record({
    kind: fc.constant("entries" as const),
    origin,
    from: size,
    count: fc.integer({ min: 1, max: 65_536 }),
  }),
  record({
    kind: fc.constant("tiles" as const),
    origin,
    tiles: fc.array(
      record({
        level: fc.integer({ min: 0, max: 5 }),
        index: size,
        width: fc.integer({ min: 1, max: 256 }),
      }),
      { minLength: 1, maxLength: 64 },
    ),
  }),
  record({ origin, from: fc.integer({ min: 1, max: 1000 }), more: fc.integer({ min: 1, max: 1000 }) }).map(
    ({ origin, from, more }) => ({ kind: "consistency" as const, origin, from, to: from + more }),
  ),
  record({ kind: fc.constant("evidence" as const), origin }),
  record({ kind: fc.constant("evidence" as const), id: hash }),
);

const queryRequest = record({
  targets: fc.array(hash, { minLength: 1, maxLength: 10 }),
  digests: hashes(10),
  builders: fc.array(signer, { maxLength: 5 }),
  page,
  since: fc.array(fc.integer({ min: 0, max: MAX_SINCE_S }), { maxLength: MAX_SINCE_TIMES }),
});

const queryAnswer = record({
  found: fc.array(
    record({
      entry: bytes(1, 2000),
      signer,
      index: size,
      path: hashes(5),
      checkpoint: fc.integer({ min: 0, max: 2 }),
    }),
    { maxLength: 5 },
  ),
  checkpoints: fc.array(bytes(1, 1024), { minLength: 3, maxLength: 5 }),
  cosigned: fc.array(bytes(1, 1024), { minLength: 1, maxLength: 3 }),
  joins: fc.array(
    record({
      small: fc.integer({ min: 0, max: 3 }),
      large: fc.integer({ min: 0, max: 3 }),
      proof: hashes(5),
    }),
    { maxLength: 3 },
  ),
  next: page,
  code,
});

const stored = record({
  slot: hash,
  envelope: bytes(1, 2000),
  signer,
  origin,
  index: size,
  path: hashes(5),
  checkpoint: bytes(1, 1024),
});

const recordsRequest = fc.oneof(
  record({
    kind: fc.constant("store" as const),
    records: fc.array(stored, { minLength: 1, maxLength: 4 }),
  }),
  record({
    kind: fc.constant("find" as const),
    slots: fc.array(hash, { minLength: 1, maxLength: 10 }),
    builders: fc.array(signer, { maxLength: 5 }),
    page,
  }),
);

const recordsAnswer = record({
  stored: fc.array(fc.boolean(), { maxLength: 10 }),
  records: fc.array(stored, { maxLength: 3 }),
  next: page,
  code,
});

interface FrameKind {
  readonly name: string;
  /** Values, as octets. */
  readonly written: fc.Arbitrary<{ value: unknown; bytes: Uint8Array }>;
  readonly read: (bytes: Uint8Array) => unknown;
  readonly again: (bytes: Uint8Array) => Uint8Array;
  readonly maxBytes: number;
}

function kind<T>(
  name: string,
  value: fc.Arbitrary<T>,
  read: (bytes: Uint8Array) => T,
  write: (value: T) => Uint8Array,
  maxBytes: number,
): FrameKind {
  return {
    name,
    written: value.map((one) => ({ value: one, bytes: write(one) })),
    read,
    again: (bytes) => write(read(bytes)),
    maxBytes,
  };
}

const GOSSIP = 32 * 1024;
const STREAM = 1024 * 1024;

export const FRAME_KINDS: readonly FrameKind[] = [
  kind("FeedUpdate", feedUpdate, readFeedUpdate, writeFeedUpdate, GOSSIP),
  kind(
    "EvidenceNotice",
    fc.oneof(record({ evidence: bytes(1, 2000) }), record({ id: hash })),
    readEvidenceNotice,
    writeEvidenceNotice,
    GOSSIP,
  ),
  kind("CosignatureNotice", bytes(1, 1024), readCosignatureNotice, writeCosignatureNotice, GOSSIP),
  kind("DomainNotice", domainNotice, readDomainNotice, writeDomainNotice, GOSSIP),
  kind("TilesRequest", tilesRequest, readTilesRequest, writeTilesRequest, STREAM),
  kind(
    "TilesAnswer",
    fc.oneof(
      record({ blobs: fc.array(bytes(0, 300), { maxLength: 20 }), next: size, code }),
      record({ blobs: fc.constant([]), next: size, code, same: fc.constant(Uint8Array.of(0, 1)) }),
    ),
    readTilesAnswer,
    writeTilesAnswer,
    STREAM,
  ),
  kind("QueryRequest", queryRequest, readQueryRequest, writeQueryRequest, STREAM),
  kind("QueryAnswer", queryAnswer, readQueryAnswer, writeQueryAnswer, STREAM),
  kind("RecordsRequest", recordsRequest, readRecordsRequest, writeRecordsRequest, STREAM),
  kind("RecordsAnswer", recordsAnswer, readRecordsAnswer, writeRecordsAnswer, STREAM),
];
