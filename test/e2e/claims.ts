import {
  buildLink,
  debTarget,
  publicFromSeed,
  sealEnvelope,
  sha256,
  signDomain,
  toHex,
  toPkcs8Pem,
  utf8,
} from "../../protocol/index.ts";
import type { Target } from "../../protocol/index.ts";

/** A builder of the tests: a key that signs what it built. */
export interface TestBuilder {
  readonly seed: Uint8Array;
  readonly raw: Uint8Array;
  readonly hex: string;
  readonly pem: string;
}

export function builder(name: string): TestBuilder {
  const seed = sha256(utf8(name));
  const raw = publicFromSeed(seed);
  return { seed, raw, hex: toHex(raw), pem: toPkcs8Pem(seed) };
}

export function packageTarget(name: string): Target {
  return debTarget({ namespace: "debian", name, version: "1.0-1", arch: "amd64" });
}

/** That builder says: I built this package, with that command, and got a file with this content. */
export function claim(by: TestBuilder, name: string, content: string, command = "build"): Uint8Array {
  return claimOf(by, packageTarget(name), sha256(utf8(content)), command);
}

/** That builder says: I built this, with that command, and got a file with this digest. */
export function claimOf(by: TestBuilder, target: Target, digest: Uint8Array, command = "build"): Uint8Array {
  const statement = buildLink([{ target, file: target.file, sha256: digest }], {
    step: "rebuild",
    command: [command],
    materials: [],
    how: "built",
    time: null,
    environment: null,
  });
  return sealEnvelope(statement, (bytes) => signDomain(by.seed, bytes), by.hex);
}
