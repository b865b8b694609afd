/** Neighbours in the rig that serve one feed, honestly or not. */
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import type { TilesRequest } from "../../../protocol/wire/index.ts";
import { KnownNames, nameOfNote } from "../../../protocol/peer/index.ts";
import type { MemoryFeed } from "../../sim/memory-feed.ts";
import type { Rig, Stub } from "./rig.ts";

/** The blobs of an honest answer as a test changes them; null refuses, "silent" never answers. */
export type Change = (request: TilesRequest, blobs: Uint8Array[]) => Uint8Array[] | null | "silent";

/** Octets of blobs that a peer puts into one answer. */
const FILL = 960 * 1024;

/** As a peer answers: as many entries as were asked for and fit. */
export function whole(feed: MemoryFeed): Change {
  return (request, blobs) => {
    if (request.kind !== "entries") return blobs;
    const given: Uint8Array[] = [];
    let octets = 0;
    for (const entry of feed.entries.slice(request.from, request.from + request.count)) {
      octets += entry.length;
      if (octets > FILL && given.length > 0) break;
      given.push(entry);
    }
    return given;
  };
}

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
    const known = new KnownNames(request.known);
    const news = blobs.filter((note) => known.isNews(nameOfNote(note)));
    return writeTilesAnswer({ blobs: news, next: 0, code: "", ...known.answered });
  });
}
