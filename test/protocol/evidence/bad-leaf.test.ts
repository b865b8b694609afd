import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toHex } from "../../../protocol/bytes/index.ts";
import { keyIdKha, keyIdPlain } from "../../../protocol/crypto/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { proveBadLeaf } from "../../../protocol/evidence/bad-leaf.ts";
import { checkEvidenceSync } from "../../../protocol/evidence/check.ts";
import { describeEvidence, idOfEvidence, keysOfEvidence } from "../../../protocol/evidence/describe.ts";
import { writeEvidence } from "../../../protocol/evidence/file.ts";
import { verifyEntryUnder } from "../../../protocol/feed/index.ts";
import type { VerifiedEntry } from "../../../protocol/feed/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";

const ALICE = new Builder(1);
const BOB = new Builder(2);
const TARGET = packageNumber(0);

/** Alice's feed with `entry` between two others, and the entry under its head. */
function inFeed(entry: Uint8Array | string): readonly [VerifiedEntry, readonly Uint8Array[]] {
  const feed = new MemoryFeed(1).append("before", entry, "after");
  const path = feed.inclusion(1);
  const bytes = feed.entries[1];
  assert.ok(bytes !== undefined);
  return [verifyEntryUnder(feed.head(), bytes, 1, path), path];
}

const FORGED = BOB.link(TARGET, "one", { keyid: keyIdPlain(ALICE.key) });

describe("bad-leaf evidence", () => {
  it("is proven where a leaf bears the feed's key id, in either dialect, and not its signature", () => {
    for (const keyid of [keyIdPlain(ALICE.key), keyIdKha(ALICE.key)]) {
      const evidence = proveBadLeaf(...inFeed(BOB.link(TARGET, "one", { keyid })));
      assert.ok(evidence !== null);
      assert.deepEqual(checkEvidenceSync(writeEvidence(evidence)), evidence);
      assert.deepEqual(keysOfEvidence(evidence), [ALICE.key.raw]);
      assert.match(describeEvidence(evidence).join("\n"), /^BAD LEAF[^]*Not proven/);
    }
  });

  it("is not made of a good leaf, of what is carried for others, of what nobody can read", () => {
    const signed = JSON.parse(new TextDecoder().decode(FORGED)) as { signatures: object[] };
    const twoSignatures = JSON.stringify({
      ...signed,
      signatures: [...signed.signatures, ...signed.signatures],
    });
    const harmless = [
      ALICE.link(TARGET, "one"),
      ALICE.link(TARGET, "one", { keyid: "whoever" }),
      BOB.link(TARGET, "one"),
      BOB.link(TARGET, "one", { keyid: null }),
      BOB.link(TARGET, "one", { keyid: toHex(ALICE.key.raw) }),
      twoSignatures,
      "no attestation",
      '{"payload":"","payloadType":"text/plain","signatures":[]}',
    ];
    for (const entry of harmless) assert.equal(proveBadLeaf(...inFeed(entry)), null, String(entry));
  });

  it("holds with no octet changed", () => {
    const evidence = proveBadLeaf(...inFeed(FORGED));
    assert.ok(evidence !== null);
    const bytes = writeEvidence(evidence);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.with(at, (bytes[at] ?? 0) ^ 1);
      assert.throws(() => checkEvidenceSync(changed), ProtocolError, `octet ${at}`);
    }
  });

  it("can't be made of the same parts for a good leaf", () => {
    const evidence = proveBadLeaf(...inFeed(FORGED));
    assert.ok(evidence !== null);
    const good = new MemoryFeed(1).append("before", ALICE.link(TARGET, "one"), "after");
    const file = JSON.parse(new TextDecoder().decode(writeEvidence(evidence))) as object;
    const framed = {
      ...file,
      checkpoint: new TextDecoder().decode(good.note()),
      entry: Buffer.from(good.entries[1] ?? []).toString("base64"),
      path: good.inclusion(1).map((hash) => Buffer.from(hash).toString("base64")),
    };
    assert.throws(() => checkEvidenceSync(new TextEncoder().encode(JSON.stringify(framed))), {
      code: "evidence/no-bad-leaf",
    });
  });

  it("has one id a feed", () => {
    const [one, other] = [
      proveBadLeaf(...inFeed(FORGED)),
      proveBadLeaf(...inFeed(BOB.link(TARGET, "two", { keyid: keyIdKha(ALICE.key) }))),
    ];
    assert.ok(one !== null && other !== null);
    assert.equal(idOfEvidence(one), idOfEvidence(other));
  });
});
