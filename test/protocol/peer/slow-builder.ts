/** A builder whose key is no Ed25519 one: its signatures are checked off the event loop, and count against the feed that carries them. */
import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { buildLink, sealEnvelope } from "../../../protocol/attestation/index.ts";
import type { Target } from "../../../protocol/attestation/index.ts";
import { keyIdPlain, parsePublicKey, verifyEd25519 } from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";
import type { SignatureItem } from "../../../protocol/peer/index.ts";
import { digestOf } from "../../sim/builder.ts";

export class SlowBuilder {
  readonly key: PublicKey;
  readonly #private: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.key = parsePublicKey(publicKey.export({ type: "spki", format: "pem" }).toString());
    this.#private = privateKey;
  }

  /** This target came out with these contents; or so somebody says who has not got the key. */
  link(target: Target, contents: string, isForged = false): Uint8Array {
    const statement = buildLink([{ target, file: target.file, sha256: digestOf(contents) }], {
      step: "rebuild",
      materials: [],
      command: [],
      how: "built",
      time: Date.UTC(2026, 0, 1),
      environment: null,
    });
    const said = (message: Uint8Array): Uint8Array =>
      new Uint8Array(sign("sha256", isForged ? message.subarray(1) : message, this.#private));
    return sealEnvelope(statement, said, keyIdPlain(this.key));
  }
}

/** As a driver checks it elsewhere, and without waiting. */
export function holds({ key, message, signature }: SignatureItem): boolean {
  if (key.type === "ed25519") return verifyEd25519(key.raw, message, signature);
  const spki = createPublicKey({ key: Buffer.from(key.spki), format: "der", type: "spki" });
  return verify("sha256", message, spki, signature);
}
