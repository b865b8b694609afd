import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProtocolCode } from "../../../protocol/errors.ts";
import {
  MAX_PEER_COSIGNED,
  MAX_PEER_JOINS,
  MAX_PEER_PAST,
  MAX_SINCE_S,
  MAX_SINCE_TIMES,
} from "../../../protocol/limits.ts";
import {
  readFeedUpdate,
  readQueryAnswer,
  readTilesAnswer,
  readTilesRequest,
  writeEvidenceNotice,
  writeFeedUpdate,
  writeQueryAnswer,
  writeQueryRequest,
  writeRecordsAnswer,
  writeRecordsRequest,
  writeTilesAnswer,
  writeTilesRequest,
} from "../../../protocol/wire/index.ts";

const HASH = new Uint8Array(32).fill(7);
const NONE = new Uint8Array(0);
const ORIGIN = `samebits/test/${"ab".repeat(32)}`;

function refuses(run: () => unknown, code: ProtocolCode): void {
  assert.throws(run, { code });
}

/** One field of a protobuf message: number, wire type 2, up to 127 octets. */
function field(number: number, value: readonly number[]): number[] {
  return [number * 8 + 2, value.length, ...value];
}

describe("fields of frames", () => {
  it("takes the example of the specification for what it says", () => {
    const bytes = Uint8Array.from([
      ...field(1, [0x78]),
      0x10,
      0x02,
      ...field(3, [...HASH]),
      ...field(4, [0x61]),
    ]);
    const update = {
      checkpoint: Uint8Array.of(0x78),
      from: 2,
      frontier: [HASH],
      tail: [Uint8Array.of(0x61)],
    };
    assert.deepEqual(readFeedUpdate(bytes), update);
    assert.deepEqual(writeFeedUpdate(update), bytes);
  });

  it("refuses numbers in more octets than they need, and beyond 2^53", () => {
    const head = field(1, [0x78]);
    refuses(() => readFeedUpdate(Uint8Array.from([...head, 0x10, 0x80, 0x00])), "wire/undecodable");
    refuses(() => readFeedUpdate(Uint8Array.from([...head, 0x10, 0x00])), "wire/not-canonical");
    refuses(
      () =>
        readFeedUpdate(
          Uint8Array.from([...head, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
        ),
      "wire/undecodable",
    );
    refuses(
      () => readFeedUpdate(Uint8Array.from([...head, 0x10, 0x81, 0x80, 0x80, 0x80, 0x80, 0x40])),
      "wire/bad-field",
    );
  });

  it("refuses fields out of their order and split lists", () => {
    refuses(() => readTilesAnswer(Uint8Array.from([0x10, 5, ...field(1, [1])])), "wire/not-canonical");
    refuses(
      () => readTilesAnswer(Uint8Array.from([...field(1, [1]), 0x10, 5, ...field(1, [1])])),
      "wire/not-canonical",
    );
  });

  it("refuses a frontier that is not that of its size", () => {
    const update = { checkpoint: HASH, tail: [] };
    refuses(() => writeFeedUpdate({ ...update, from: 3, frontier: [HASH] }), "wire/bad-field");
    refuses(() => writeFeedUpdate({ ...update, from: 0, frontier: [HASH] }), "wire/bad-field");
    refuses(() => writeFeedUpdate({ ...update, from: 1, frontier: [HASH.subarray(1)] }), "wire/bad-field");
    refuses(() => writeFeedUpdate({ ...update, from: -1, frontier: [] }), "wire/bad-field");
    refuses(() => writeFeedUpdate({ ...update, from: 0, frontier: [], tail: [NONE] }), "wire/bad-field");
    refuses(() => writeFeedUpdate({ checkpoint: NONE, from: 0, frontier: [], tail: [] }), "wire/bad-field");
  });

  it("refuses more elements than its limits while it decodes", () => {
    refuses(
      () => readFeedUpdate(Uint8Array.from(Array.from({ length: 41 }, () => [0x1a, 0]).flat())),
      "wire/undecodable",
    );
    refuses(
      () => readFeedUpdate(Uint8Array.from(Array.from({ length: 257 }, () => [0x22, 0]).flat())),
      "wire/undecodable",
    );
    refuses(
      () => readTilesAnswer(Uint8Array.from(Array.from({ length: 4097 }, () => [0x0a, 0]).flat())),
      "wire/undecodable",
    );
    const path = Array.from({ length: 64 }, () => [0x22, 0]).flat();
    refuses(() => readQueryAnswer(Uint8Array.from([0x0a, 0x80, 0x01, ...path])), "wire/undecodable");
  });

  it("refuses to write what does not fit", () => {
    const tail = [new Uint8Array(20_000).fill(1), new Uint8Array(20_000).fill(1)];
    refuses(() => writeFeedUpdate({ checkpoint: HASH, from: 0, frontier: [], tail }), "wire/too-big");
    refuses(() => writeEvidenceNotice({ evidence: new Uint8Array(32 * 1024) }), "wire/too-big");
    refuses(() => writeEvidenceNotice({ evidence: NONE }), "wire/bad-field");
    const blobs = Array.from({ length: 20 }, () => new Uint8Array(65_535));
    refuses(() => writeTilesAnswer({ blobs, next: 0, code: "" }), "wire/too-big");
  });

  it("refuses questions about nothing and about no feed", () => {
    refuses(() => readTilesRequest(NONE), "wire/not-one-of");
    refuses(() => readTilesRequest(Uint8Array.from([0x0a, 0, 0x12, 0])), "wire/not-one-of");
    refuses(() => readTilesRequest(Uint8Array.from([0x2a, 0])), "wire/not-one-of");
    refuses(() => writeTilesRequest({ kind: "heads", after: "a b" }), "wire/bad-field");
    refuses(() => writeTilesRequest({ kind: "heads", after: "x".repeat(107) }), "wire/bad-field");
    refuses(
      () => writeTilesRequest({ kind: "entries", origin: ORIGIN, from: 0, count: 0 }),
      "wire/bad-field",
    );
    refuses(() => writeTilesRequest({ kind: "tiles", origin: ORIGIN, tiles: [] }), "wire/bad-field");
    refuses(
      () => writeTilesRequest({ kind: "consistency", origin: ORIGIN, from: 0, to: 5 }),
      "wire/bad-field",
    );
    refuses(
      () => writeTilesRequest({ kind: "consistency", origin: ORIGIN, from: 5, to: 5 }),
      "wire/bad-field",
    );
    refuses(
      () => writeQueryRequest({ targets: [], digests: [], builders: [], page: NONE }),
      "wire/bad-field",
    );
    refuses(() => writeRecordsRequest({ kind: "store", records: [] }), "wire/bad-field");
    refuses(
      () => writeRecordsRequest({ kind: "find", slots: [], builders: [], page: NONE }),
      "wire/bad-field",
    );
  });

  it("refuses times that no clock says, and more of them than one question may have", () => {
    const ask = (since: number[]): Uint8Array =>
      writeQueryRequest({ targets: [HASH], digests: [], builders: [], page: NONE, since });
    ask(Array.from({ length: MAX_SINCE_TIMES }, () => MAX_SINCE_S));
    refuses(() => ask([MAX_SINCE_S + 1]), "wire/bad-field");
    refuses(() => ask([0.5]), "wire/bad-field");
    refuses(() => ask(Array.from({ length: MAX_SINCE_TIMES + 1 }, () => 1)), "wire/bad-field");
  });

  it("refuses a found entry whose checkpoint is not there", () => {
    const found = [{ entry: HASH, signer: HASH, index: 0, path: [], checkpoint: 1 }];
    const rest = { cosigned: [], joins: [], next: NONE, code: "" };
    refuses(() => writeQueryAnswer({ found, checkpoints: [HASH], ...rest }), "wire/bad-field");
  });

  it("refuses a join of a head that is not there, and more of what witnesses saw than one peer may tell", () => {
    const answer = { found: [], checkpoints: [HASH], cosigned: [HASH], joins: [], next: NONE, code: "" };
    const join = (small: number, large: number): object => ({ small, large, proof: [HASH] });
    const written = (changed: object): Uint8Array => writeQueryAnswer({ ...answer, ...changed });
    written({ joins: [join(0, 1)] });
    refuses(() => written({ joins: [join(0, 2)] }), "wire/bad-field");
    refuses(() => written({ joins: [join(2, 1)] }), "wire/bad-field");
    refuses(() => written({ cosigned: [NONE] }), "wire/bad-field");
    refuses(
      () => written({ cosigned: Array.from({ length: MAX_PEER_COSIGNED + MAX_PEER_PAST + 1 }, () => HASH) }),
      "wire/bad-field",
    );
    refuses(
      () => written({ joins: Array.from({ length: MAX_PEER_JOINS + MAX_PEER_PAST + 1 }, () => join(0, 1)) }),
      "wire/bad-field",
    );
  });

  it("takes only our codes for codes", () => {
    for (const code of ["Peer/Busy", "busy", "peer/", "peer/bu\nsy", `peer/${"x".repeat(60)}`]) {
      refuses(() => writeTilesAnswer({ blobs: [], next: 0, code }), "wire/bad-field");
    }
  });

  it("keeps which records were stored, one by one", () => {
    const answer = { stored: [true, false, true], records: [], next: NONE, code: "" };
    assert.deepEqual(writeRecordsAnswer(answer), Uint8Array.of(0x0a, 3, 1, 0, 1));
  });
});
