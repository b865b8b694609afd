import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat } from "../../../protocol/bytes/index.ts";
import { parseVkey } from "../../../protocol/crypto/index.ts";
import {
  checkInclusion,
  leafHash,
  parseCheckpoint,
  parseNote,
  readBundle,
  readTlogProof,
  rootOf,
  signCheckpoint,
  verifyCheckpoint,
  verifyEntry,
  verifyEntryUnder,
  verifyNote,
  writeTlogProof,
} from "../../../protocol/feed/index.ts";
import type { ProvenEntry } from "../../../protocol/feed/index.ts";
import { MAX_FEED_SIZE, MAX_NOTE_BYTES, MAX_TLOG_PROOF_BYTES } from "../../../protocol/limits.ts";
import { NaiveTree } from "../../naive/merkle.ts";
import { base64, codeOf, flipped, refused, testFeed, text, vector, vectorBytes } from "./cases.ts";

interface Format {
  marshal: { index: number; extra?: string; hashes: string[]; checkpoint: string; want: string }[];
  malformed: string[];
}

const format = vector("tlog/tlog-proof/format.json") as Format;
const derived = [0, 6, 14].map((index) => ({
  index,
  bytes: vectorBytes(`tlog/tlog-proof/derived-tessera-15-leaf${index}.tlog-proof`),
}));

test("the files of transparency-dev's formats", () => {
  assert.equal(format.marshal.length, 3);
  for (const { index, extra, hashes, checkpoint, want } of format.marshal) {
    const proof = {
      index,
      extra: extra === undefined ? null : text(extra),
      path: hashes.map(base64),
      checkpoint: text(checkpoint),
    };
    assert.deepEqual(writeTlogProof(proof), text(want));
    assert.deepEqual(readTlogProof(text(want)), proof);
  }
});

test("their 9 malformed files, and other writings of a good one, are refused", () => {
  assert.equal(format.malformed.length, 9);
  for (const file of format.malformed) refused("proof/malformed", () => readTlogProof(text(file)), file);
  const hash = "qxq38Hx8j+Dv9LpvqlPH5EEukaWZFT6KpOAb7s5beCU=";
  const first = "c2sp.org/tlog-proof@v1\n";
  const bad = [
    "",
    first,
    `${first}\n`,
    `${first}index 0\n\n`, // no checkpoint
    `${first}index 0\ncp\n`, // no empty line
    `${first}index 00\n\ncp\n`,
    `${first}index 1099511627777\n\ncp\n`, // MAX_FEED_SIZE + 1
    `${first}index  0\n\ncp\n`,
    `${first}index 0 \n\ncp\n`,
    `${first}index 0\r\n\ncp\n`,
    `${first}index 0\nextra eA==\n\ncp\n`, // in the other order, twice
    `${first}extra eA==\nextra eA==\nindex 0\n\ncp\n`,
    `${first}extra eB==\nindex 0\n\ncp\n`, // trailing bits
    `${first}extra\nindex 0\n\ncp\n`,
    `${first}index 0\n${hash.slice(0, -1)}\n\ncp\n`,
    `${first}index 0\n${hash} \n\ncp\n`,
    `${first}index 0\n${`${hash}\n`.repeat(64)}\ncp\n`,
    `${first}index 0\n\n${"x".repeat(MAX_NOTE_BYTES + 1)}`,
    `c2sp.org/tlog-proof@v2\nindex 0\n\ncp\n`,
    `\ufeff${first}index 0\n\ncp\n`,
  ];
  for (const file of bad) refused("proof/malformed", () => readTlogProof(text(file)), JSON.stringify(file));
  refused("proof/malformed", () => readTlogProof(concat(text(`${first}index 0\n\n`), Uint8Array.of(0xff))));
  refused("proof/too-big", () => readTlogProof(new Uint8Array(MAX_TLOG_PROOF_BYTES + 1)));
  assert.equal(readTlogProof(text(`${first}index 0\n${`${hash}\n`.repeat(63)}\ncp\n`)).path.length, 63);
});

test("whole proofs from tessera's log verify, with Go's test key", () => {
  const key = parseVkey(new TextDecoder().decode(vectorBytes("tlog/tiles-15/vkey")).trim());
  const entries = readBundle(vectorBytes("tlog/tiles-15/tile/entries/000.p/15"), 15);
  for (const { index, bytes } of derived) {
    const proof = readTlogProof(bytes);
    assert.equal(proof.index, index);
    assert.deepEqual(writeTlogProof(proof), bytes);
    const { size, root } = parseCheckpoint(proof.checkpoint);
    assert.deepEqual(verifyNote(parseNote(proof.checkpoint), [key]), [key]);
    checkInclusion(index, size, leafHash(entries[index] ?? text("")), proof.path, root);
  }
});

test("any changed octet of a file makes it malformed, or a file that proves something else", () => {
  for (const { bytes } of derived) {
    const proof = readTlogProof(bytes);
    for (const { bytes: changed, at } of flipped(bytes)) {
      let read;
      try {
        read = readTlogProof(changed);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "proof/malformed", `octet ${at}`);
        continue;
      }
      assert.notDeepEqual(read, proof, `octet ${at}`);
      assert.deepEqual(writeTlogProof(read), changed, `octet ${at}`);
    }
    const end = bytes.length - proof.checkpoint.length;
    for (let length = 0; length <= end; length++) {
      refused("proof/malformed", () => readTlogProof(bytes.subarray(0, length)), `${length} octets`);
    }
  }
});

test("proofs round trip", () => {
  const proof = fc.record(
    {
      index: fc.maxSafeNat().map((n) => n % (MAX_FEED_SIZE + 1)),
      extra: fc.option(fc.uint8Array({ maxLength: 50 })),
      path: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 }),
      checkpoint: fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }).map(text),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(proof, (proof) => {
      assert.deepEqual(readTlogProof(writeTlogProof(proof)), proof);
    }),
  );
  const good = readTlogProof(derived[0]?.bytes ?? text(""));
  refused("proof/malformed", () => writeTlogProof({ ...good, path: [new Uint8Array(31)] }));
  refused("proof/malformed", () => writeTlogProof({ ...good, checkpoint: text("") }));
  refused("proof/malformed", () => writeTlogProof({ ...good, index: MAX_FEED_SIZE + 1 }));
});

const feed = testFeed(1);
const entries = Array.from({ length: 21 }, (_, i) => text(`entry ${i}`));
const tree = new NaiveTree(entries);
const checkpoint = signCheckpoint(feed.origin, 21, rootOf(entries.map(leafHash)), feed.sign);

function proven(index: number): ProvenEntry {
  return { entry: entries[index] ?? text(""), index, path: tree.path(index, 21), checkpoint };
}

test("an entry is verified under the head that it came with, or under one that is verified already", () => {
  const head = verifyCheckpoint(checkpoint, "test");
  for (const index of entries.keys()) {
    const { entry, path } = proven(index);
    const verified = verifyEntry(proven(index), "test");
    assert.deepEqual(verified, { head, index, entry, leafHash: leafHash(entry) });
    assert.deepEqual(verifyEntryUnder(head, entry, index, path), verified);
    assert.ok(Object.isFrozen(verified));
  }
});

test("an entry of another text, place, path, head or network is not verified", () => {
  const good = proven(7);
  refused("tree/root-mismatch", () => verifyEntry({ ...good, entry: text("entry 8") }, "test"));
  refused("tree/root-mismatch", () => verifyEntry({ ...good, index: 6 }, "test"));
  refused("tree/bad-index", () => verifyEntry({ ...good, index: 21 }, "test"));
  refused("tree/bad-index", () => verifyEntry({ ...good, index: -1 }, "test"));
  refused("tree/bad-proof", () => verifyEntry({ ...good, path: good.path.slice(1) }, "test"));
  refused("tree/bad-proof", () => verifyEntry({ ...good, path: [...good.path, ...good.path] }, "test"));
  refused("bundle/entry-too-big", () => verifyEntry({ ...good, entry: new Uint8Array(65_536) }, "test"));
  refused("checkpoint/other-network", () => verifyEntry(good, "main"));
  const other = signCheckpoint(feed.origin, 20, tree.root(20), feed.sign);
  assert.ok(codeOf(() => verifyEntry({ ...good, checkpoint: other }, "test"))?.startsWith("tree/"));
  for (const { bytes, at } of flipped(good.entry)) {
    refused("tree/root-mismatch", () => verifyEntry({ ...good, entry: bytes }, "test"), `octet ${at}`);
  }
  for (const [i, hash] of good.path.entries()) {
    for (const { bytes } of flipped(hash)) {
      refused("tree/root-mismatch", () => verifyEntry({ ...good, path: good.path.with(i, bytes) }, "test"));
    }
  }
});

interface OurProofs {
  network: string;
  proofs: { id: string; entry: string; proof: string; code: string | null }[];
}

test("our vectors: each proof holds, or is refused with its code", () => {
  const { network, proofs } = vector("feed/proofs.json") as OurProofs;
  assert.ok(proofs.length >= 15);
  for (const { id, entry, proof, code } of proofs) {
    const verify = () => verifyEntry({ ...readTlogProof(text(proof)), entry: text(entry) }, network);
    assert.equal(codeOf(verify), code, id);
  }
});

test("an inner node does not pass for an entry", () => {
  // 0x01 ‖ left ‖ right hashed as an entry is a leaf, not the node: the prefixes keep them apart.
  const inner = concat(Uint8Array.of(1), leafHash(text("entry 0")), leafHash(text("entry 1")));
  refused("tree/bad-proof", () =>
    verifyEntry({ ...proven(0), entry: inner, path: proven(0).path.slice(1) }, "test"),
  );
  const two = signCheckpoint(feed.origin, 1, tree.root(2), feed.sign);
  refused("tree/root-mismatch", () =>
    verifyEntry({ entry: inner, index: 0, path: [], checkpoint: two }, "test"),
  );
});
