import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { describe, it } from "node:test";
import { pae, parseAttestation, sealEnvelope, verifyWith } from "../../../protocol/attestation/index.ts";
import type { Verified } from "../../../protocol/attestation/index.ts";
import { toHex } from "../../../protocol/bytes/index.ts";
import { keyIdKha, keyIdPlain, parsePublicKey } from "../../../protocol/crypto/index.ts";
import type { ProtocolCode } from "../../../protocol/errors.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { checkEvidence, checkEvidenceSync } from "../../../protocol/evidence/check.ts";
import { isDifference, isWithdrawn, proveContradiction } from "../../../protocol/evidence/contradiction.ts";
import type { ContradictionEvidence } from "../../../protocol/evidence/contradiction.ts";
import { describeEvidence, idOfEvidence } from "../../../protocol/evidence/describe.ts";
import { writeEvidence } from "../../../protocol/evidence/file.ts";
import { evidenceId } from "../../../protocol/evidence/id.ts";
import { Builder, digestOf, packageNumber } from "../../sim/builder.ts";

const ALICE = new Builder(1);
const BOB = new Builder(2);
const TARGET = packageNumber(0);
const OTHER = packageNumber(1);
const ENVIRONMENTS = ["gcc 12", "gcc 13"].map((gcc) => ({ architecture: "amd64", packages: digestOf(gcc) }));

function prove(
  a: Verified,
  b: Verified,
  retractions: readonly Verified[] = [],
): ContradictionEvidence | null {
  return proveContradiction(a, b, TARGET.key, retractions);
}

function proven(a: Verified, b: Verified): ContradictionEvidence {
  const evidence = prove(a, b);
  assert.ok(evidence !== null);
  return evidence;
}

const one = ALICE.verified(ALICE.link(TARGET, "one"));
const two = ALICE.verified(ALICE.link(TARGET, "two"));
const bobs = BOB.verified(BOB.link(TARGET, "two"));

describe("proveContradiction()", () => {
  it("proves that one key contradicts itself, in either order", () => {
    const evidence = proven(one, two);
    assert.equal(evidence.kind, "self-contradiction");
    assert.equal(evidence.difference, false);
    assert.equal(evidence.step, "rebuild");
    assert.deepEqual(evidence, proven(two, one));
  });

  it("proves that two keys disagree", () => {
    assert.equal(proven(one, bobs).kind, "disagreement");
  });

  it("tells drift from contradiction by inputs and environments that are stated and differ", () => {
    const [old, recent] = ENVIRONMENTS;
    assert.ok(old !== undefined && recent !== undefined);
    const withOld = ALICE.verified(ALICE.link(TARGET, "one", { environment: old }));
    const withRecent = BOB.verified(BOB.link(TARGET, "two", { environment: recent }));
    const sameAgain = BOB.verified(BOB.link(TARGET, "two", { environment: old }));
    assert.equal(proven(withOld, withRecent).difference, true);
    assert.equal(proven(withOld, sameAgain).difference, false);
    assert.equal(proven(withOld, bobs).difference, false);
    const inputA = ALICE.verified(ALICE.link(TARGET, "one", { input: digestOf("a") }));
    const inputB = BOB.verified(BOB.link(TARGET, "two", { input: digestOf("b") }));
    assert.equal(proven(inputA, inputB).difference, true);
    assert.ok(inputA.claims[0] !== undefined && one.claims[0] !== undefined);
    assert.equal(isDifference(inputA.claims[0], one.claims[0]), false);
  });

  it("finds none in the same claim under two key ids, or in two envelopes of it", () => {
    for (const keyid of [keyIdPlain(ALICE.key), keyIdKha(ALICE.key), null, "whoever"]) {
      assert.equal(prove(one, ALICE.verified(ALICE.link(TARGET, "one", { keyid }))), null);
    }
  });

  it("takes one key under two key ids for one key", () => {
    const under = ALICE.verified(ALICE.link(TARGET, "two", { keyid: keyIdKha(ALICE.key) }));
    assert.equal(proven(one, under).kind, "self-contradiction");
  });

  it("finds none in equal digests, other steps, other targets, failures", () => {
    assert.equal(prove(one, BOB.verified(BOB.link(TARGET, "one"))), null);
    assert.equal(prove(one, ALICE.verified(ALICE.link(TARGET, "two", { step: "strip" }))), null);
    assert.equal(prove(one, ALICE.verified(ALICE.link(OTHER, "two"))), null);
    assert.equal(prove(one, BOB.verified(BOB.failed(TARGET, "no space left"))), null);
    assert.equal(
      prove(one, two.claims[0] === undefined ? two : ALICE.verified(ALICE.retraction(TARGET, [one.id]))),
      null,
    );
  });

  it("finds the target among others of one statement", () => {
    const many = ALICE.verified(
      ALICE.links([
        [OTHER, "x"],
        [TARGET, "three"],
      ]),
    );
    assert.equal(proven(one, many).kind, "self-contradiction");
    assert.equal(proveContradiction(one, many, OTHER.key, []), null);
  });

  it("finds none where its own key took a claim back, only then", () => {
    const retraction = ALICE.verified(ALICE.retraction(TARGET, [one.id]));
    assert.equal(prove(one, two, [retraction]), null);
    assert.equal(prove(one, bobs, [retraction]), null);
    const byStranger = BOB.verified(BOB.retraction(TARGET, [one.id]));
    assert.ok(prove(one, two, [byStranger]) !== null);
    assert.ok(prove(one, two, [ALICE.verified(ALICE.retraction(TARGET, ["ab".repeat(32)]))]) !== null);
    assert.equal(isWithdrawn(proven(one, two), [byStranger]), false);
    assert.equal(isWithdrawn(proven(one, two), [retraction]), true);
  });

  it("finds none in a payload that lists the target twice", () => {
    const subject = (contents: string): object => ({
      name: TARGET.file,
      uri: TARGET.purl,
      digest: { sha256: toHex(digestOf(contents)) },
    });
    const statement = (...contents: string[]): Uint8Array =>
      new TextEncoder().encode(
        JSON.stringify({
          _type: "https://in-toto.io/Statement/v1",
          subject: contents.map(subject),
          predicateType: "https://in-toto.io/attestation/link/v0.3",
          predicate: { name: "rebuild", command: [], materials: [], byproducts: {}, environment: {} },
        }),
      );
    const twice = ALICE.verified(ALICE.seal(statement("one", "two")));
    assert.equal(twice.claims.length, 2);
    assert.equal(prove(twice, ALICE.verified(ALICE.seal(statement("three")))), null);
    assert.equal(prove(one, twice), null);
    // The very same line twice says one thing.
    const repeated = ALICE.verified(ALICE.seal(statement("two", "two")));
    assert.ok(prove(one, repeated) !== null);
  });
});

describe("evidence of contradictions", () => {
  it("is read as it was written, at once and later", async () => {
    for (const evidence of [proven(one, two), proven(one, bobs)]) {
      const bytes = writeEvidence(evidence);
      assert.deepEqual(checkEvidenceSync(bytes), evidence);
      assert.deepEqual(await checkEvidence(bytes), evidence);
    }
  });

  it("holds with no octet changed", () => {
    const bytes = writeEvidence(proven(one, two));
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.with(at, (bytes[at] ?? 0) ^ 1);
      let evidence: unknown = null;
      try {
        evidence = checkEvidenceSync(changed);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, `octet ${at}`);
      }
      // Key ids are hints that nobody signed: with another one it is the same evidence.
      if (evidence !== null)
        assert.equal(idOfEvidence(evidence as ContradictionEvidence), idOfEvidence(proven(one, two)));
    }
  });

  it("can't be made to accuse another key, of another kind, about another target", () => {
    const file = JSON.parse(new TextDecoder().decode(writeEvidence(proven(one, two)))) as Record<
      string,
      unknown
    >;
    const a = file["a"] as Record<string, unknown>;
    const refuses = (changed: object, code: ProtocolCode): void => {
      const bytes = new TextEncoder().encode(JSON.stringify({ ...file, ...changed }));
      assert.throws(() => checkEvidenceSync(bytes), { code });
    };
    refuses({ a: { ...a, signer: toHex(BOB.key.raw) } }, "evidence/bad-signature");
    refuses({ kind: "disagreement" }, "evidence/wrong-kind");
    refuses({ target: { purl: OTHER.purl, file: OTHER.file } }, "evidence/no-contradiction");
    refuses({ target: { purl: OTHER.purl, file: TARGET.file } }, "target/file-mismatch");
    refuses({ b: a }, "evidence/no-contradiction");
    refuses({ a: file["b"], b: a }, "evidence/not-canonical");
    refuses({ a: { ...a, signer: "00".repeat(32) } }, "key/small-order");
    refuses({ a: { ...a, note: "x" } }, "shape/unknown-member");
  });

  it("takes keys of others' kinds, later only", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const key = parsePublicKey(publicKey);
    const statement = atob(
      (JSON.parse(new TextDecoder().decode(BOB.link(TARGET, "three"))) as { payload: string }).payload,
    );
    const payload = new TextEncoder().encode(statement);
    const envelope = sealEnvelope(
      payload,
      (message) => new Uint8Array(sign("sha256", message, createPrivateKey(privateKey))),
      null,
    );
    assert.ok(pae(payload).length > 0);
    const foreign = await verifyWith(parseAttestation(envelope), key);
    assert.ok(foreign !== null);
    const bytes = writeEvidence(proven(one, foreign));
    assert.throws(() => checkEvidenceSync(bytes), { code: "evidence/foreign-key" });
    assert.equal((await checkEvidence(bytes)).kind, "disagreement");
  });

  it("has an id by kind, keys and target alone", () => {
    const three = ALICE.verified(ALICE.link(TARGET, "three"));
    const id = idOfEvidence(proven(one, two));
    assert.equal(idOfEvidence(proven(one, three)), id);
    assert.equal(evidenceId("self-contradiction", [ALICE.key.raw], TARGET.key), id);
    const keys = [ALICE.key.raw, BOB.key.raw];
    assert.equal(evidenceId("disagreement", keys, null), evidenceId("disagreement", keys.toReversed(), null));
    const others = [
      evidenceId("self-contradiction", [ALICE.key.raw], null),
      evidenceId("self-contradiction", [ALICE.key.raw], OTHER.key),
      evidenceId("self-contradiction", keys, TARGET.key),
      evidenceId("withheld", [ALICE.key.raw], TARGET.key),
    ];
    assert.equal(new Set([id, ...others]).size, 5);
  });

  it("is described with both digests and what is not proven", () => {
    const text = describeEvidence(proven(one, bobs)).join("\n");
    assert.match(text, /^DISAGREEMENT/);
    for (const part of [TARGET.purl, toHex(digestOf("one")), toHex(digestOf("two")), "Not proven"]) {
      assert.ok(text.includes(part), part);
    }
    assert.match(describeEvidence(proven(one, two)).join("\n"), /^SELF-CONTRADICTION/);
  });
});
