/** npm's cache: files by their SHA-512, so that one can be found of which a lock has no SHA-256. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { equalBytes, toHex } from "../../protocol/index.ts";
import { unreadable } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import type { Entry, Manifest, Sealed, Unchecked } from "./listed.ts";

const CONTENT = "content-v2/sha512";

/**
 * The manifest with what the cache has of it: a file there that has the digest of the lock tells its SHA-256. Without a cache, or where it
 * lacks one, that can't be checked. `folder` is `npm config get cache`, or `_cacache` in it. Throws `input/missing`.
 */
export async function unseal(manifest: Manifest, folder: string | undefined): Promise<Manifest> {
  const content = folder === undefined ? null : contentOf(folder);
  const entries: Entry[] = [];
  const unchecked: Unchecked[] = [];
  for (const sealed of manifest.sealed) {
    const sha256 = content === null ? null : await lookUp(content, sealed);
    if (sha256 === null) unchecked.push(gapOf(sealed, content !== null));
    else entries.push({ place: sealed.place, target: sealed.target, sha256 });
  }
  return {
    ...manifest,
    entries: [...manifest.entries, ...entries],
    sealed: [],
    unchecked: [...manifest.unchecked, ...unchecked],
  };
}

function gapOf({ place, target }: Sealed, hasCache: boolean): Unchecked {
  return hasCache
    ? { place, name: target.purl, gap: "not-cached", reason: "the cache has no such file" }
    : {
        place,
        name: target.purl,
        gap: "no-sha256",
        reason: "the lock has its SHA-512 alone: with --npm-cache the file itself is looked at",
      };
}

function contentOf(folder: string): string {
  const places = [join(folder, "_cacache", CONTENT), join(folder, CONTENT)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    throw new ClientError(
      "input/missing",
      `--npm-cache ${folder}: no cache of npm is there; npm config get cache says where it is`,
    );
  return found;
}

/** Null where it is not there, or is another file than its name says. */
async function lookUp(content: string, { sha512 }: Sealed): Promise<Uint8Array | null> {
  const hex = toHex(sha512);
  const path = join(content, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
  if (!existsSync(path)) return null;
  const [long, short] = [createHash("sha512"), createHash("sha256")];
  try {
    for await (const part of createReadStream(path)) {
      if (!(part instanceof Uint8Array)) continue;
      long.update(part);
      short.update(part);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  return equalBytes(new Uint8Array(long.digest()), sha512) ? new Uint8Array(short.digest()) : null;
}
