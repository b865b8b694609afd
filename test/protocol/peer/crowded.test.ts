/** Questions that name more than one answer looks at: what is left out is said, and the next page has it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildLink, sealEnvelope } from "../../../protocol/attestation/index.ts";
import { toHex } from "../../../protocol/bytes/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import {
  LOOKUP_STEP_ENTRIES,
  MAX_FIND_SLOTS,
  MAX_FOUND_ENTRIES,
  MAX_NAMED_SIGNERS,
  MAX_RANGES_READ,
  MAX_TARGET_CLAIMS,
} from "../../../protocol/limits.ts";
import {
  readQueryAnswer,
  readRecordsAnswer,
  writeQueryRequest,
  writeRecordsRequest,
} from "../../../protocol/wire/index.ts";
import type { StoredRecord } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const carrier = new Builder(1);
const alice = new Builder(2);
const bob = new Builder(3);
const TARGETS = Array.from({ length: Math.ceil(MAX_FOUND_ENTRIES / MAX_TARGET_CLAIMS) + 1 }, (_, i) =>
  packageNumber(i),
);
const [FIRST = packageNumber(0)] = TARGETS;
const targets = TARGETS.map(({ key }) => key);
const signed = alice.link(FIRST, "same");

const BUILD = { step: "rebuild", materials: [], command: [], how: "built", environment: null } as const;

/** A node whose own feed carries one claim of alice's behind more of others about the same targets than one answer looks at. */
const node = crowdedNode();

function crowdedNode(): RigPeer {
  const peer = new Rig().peer("node", {
    seed: carrier.seed,
    first: true,
    follow: { builders: [alice.key, bob.key] },
  });
  peer.store.page = 1_000;
  // Nobody's signatures: index rows are made before anything is checked (RULES R9).
  const unsigned = new Uint8Array(64);
  const entries: Uint8Array[] = [];
  for (const target of TARGETS) {
    const subjects = [{ target, file: target.file, sha256: sha256(target.key) }];
    for (let i = 1; i < MAX_TARGET_CLAIMS; i++)
      entries.push(sealEnvelope(buildLink(subjects, { ...BUILD, time: 1_000 * i }), () => unsigned, null));
  }
  peer.publish(...entries.slice(0, 2_000));
  peer.rig.pass(2_000);
  peer.publish(...entries.slice(2_000));
  peer.rig.pass(2_000);
  peer.publish(signed);
  peer.rig.pass(2_000);
  const feed = new MemoryFeed(3, NETWORK).append(bob.link(FIRST, "same"));
  peer.gossiped("feeds", feed.update(0), "x");
  return peer;
}

test("query: an answer that did not look at everything names the next page", () => {
  assert.ok(node.held(node.status().own?.origin ?? "") > MAX_FOUND_ENTRIES);
  const found: string[] = [];
  let pages = 0;
  let page: Uint8Array | null = new Uint8Array(0);
  while (page !== null) {
    const request = writeQueryRequest({ targets, digests: [], builders: [alice.key.raw], page });
    page = null;
    node.asked("query", request, "y", (bytes) => {
      assert.ok(bytes !== null);
      const answer = readQueryAnswer(bytes);
      found.push(...answer.found.map(({ entry }) => toHex(sha256(entry))));
      pages++;
      page = answer.next.length > 0 ? answer.next : null;
    });
  }
  assert.deepEqual([found, pages], [[toHex(sha256(signed))], 2]);
});

test("find: what was not looked at here is no silence, and the feeds of those asked for come first", () => {
  const ofAlice = node.find({ targets, builders: [alice.key.raw] });
  assert.deepEqual([ofAlice.found.length, ofAlice.ended], [0, false]);
  const few = node.find({ targets: targets.slice(0, 1), builders: [alice.key.raw] });
  assert.deepEqual([few.found.length, few.ended], [1, true]);
  const ofBob = node.find({ targets, builders: [bob.key.raw] });
  assert.equal(ofBob.found.length, 1);
});

test("records: every slot and signer of a question is looked at, page by page, and one page looks at so many", () => {
  const peer = new Rig().peer("p");
  const strangers = Array.from({ length: MAX_NAMED_SIGNERS - 1 }, (_, i) => sha256(Uint8Array.of(i)));
  const feed = new MemoryFeed(2, NETWORK).append(signed);
  const slots = Array.from({ length: MAX_FIND_SLOTS }, (_, i) => sha256(Uint8Array.of(i)));
  const last = sha256(Uint8Array.of(0), FIRST.key);
  const record = feed.record(last, alice.key.raw, 0);
  peer.asked("records", writeRecordsRequest({ kind: "store", records: [record] }), "x", () => undefined);
  const builders = [...strangers, alice.key.raw];
  const before = peer.seen.length;
  const { records, pages } = allRecords(peer, [...slots.slice(1), last], builders);
  assert.deepEqual(records, [record]);
  assert.equal(pages, Math.ceil((MAX_FIND_SLOTS * MAX_NAMED_SIGNERS) / MAX_RANGES_READ));
  const reads = peer.seen.slice(before).filter((effect) => effect.kind === "read");
  assert.ok(reads.length >= MAX_FIND_SLOTS * MAX_NAMED_SIGNERS);
  assert.ok(
    reads.every(({ range }) => range.limit <= LOOKUP_STEP_ENTRIES),
    "no read takes a whole slot into memory",
  );
});

test("records: a mark that names no place is refused", () => {
  const peer = new Rig().peer("p");
  const mark = (...octets: number[]): boolean => {
    const page = Uint8Array.from(octets);
    const request = writeRecordsRequest({ kind: "find", slots: [FIRST.key], builders: [], page });
    let isAnswered = false;
    peer.asked("records", request, "y", (bytes) => (isAnswered = bytes !== null));
    return isAnswered;
  };
  const place = Array.from({ length: 32 }, () => 0xff);
  assert.equal(mark(0, 0, 0, 0), true);
  assert.equal(mark(0, 0, 0, 0, ...place), true, "after all rows there is nothing more");
  assert.equal(mark(0, 0, 0, 9), true, "nor after all slots");
  for (const wrong of [[0], [0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, ...place, 0]])
    assert.equal(mark(...wrong), false, wrong.join());
});

function allRecords(
  peer: RigPeer,
  slots: readonly Uint8Array[],
  builders: readonly Uint8Array[],
): { readonly records: readonly StoredRecord[]; readonly pages: number } {
  const records: StoredRecord[] = [];
  let pages = 0;
  let page: Uint8Array | null = new Uint8Array(0);
  while (page !== null) {
    const request = writeRecordsRequest({ kind: "find", slots, builders, page });
    page = null;
    peer.asked("records", request, "y", (bytes) => {
      assert.ok(bytes !== null);
      const answer = readRecordsAnswer(bytes);
      records.push(...answer.records);
      pages++;
      page = answer.next.length > 0 ? answer.next : null;
    });
  }
  return { records, pages };
}
