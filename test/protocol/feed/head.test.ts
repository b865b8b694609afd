import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, fromUtf8, toHex } from "../../../protocol/bytes/index.ts";
import { NOTE_ED25519, noteKeyId } from "../../../protocol/crypto/index.ts";
import {
  EMPTY_ROOT,
  cosignatureLine,
  cosignatureMessage,
  headBody,
  leafHash,
  onlyOwnLine,
  parseCheckpoint,
  signCheckpoint,
  signedCheckpoint,
  verifyCheckpoint,
  verifyCosignature,
  verifyHead,
  verifyTimed,
  withOwnTime,
  withSignatureLine,
  writeNote,
} from "../../../protocol/feed/index.ts";
import type { SignedHead } from "../../../protocol/feed/index.ts";
import { MAX_CHECKPOINT_BYTES, MAX_FEED_SIZE } from "../../../protocol/limits.ts";
import { flipped, codeOf, refused, testFeed, text, vector } from "./cases.ts";
import type { TestFeed } from "./cases.ts";

interface Vectors {
  network: string;
  origin: string;
  key: string;
  checkpoints: {
    id: string;
    note: string;
    code: string | null;
    size?: number;
    root?: string;
    time?: number | null;
  }[];
}

const ROOT = leafHash(text("a"));
const feed = testFeed(1);
const stranger = testFeed(2);

function checkpoint(of: TestFeed = feed, size: number = 1): Uint8Array {
  return signCheckpoint(of.origin, size, ROOT, of.sign);
}

function timed(head: SignedHead, time: number): Uint8Array {
  return withOwnTime(head, time, feed.sign(cosignatureMessage(time, headBody(head))));
}

test("our vectors: each checkpoint is verified, or refused with its code", () => {
  const vectors = vector("feed/checkpoints.json") as Vectors;
  assert.ok(vectors.checkpoints.filter(({ code }) => code !== null).length >= 20);
  for (const { id, note, code, size, root, time } of vectors.checkpoints) {
    assert.equal(
      codeOf(() => verifyCheckpoint(text(note), vectors.network)),
      code,
      id,
    );
    if (code !== null) continue;
    const head = verifyCheckpoint(text(note), vectors.network);
    assert.deepEqual([head.origin, toHex(head.key)], [vectors.origin, vectors.key], id);
    assert.deepEqual([head.size, toHex(head.root), head.time], [size, root, time], id);
  }
});

test("a head says what was signed, and keeps the octets", () => {
  const note = checkpoint(feed, 7);
  const head = verifyCheckpoint(note, "test");
  const { origin, key } = feed;
  const { signature } = parseCheckpoint(note).signatures[0] ?? { signature: null };
  assert.deepEqual(head, { origin, key, size: 7, root: ROOT, note, signature, time: null });
  assert.ok(Object.isFrozen(head));
  assert.deepEqual(onlyOwnLine(head), note);
  assert.ok(note.length < MAX_CHECKPOINT_BYTES);
  assert.deepEqual(signedCheckpoint(origin, 7, ROOT, head.signature), note);
  const buffer = note.slice();
  const copied = verifyCheckpoint(buffer, "test");
  buffer.fill(0);
  assert.deepEqual(copied.note, note);
});

test("a head holds in whatever network its origin names, where none is asked for", () => {
  const elsewhere = testFeed(1, "elsewhere");
  for (const [network, one] of [["test", feed] as const, ["elsewhere", elsewhere] as const]) {
    const note = checkpoint(one, 7);
    assert.deepEqual(verifyHead(note), verifyCheckpoint(note, network));
  }
  refused("checkpoint/other-network", () => verifyCheckpoint(checkpoint(elsewhere), "test"));
  const { signature } = verifyHead(checkpoint());
  refused("checkpoint/bad-signature", () =>
    verifyHead(signedCheckpoint(elsewhere.origin, 1, ROOT, signature)),
  );
});

test("every octet of a checkpoint counts", () => {
  const head = verifyCheckpoint(checkpoint(), "test");
  for (const note of [head.note, timed(head, 1_700_000_000)]) {
    for (const { bytes, at } of flipped(note)) {
      const code = codeOf(() => verifyCheckpoint(bytes, "test"));
      if (code === null) {
        // Name or key id of the time line: then it is a line of somebody unknown, and no time.
        assert.ok(at > head.note.length && verifyCheckpoint(bytes, "test").time === null, `octet ${at}`);
      } else {
        assert.match(code, /^(note|checkpoint|cosignature)\//, `octet ${at}`);
      }
    }
    for (let length = 0; length < note.length; length++) {
      if (length !== head.note.length) {
        assert.match(
          codeOf(() => verifyCheckpoint(note.subarray(0, length), "test")) ?? "",
          /^note\//,
          `${length} octets`,
        );
      }
    }
  }
});

test("the key comes from the origin: a stranger's key signs nothing, whatever its line says", () => {
  const { origin } = feed;
  const body = headBody({ origin, size: 1, root: ROOT });
  const signature = stranger.sign(body);
  const ids = [noteKeyId(origin, NOTE_ED25519, stranger.key), noteKeyId(origin, NOTE_ED25519, feed.key)];
  const [theirs, ours] = ids.map((keyId4) =>
    writeNote(fromUtf8(body), [{ name: origin, keyId4, signature }]),
  );
  assert.ok(theirs && ours);
  refused("checkpoint/unsigned", () => verifyCheckpoint(theirs, "test"));
  refused("checkpoint/bad-signature", () => verifyCheckpoint(ours, "test"));
  const named = writeNote(fromUtf8(body), [{ name: stranger.origin, keyId4: ids[0] ?? text(""), signature }]);
  refused("checkpoint/unsigned", () => verifyCheckpoint(named, "test"));
});

test("networks do not mix", () => {
  refused("checkpoint/other-network", () => verifyCheckpoint(checkpoint(), "main"));
  const main = testFeed(1, "main");
  // The same key, the same size and root: the network stands in what is signed.
  const moved = signedCheckpoint(feed.origin, 1, ROOT, verifyCheckpoint(checkpoint(main), "main").signature);
  refused("checkpoint/bad-signature", () => verifyCheckpoint(moved, "test"));
});

test("sizes are 1 to 2^40", () => {
  for (const size of [1, 2, 2 ** 32, MAX_FEED_SIZE]) {
    assert.equal(verifyCheckpoint(checkpoint(feed, size), "test").size, size);
  }
  refused("checkpoint/size-zero", () => checkpoint(feed, 0));
  refused("checkpoint/too-large", () => checkpoint(feed, MAX_FEED_SIZE + 1));
  for (const [size, code] of [
    [0, "checkpoint/size-zero"],
    [MAX_FEED_SIZE + 1, "checkpoint/too-large"],
  ] as const) {
    const { origin } = feed;
    const note = signedCheckpoint(
      origin,
      size,
      EMPTY_ROOT,
      feed.sign(headBody({ origin, size, root: EMPTY_ROOT })),
    );
    refused(code, () => verifyCheckpoint(note, "test"));
  }
});

test("lines of others are let be, and left out of what is gossiped", () => {
  const note = checkpoint();
  const witness = { name: "witness.example/w", raw: stranger.key };
  const line = cosignatureLine(witness, 5, stranger.sign(cosignatureMessage(5, parseCheckpoint(note).body)));
  const cosigned = withSignatureLine(note, line);
  const head = verifyCheckpoint(cosigned, "test");
  assert.equal(head.time, null);
  assert.deepEqual(head.note, cosigned);
  assert.deepEqual(onlyOwnLine(head), note);
  assert.equal(verifyCosignature(head.note, witness), 5);
  const junk = withSignatureLine(note, { ...line, signature: text("junk") });
  assert.equal(verifyCheckpoint(junk, "test").size, 1);
});

test("the feed's own time line: read, replaced, verified, and never a witness under another name", () => {
  const head = verifyCheckpoint(checkpoint(), "test");
  const first = verifyCheckpoint(timed(head, 1000), "test");
  assert.equal(first.time, 1000);
  assert.equal(verifyCheckpoint(timed(first, 2000), "test").time, 2000);
  assert.deepEqual(onlyOwnLine(first), head.note);
  const bad = withOwnTime(head, 1000, feed.sign(cosignatureMessage(1001, headBody(head))));
  refused("cosignature/bad-signature", () => verifyCheckpoint(bad, "test"));
  const older = parseCheckpoint(timed(head, 1000)).signatures;
  const both = writeNote(fromUtf8(headBody(head)), [
    ...older,
    ...parseCheckpoint(timed(head, 2000)).signatures.slice(1),
  ]);
  refused("checkpoint/repeated-line", () => verifyCheckpoint(both, "test"));
  const alone = writeNote(fromUtf8(headBody(head)), older.slice(1));
  refused("checkpoint/unsigned", () => verifyCheckpoint(alone, "test"));
});

test("one line is the feed's signature, not two", () => {
  const { signatures, body } = parseCheckpoint(checkpoint());
  const twice = writeNote(fromUtf8(body), [...signatures, ...signatures]);
  refused("checkpoint/repeated-line", () => verifyCheckpoint(twice, "test"));
});

test("a feed's checkpoint has no extension", () => {
  const body = concat(headBody({ origin: feed.origin, size: 1, root: ROOT }), text("extension\n"));
  const keyId4 = noteKeyId(feed.origin, NOTE_ED25519, feed.key);
  const note = writeNote(fromUtf8(body), [{ name: feed.origin, keyId4, signature: feed.sign(body) }]);
  refused("checkpoint/extension", () => verifyCheckpoint(note, "test"));
});

test("verifyTimed: a head of this feed with a time, and not larger than the one beside it", () => {
  const head = verifyHead(checkpoint(feed, 5));
  const at = (size: number): Uint8Array => timed(verifyHead(checkpoint(feed, size)), 1_000);
  assert.equal(verifyTimed(at(5), head)?.time, 1_000);
  assert.equal(verifyTimed(at(3), head)?.size, 3);
  assert.equal(verifyTimed(at(6), head), null);
  refused("checkpoint/not-timed", () => verifyTimed(checkpoint(feed, 5), head));
  const other = verifyHead(checkpoint(stranger, 5));
  const itsTime = withOwnTime(other, 1_000, stranger.sign(cosignatureMessage(1_000, headBody(other))));
  refused("checkpoint/not-timed", () => verifyTimed(itsTime, head));
  for (const { at: place, bytes } of flipped(at(5)))
    assert.notEqual(codeOf(() => verifyTimed(bytes, head)) ?? "", "", `octet ${place}`);
});
