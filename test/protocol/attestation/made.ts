/** A builder, his attestations, and what tests of attestations share. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  buildLink,
  debTarget,
  parseAttestation,
  sealEnvelope,
  verifyOwn,
} from "../../../protocol/attestation/index.ts";
import type { Descriptor, LinkPredicate, Target, Verified } from "../../../protocol/attestation/index.ts";
import { utf8 } from "../../../protocol/bytes/index.ts";
import {
  ed25519Key,
  keyIdPlain,
  publicFromSeed,
  sha256,
  signDomain,
} from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";
import type { ProtocolCode } from "../../../protocol/errors.ts";

export interface Builder {
  readonly key: PublicKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
  /** The envelope of a statement. */
  readonly seal: (payload: Uint8Array | string) => Uint8Array;
}

export function builder(octet: number): Builder {
  const seed = new Uint8Array(32).fill(octet);
  const key = ed25519Key(publicFromSeed(seed));
  const sign = (message: Uint8Array): Uint8Array => signDomain(seed, message);
  return {
    key,
    sign,
    seal: (payload) =>
      sealEnvelope(typeof payload === "string" ? utf8(payload) : payload, sign, keyIdPlain(key)),
  };
}

export const alice: Builder = builder(1);
export const bob: Builder = builder(2);

export const hello: Target = debTarget({
  namespace: "debian",
  name: "hello",
  version: "2.10-3",
  arch: "amd64",
});

/** SHA-256 of a text: a digest to speak of. */
export const digest = (text: string): Uint8Array => sha256(utf8(text));

export const dsc: Descriptor = {
  name: "hello_2.10-3.dsc",
  uri: null,
  sha256: digest("dsc"),
  gitCommit: null,
  gitTag: null,
};

export const rebuilt: LinkPredicate = {
  step: "rebuild",
  materials: [dsc],
  command: ["dpkg-buildpackage", "-us", "-uc", "-b"],
  how: "built",
  time: Date.UTC(2026, 10, 21, 3, 25),
  environment: { architecture: "amd64", packages: digest("packages") },
};

/** A statement that hello came out with this digest. */
export function helloLink(sha256: Uint8Array, link: Partial<LinkPredicate> = {}): Uint8Array {
  return buildLink([{ target: hello, file: hello.file, sha256 }], { ...rebuilt, ...link });
}

/** Parsed and verified, or the test fails. */
export function verifiedBy(by: Builder, envelope: Uint8Array): Verified {
  return verifyOwn(parseAttestation(envelope), by.key.raw) ?? assert.fail("the signature does not hold");
}

/** A file of test/vectors. */
export function vector(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../vectors/${path}`, import.meta.url)));
}

/** Parses a DSSE envelope by Alice around any payload. */
export function readPayload(payload: string | object): ReturnType<typeof parseAttestation> {
  return parseAttestation(alice.seal(typeof payload === "string" ? payload : JSON.stringify(payload)));
}

export function throwsCode(run: () => unknown, code: ProtocolCode, what: string = code): void {
  assert.throws(run, { name: "ProtocolError", code }, what);
}
