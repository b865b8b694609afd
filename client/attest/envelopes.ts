/** Files of envelopes: what was signed before stays in them. */
import { dirname } from "node:path";
import { fromUtf8, MAX_PUBLISH_FILE_BYTES, parseAttestation, toHex } from "../../protocol/index.ts";
import type { Attestation } from "../../protocol/index.ts";
import { readIfThere } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { makeFolder } from "../folder.ts";
import { writeWhole } from "../write-file.ts";
import { attestationsIn } from "./read.ts";

const LINE_FEED = 10;

/**
 * Adds envelopes to a file, one a line; of what says the same the newest stays. The folder is made where it lacks. Throws `output/exists` for a file of
 * something else, `output/cannot-write`.
 */
export async function addEnvelopes(path: string, envelopes: readonly Uint8Array[]): Promise<void> {
  makeFolder(dirname(path));
  await writeEnvelopes(path, [...earlier(path, envelopes), ...envelopes]);
}

/** Writes a file anew, one document a line. Throws `output/cannot-write`. */
export async function writeEnvelopes(path: string, envelopes: readonly Uint8Array[]): Promise<void> {
  makeFolder(dirname(path));
  await writeWhole(path, envelopes.map((envelope) => `${fromUtf8(envelope)}\n`).join(""), { replace: true });
}

function earlier(path: string, envelopes: readonly Uint8Array[]): readonly Uint8Array[] {
  const said = new Set(envelopes.map((bytes) => sayingOf(parseAttestation(bytes))));
  try {
    const there = readIfThere(path, MAX_PUBLISH_FILE_BYTES);
    if (there === null || there.length === 0) return [];
    const kept = attestationsIn(there, path).filter((one) => !said.has(sayingOf(one)));
    if (kept.every(({ bytes }) => !bytes.includes(LINE_FEED))) return kept.map(({ bytes }) => bytes);
    throw new Error("an envelope has several lines");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError(
      "output/exists",
      `${path}: it is there, and no file of envelopes that samebits wrote (${why}): move it away, or name another folder with -o`,
      { cause },
    );
  }
}

/** The same for attestations that differ in time, inputs or environment only. */
function sayingOf({ predicateType, claims }: Attestation): string {
  const words = claims.map(({ kind, step, target, file, sha256, retracts }) => [
    kind,
    step,
    target?.keyHex ?? file,
    sha256 === null ? "" : toHex(sha256),
    ...retracts,
  ]);
  return JSON.stringify([predicateType, ...words]);
}
