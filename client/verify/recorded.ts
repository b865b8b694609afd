import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, opendirSync, readSync } from "node:fs";
import { join } from "node:path";
import { counted, MAX_INSPECTED_BYTES, MAX_INSPECTED_FILES } from "../../protocol/index.ts";
import type { Artifacts, Digests } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

const CHUNK_BYTES = 1024 * 1024;

/** How much is recorded. */
export interface Bounds {
  /** Folders are counted too. */
  readonly files: number;
  readonly octets: number;
}

/**
 * The files below a folder by their SHA-256, as in-toto records them: paths with `/`. Links and whatever else is no file are left out: nothing is
 * followed. Throws `input/too-big` for more than `most`.
 */
export async function recordFolder(
  folder: string,
  most: Bounds = { files: MAX_INSPECTED_FILES, octets: MAX_INSPECTED_BYTES },
): Promise<Artifacts> {
  const recorded = new Map<string, Digests>();
  const waiting = [""];
  let [octets, seen] = [0, 0];
  for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
    const listing = opendirSync(join(folder, below));
    for await (const entry of listing) {
      if (++seen > most.files) throw tooMuch(most);
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(path);
      if (!entry.isFile()) continue;
      const hashed = hash(join(folder, path), most.octets - octets);
      if (hashed === null) throw tooMuch(most);
      octets += hashed.size;
      recorded.set(path, new Map([["sha256", hashed.sha256]]));
    }
  }
  return recorded;
}

/** Null for more than is left to be hashed. */
function hash(path: string, left: number): { readonly sha256: string; readonly size: number } | null {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (fstatSync(file).size > left) return null;
    const digest = createHash("sha256");
    const chunk = new Uint8Array(CHUNK_BYTES);
    let size = 0;
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      size += read;
      if (size > left) return null;
      digest.update(chunk.subarray(0, read));
    }
    return { sha256: digest.digest("hex"), size };
  } finally {
    closeSync(file);
  }
}

function tooMuch({ files, octets }: Bounds): ClientError {
  return new ClientError(
    "input/too-big",
    `an inspection left more than ${counted(files, "file")}, or ${octets} octets`,
  );
}
