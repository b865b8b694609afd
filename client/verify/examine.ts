import { basename } from "node:path";
import { fromHex } from "../../protocol/index.ts";
import type { Artifact } from "../../protocol/index.ts";
import {
  hashFile,
  identify,
  identifyOpenDeb,
  identifyOpenPacman,
  pacmanFileName,
  targetOf,
} from "../artifact/index.ts";
import type { HashCrew, Identity, IdentifyOptions } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";

/** A file ready to be judged. */
export interface Examined {
  /** Null where only its digest was given. */
  readonly path: string | null;
  readonly artifact: Artifact;
  /** Why it can't be what it is given out as; null where nothing speaks against it. */
  readonly unfit: string | null;
}

/** Hashes a file and finds out what it is. Throws `input/…`: what is wrong with the file itself is part of the answer. */
export async function examine(path: string, options: IdentifyOptions): Promise<Examined> {
  const { sha256 } = await hashFile(path);
  return examined(path, basename(path), sha256, () => identify(path, options));
}

/** The same of a .deb that is open, and was not read from: hashed by `crew`. Throws errors of the file system. */
export async function examineOpenDeb(
  file: number,
  path: string,
  options: IdentifyOptions,
  crew: Pick<HashCrew, "hash">,
): Promise<Examined> {
  return examined(path, basename(path), await crew.hash(file), () => identifyOpenDeb(file, path, options));
}

/** The same of a package of pacman's. */
export async function examineOpenPacman(
  file: number,
  path: string,
  options: IdentifyOptions,
  crew: Pick<HashCrew, "hash">,
): Promise<Examined> {
  const sha256 = await crew.hash(file);
  return examined(path, pacmanFileName(path), sha256, () => identifyOpenPacman(file, path, options));
}

async function examined(
  path: string,
  name: string,
  sha256: Uint8Array,
  identity: () => Promise<Identity>,
): Promise<Examined> {
  try {
    const { target, inside } = await identity();
    return { path, artifact: { sha256, name, target, inside }, unfit: null };
  } catch (error) {
    if (!(error instanceof ClientError) || !error.code.startsWith("artifact/")) throw error;
    const unfit = error.code === "artifact/not-a-package" ? null : error.message;
    return { path, artifact: { sha256, name, target: null, inside: null }, unfit };
  }
}

/** A file that isn't here, by its digest and what it is. Throws `usage/bad-option`. */
export function examineDigest(sha256: string, purl: string, name: string): Examined {
  const target = targetOf(purl, name);
  try {
    return { path: null, artifact: { sha256: fromHex(sha256, 32), name, target, inside: null }, unfit: null };
  } catch (error) {
    throw new ClientError("usage/bad-option", `--sha256 ${sha256}: 64 lowercase hex digits are expected`, {
      cause: error,
    });
  }
}
