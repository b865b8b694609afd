/** The build environment as far as it may explain a different result: the toolchain (`protocol/spec/attestation.md`). */
import { compareBytes, jsonObject, toHex, utf8 } from "../bytes/index.ts";
import type { JsonValue, Shape } from "../bytes/index.ts";
import { sha256, sha256Hex } from "../crypto/index.ts";
import { MAX_STEP_BYTES } from "../limits.ts";
import { readName } from "./descriptor.ts";

/** What was installed where the step ran. Build date, path, user and variables are the run's, not the environment's. */
export interface Environment {
  /** Of the building machine, as its packages name it: `amd64`, `x86_64`. */
  readonly architecture: string;
  /** `packagesDigest` of what was installed, 32 octets. */
  readonly packages: Uint8Array;
}

/** SHA-256 over the installed packages, one a line (`<name> (= <version>)` on Debian), sorted by octets, once each. */
export function packagesDigest(packages: Iterable<string>): Uint8Array {
  const lines = [...new Set(packages)].map((line) => utf8(`${line}\n`)).sort(compareBytes);
  return sha256(...lines);
}

/** The environment in a statement. */
export function environmentJson(environment: Environment): JsonValue {
  return jsonObject({ architecture: environment.architecture, packages: toHex(environment.packages) });
}

/** The digest by which environments are compared: SHA-256(architecture ‖ 0x0a ‖ the 32 octets of packages), in hex. */
export function environmentDigest(environment: Environment): string {
  return sha256Hex(utf8(`${environment.architecture}\n`), environment.packages);
}

/** Reads what `environmentJson` wrote, nothing else. */
export function readEnvironment(shape: Shape): Environment {
  const fields = shape.record();
  const architecture = readName(fields.member("architecture"), MAX_STEP_BYTES);
  const packages = fields.member("packages").hex(32);
  fields.done();
  return Object.freeze({ architecture, packages });
}
