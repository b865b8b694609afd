import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAttestation, verifyOwn } from "../../../protocol/attestation/index.ts";
import type { Claim } from "../../../protocol/attestation/index.ts";
import { fromHex, fromUtf8, toHex, utf8 } from "../../../protocol/bytes/index.ts";
import { sha256Hex } from "../../../protocol/crypto/index.ts";
import type { ProtocolCode } from "../../../protocol/errors.ts";
import { throwsCode, vector } from "./made.ts";

interface Envelopes {
  readonly key: string;
  readonly envelopes: readonly {
    readonly about: string;
    readonly envelope: string;
    readonly signedSha256: string;
    readonly id: string;
    readonly predicateType: string;
    readonly claims: readonly (Omit<Claim, "target" | "sha256"> & {
      readonly target: { readonly purl: string; readonly key: string } | null;
      readonly sha256: string | null;
    })[];
  }[];
  readonly refused: readonly { readonly about: string; readonly text: string; readonly code: ProtocolCode }[];
}

const vectors: Envelopes = JSON.parse(fromUtf8(vector("attestation/envelopes.json")));

test("the published envelopes verify and say what is published", () => {
  assert.equal(vectors.envelopes.length, 13);
  const kinds = new Set<string>();
  for (const { about, envelope, signedSha256, id, predicateType, claims } of vectors.envelopes) {
    const verified = verifyOwn(parseAttestation(utf8(envelope)), fromHex(vectors.key)) ?? assert.fail(about);
    assert.deepEqual(
      [sha256Hex(verified.signedBytes), verified.id, verified.predicateType],
      [signedSha256, id, predicateType],
      about,
    );
    assert.equal(verified.claims.length, claims.length, about);
    for (const [index, expected] of claims.entries()) {
      const claim = verified.claims[index] ?? assert.fail();
      kinds.add(claim.kind);
      const { target, sha256, git, ...rest } = claim;
      const objects = git?.objects.map(({ bytes, ...one }) => ({ ...one, bytes: toHex(bytes) }));
      const said = {
        ...rest,
        ...(git === undefined ? {} : { git: { ...git, objects } }),
        target: target === null ? null : { purl: target.purl, key: target.keyHex },
        sha256: sha256 === null ? null : toHex(sha256),
      };
      assert.deepEqual(said, expected, about);
    }
  }
  assert.deepEqual([...kinds].sort(), ["differs", "failed", "positive", "retraction"]);
});

test("the published texts are refused with their codes", () => {
  assert.equal(vectors.refused.length, 28);
  for (const { about, text, code } of vectors.refused) {
    throwsCode(() => parseAttestation(utf8(text)), code, about);
  }
});
