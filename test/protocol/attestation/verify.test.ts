import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  claimId,
  pae,
  parseAttestation,
  signatureItems,
  trustChecked,
  verifyOwn,
  verifyWith,
} from "../../../protocol/attestation/index.ts";
import { toBase64, utf8 } from "../../../protocol/bytes/index.ts";
import { verifySignature } from "../../../protocol/crypto/index.ts";
import { alice, bob, digest, helloLink } from "./made.ts";

const statement = helloLink(digest("product"));
const sigOf = (by: typeof alice): string => toBase64(by.sign(pae(statement)));

function envelope(signatures: readonly object[]): ReturnType<typeof parseAttestation> {
  const payloadType = "application/vnd.in-toto+json";
  return parseAttestation(utf8(JSON.stringify({ payload: toBase64(statement), payloadType, signatures })));
}

const byAlice = envelope([{ sig: sigOf(alice) }]);
const byBoth = envelope([{ sig: sigOf(bob) }, { sig: sigOf(alice) }]);
const junk = { sig: toBase64(new Uint8Array(64).fill(9)) };

test("own: exactly one signature, by the feed's raw key", () => {
  const verified = verifyOwn(byAlice, alice.key.raw) ?? assert.fail();
  assert.deepEqual(verified.signer, alice.key);
  assert.deepEqual(verified.claims, byAlice.claims);
  assert.ok(Object.isFrozen(verified));
  assert.equal(verifyOwn(byAlice, bob.key.raw), null);
  assert.equal(verifyOwn(byBoth, alice.key.raw), null, "two signatures, though one is his");
  assert.equal(verifyOwn(envelope([junk]), alice.key.raw), null);
  assert.equal(verifyOwn(byAlice, new Uint8Array(31)), null);
  assert.equal(verifyOwn(byAlice, new Uint8Array(32)), null, "a key of small order never verifies");
});

test("any: whoever signed is found among other signatures, whatever the key ids say", async () => {
  const crowded = envelope([
    junk,
    { sig: toBase64(new Uint8Array(71)) },
    { sig: sigOf(alice), keyid: "bob's" },
  ]);
  for (const attestation of [byAlice, byBoth, crowded]) {
    assert.equal((await verifyWith(attestation, alice.key))?.id, claimId(alice.key.raw, pae(statement)));
  }
  assert.ok(await verifyWith(byBoth, bob.key));
  assert.equal(await verifyWith(byAlice, bob.key), null);
  assert.equal(await verifyWith(crowded, bob.key), null);
});

test("claim ids: one for a signer and what he signed, however it is wrapped", async () => {
  const inner = createHash("sha256").update(pae(statement)).digest();
  const expected = createHash("sha256").update(alice.key.raw).update(inner).digest("hex");
  assert.equal(claimId(alice.key.raw, pae(statement)), expected);
  const wrapped = [byAlice, byBoth, envelope([{ sig: sigOf(alice), keyid: "x" }, junk])];
  for (const attestation of wrapped) assert.equal((await verifyWith(attestation, alice.key))?.id, expected);
  assert.notEqual((await verifyWith(byBoth, bob.key))?.id, expected);
});

test("signatureItems() lists what is to be checked elsewhere; trustChecked() makes of it what verifyWith() does", async () => {
  const items = signatureItems(byBoth, alice.key);
  assert.equal(items.length, 2);
  const good = await Promise.all(
    items.map(({ key, message, signature }) => verifySignature(key, message, signature)),
  );
  assert.deepEqual(good, [false, true]);
  assert.deepEqual(trustChecked(byBoth, alice.key), await verifyWith(byBoth, alice.key));
  assert.deepEqual(signatureItems(envelope([{ sig: toBase64(new Uint8Array(63)) }]), alice.key), []);
});
