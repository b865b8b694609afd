import { MAX_ENTRY_BYTES, MAX_PUBLISH_FILE_BYTES, parseAttestation, utf8 } from "../../protocol/index.ts";
import type { Attestation } from "../../protocol/index.ts";
import { readStdin, readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";

/**
 * The attestations of a file, or of stdin for `-`: one envelope a line (JSON lines), or one legacy link that may span lines.
 * Throws `input/…`, and what `parseAttestation` throws with the file and line in front.
 */
export async function readAttestations(path: string): Promise<readonly Attestation[]> {
  return attestationsIn(path === "-" ? await readInput() : readWhole(path, MAX_PUBLISH_FILE_BYTES), path);
}

/** The same of what was read there. */
export function attestationsIn(octets: Uint8Array, path: string): readonly Attestation[] {
  const text = decode(octets, path);
  const whole = text.trim();
  if (whole === "")
    throw new ClientError("usage/nothing-to-do", `${path}: it is empty; name what \`attest\` wrote`);
  if (utf8(whole).length <= MAX_ENTRY_BYTES) {
    try {
      return [parseAttestation(utf8(whole))];
    } catch (error) {
      if (!whole.includes("\n")) throw at(path, error);
    }
  }
  const attestations: Attestation[] = [];
  for (const [number, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      attestations.push(parseAttestation(utf8(line.trim())));
    } catch (error) {
      throw at(`${path}:${number + 1}`, error);
    }
  }
  return attestations;
}

async function readInput(): Promise<Uint8Array> {
  const octets = await readStdin(MAX_PUBLISH_FILE_BYTES);
  if (octets === null) throw tooBig("stdin");
  return octets;
}

function decode(octets: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch (error) {
    throw new ClientError("bundle/bad-file", `${path}: not an attestation: it is not UTF-8`, {
      cause: error,
    });
  }
}

function tooBig(path: string): ClientError {
  return new ClientError(
    "input/too-big",
    `${path}: at most ${MAX_PUBLISH_FILE_BYTES} octets are read at once; split it`,
  );
}

function at(place: string, error: unknown): ClientError {
  const why = error instanceof Error ? error.message : String(error);
  return new ClientError("bundle/bad-file", `${place}: not an attestation: ${why}`, { cause: error });
}
