/** Neighbours in the rig that serve one feed, honestly or not. */
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import type { TilesRequest } from "../../../protocol/wire/index.ts";
import { KNOWN_NAME_BYTES } from "../../../protocol/limits.ts";
import { nameOfNote } from "../../../protocol/peer/index.ts";
import { equalBytes } from "../../../protocol/bytes/index.ts";
import type { MemoryFeed } from "../../sim/memory-feed.ts";
import type { Rig, Stub } from "./rig.ts";

/** The blobs of an honest answer as a test changes them; null refuses, "silent" never answers. */
export type Change = (request: TilesRequest, blobs: Uint8Array[]) => Uint8Array[] | null | "silent";

/** A peer that serves a feed, with whatever change a test makes to the blobs. */
export function feedServer(
  rig: Rig,
  name: string,
  feed: MemoryFeed,
  change: Change = (_, blobs) => blobs,
): Stub {
  return rig.stub(name, (stream, bytes) => {
    if (stream !== "tiles") return null;
    const request = readTilesRequest(bytes);
    const blobs = change(request, feed.answer(request));
    if (blobs === null || blobs === "silent") return blobs;
    if (request.kind !== "heads") return writeTilesAnswer({ blobs, next: 0, code: "" });
    const names = namesIn(request.known ?? new Uint8Array(0));
    const isNamed = (note: Uint8Array): boolean => names.some((known) => equalBytes(known, nameOfNote(note)));
    const same = Uint8Array.from(names, (known) =>
      blobs.some((note) => equalBytes(known, nameOfNote(note))) ? 1 : 0,
    );
    const news = blobs.filter((note) => !isNamed(note));
    return writeTilesAnswer({ blobs: news, next: 0, code: "", ...(same.length === 0 ? {} : { same }) });
  });
}

function namesIn(row: Uint8Array): Uint8Array[] {
  return Array.from({ length: row.length / KNOWN_NAME_BYTES }, (_, i) =>
    row.subarray(KNOWN_NAME_BYTES * i, KNOWN_NAME_BYTES * (i + 1)),
  );
}
