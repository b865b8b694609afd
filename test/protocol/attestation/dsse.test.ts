import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pae, parseAttestation, sealEnvelope, verifyOwn } from "../../../protocol/attestation/index.ts";
import type { Attestation } from "../../../protocol/attestation/index.ts";
import { fromUtf8, toBase64, utf8 } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { alice, digest, helloLink, readPayload, throwsCode, verifiedBy } from "./made.ts";

const statement = helloLink(digest("product"));
const envelope = alice.seal(statement);
const payload = toBase64(statement);
const sig = toBase64(alice.sign(pae(statement)));
const TYPE = "application/vnd.in-toto+json";

const parse = (value: unknown): Attestation => parseAttestation(utf8(JSON.stringify(value)));

test("pae() is DSSE's example, and counts octets", () => {
  assert.equal(
    fromUtf8(pae(utf8("hello world"), "http://example.com/HelloWorld")),
    "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
  );
  assert.equal(fromUtf8(pae(utf8(""), "")), "DSSEv1 0  0 ");
  assert.equal(fromUtf8(pae(utf8("é"), "ä")), "DSSEv1 2 ä 2 é");
  assert.equal(fromUtf8(pae(utf8("{}"))), `DSSEv1 28 ${TYPE} 2 {}`);
});

test("sealEnvelope() writes one line that parses and verifies", () => {
  assert.ok(!envelope.includes(0x0a));
  const attestation = parseAttestation(envelope);
  assert.equal(attestation.form, "dsse");
  assert.deepEqual(attestation.bytes, envelope);
  assert.deepEqual(attestation.signedBytes, pae(statement));
  assert.equal(verifiedBy(alice, envelope).signatures.length, 1);
  throwsCode(() => sealEnvelope(new Uint8Array(60_000), alice.sign, null), "attestation/too-big");
});

test("an attestation keeps no window on the octets given, and cannot be changed", () => {
  const bundle = new Uint8Array(10_000);
  bundle.set(envelope, 100);
  const attestation = parseAttestation(bundle.subarray(100, 100 + envelope.length));
  bundle.fill(0);
  assert.deepEqual(attestation.bytes, envelope);
  assert.ok(
    Object.isFrozen(attestation) &&
      Object.isFrozen(attestation.claims) &&
      Object.isFrozen(attestation.signatures),
  );
});

test("key ids are hints; both base64 alphabets are read; members may come in any order", () => {
  const writings = [
    { payload, payloadType: TYPE, signatures: [{ sig }] },
    { payload, payloadType: TYPE, signatures: [{ sig, keyid: "" }] },
    { signatures: [{ keyid: "not his", sig }], payloadType: TYPE, payload },
    {
      payload: toUrlSafe(payload),
      payloadType: TYPE,
      signatures: [{ sig: toUrlSafe(sig).replaceAll("=", "") }],
    },
    { payload, payloadType: TYPE, signatures: [{ sig, cert: "-----BEGIN CERTIFICATE-----", extension: {} }] },
  ];
  const ids = writings.map((writing) => {
    const attestation = parse(writing);
    assert.deepEqual(attestation.claims, parseAttestation(envelope).claims);
    return verifyOwn(attestation, alice.key.raw)?.id;
  });
  assert.equal(new Set(ids).size, 1);
  assert.equal(parse(writings[0]).signatures[0]?.keyid, null);
  assert.equal(parse(writings[1]).signatures[0]?.keyid, null);
  assert.equal(parse(writings[2]).signatures[0]?.keyid, "not his");
});

test("what is no envelope has a code", () => {
  const good = { payload, payloadType: TYPE, signatures: [{ sig }] };
  throwsCode(() => parse({ ...good, payloadType: "application/json" }), "dsse/bad-payload-type");
  throwsCode(() => parse({ ...good, payloadType: 1 }), "shape/wrong-type");
  throwsCode(() => parse({ ...good, signatures: [] }), "attestation/bad-signatures");
  throwsCode(
    () => parse({ ...good, signatures: Array.from({ length: 17 }, () => ({ sig })) }),
    "attestation/bad-signatures",
  );
  throwsCode(() => parse({ ...good, signatures: [{ sig: "" }] }), "attestation/bad-signatures");
  const long = (octets: number): unknown => ({
    ...good,
    signatures: [{ sig: toBase64(new Uint8Array(octets)) }],
  });
  assert.equal(parse(long(1_024)).signatures.length, 1);
  for (const octets of [1_025, 1_026, 2_000])
    throwsCode(() => parse(long(octets)), "attestation/bad-signatures", String(octets));
  throwsCode(() => parse({ ...good, signatures: [{ sig, keyid: "a".repeat(257) }] }), "shape/out-of-range");
  throwsCode(() => parse({ ...good, signatures: [{ keyid: "a" }] }), "shape/missing");
  throwsCode(() => parse({ ...good, signatures: { sig } }), "shape/wrong-type");
  throwsCode(() => parse({ ...good, payload: `${payload}=` }), "bytes/bad-base64");
  throwsCode(
    () => parse({ ...good, payload: payload.slice(0, 8) + "\n" + payload.slice(8) }),
    "bytes/bad-base64",
  );
  throwsCode(() => parse({ ...good, note: "unsigned" }), "shape/unknown-member");
  throwsCode(() => parse({ ...good, signed: {} }), "shape/unknown-member");
  throwsCode(() => parse({ signatures: [{ sig }] }), "attestation/unknown-form");
  throwsCode(() => parse([]), "shape/wrong-type");
  throwsCode(() => parseAttestation(utf8("")), "json/bad-syntax");
  throwsCode(() => parseAttestation(Uint8Array.of(0xff, 0xfe)), "bytes/bad-utf8");
  throwsCode(() => parseAttestation(new Uint8Array(65_536)), "attestation/too-big");
  throwsCode(() => parseAttestation(new Uint8Array(10_000_000)), "attestation/too-big");
  throwsCode(() => parseAttestation(utf8(`{"payload":"","payload":""}`)), "json/duplicate-key");
  throwsCode(() => parseAttestation(utf8("[".repeat(60_000))), "json/too-deep");
});

test("what is no in-toto payload has a code", () => {
  throwsCode(() => readPayload("null"), "shape/wrong-type");
  throwsCode(() => readPayload("{}"), "shape/missing");
  throwsCode(() => readPayload({ _type: "https://in-toto.io/Statement/v2" }), "statement/unknown-type");
  throwsCode(() => readPayload('{"_type":"link","_type":"link"}'), "json/duplicate-key");
  throwsCode(() => readPayload('{"__proto__":{"_type":"link"}}'), "shape/missing");
});

test("truncated anywhere, an envelope is refused with a code", () => {
  for (let length = 0; length < envelope.length; length++) {
    assert.throws(() => parseAttestation(envelope.subarray(0, length)), ProtocolError);
  }
});

test("every changed octet is refused, unverifiable, or outside of what was signed", () => {
  const original = verifiedBy(alice, envelope);
  let outside = 0;
  for (let at = 0; at < envelope.length; at++) {
    for (const flip of [0x01, 0x20, 0x80]) {
      const changed = envelope.slice();
      changed[at] = (changed[at] ?? 0) ^ flip;
      const verified = verify(changed);
      if (verified === null) continue;
      // Only the key id can be changed, or a base64 digit into its twin of the other alphabet.
      assert.deepEqual(verified.signedBytes, original.signedBytes);
      assert.deepEqual(verified.claims, original.claims);
      assert.equal(verified.id, original.id);
      outside++;
    }
  }
  assert.ok(outside > 0 && outside < 300, String(outside));
});

test("any octets and any JSON end in an attestation or a code", () => {
  const some = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map(utf8),
    fc.json().map((json) => alice.seal(utf8(json.toWellFormed()))),
  );
  fc.assert(
    fc.property(some, (bytes) => {
      try {
        parseAttestation(bytes);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

function verify(bytes: Uint8Array): ReturnType<typeof verifyOwn> {
  try {
    return verifyOwn(parseAttestation(bytes), alice.key.raw);
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error));
    return null;
  }
}

function toUrlSafe(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}
