/** What a peer found, as it told of it and as it keeps it. */
import assert from "node:assert/strict";
import type { Finding, FindingKind } from "../../../protocol/peer/index.ts";
import type { MemoryFeed } from "../../sim/memory-feed.ts";
import type { Rig, RigPeer, Stub } from "./rig.ts";
import { feedServer } from "./stubs.ts";

/** A neighbour who serves a feed and shows the blobs that `shown` has at that moment for its heads. */
export function shower(rig: Rig, name: string, feed: MemoryFeed, shown: () => readonly Uint8Array[]): Stub {
  return feedServer(rig, name, feed, (request, blobs) => (request.kind === "heads" ? [...shown()] : blobs));
}

export function kinds({ findings }: RigPeer): readonly FindingKind[] {
  return findings.map(({ kind }) => kind);
}

/** What the store has of one finding of that kind; there is one. */
export function kept(peer: RigPeer, kind: FindingKind): Finding {
  const result = peer.command({ do: "findings", since: 0, limit: 100 });
  assert.ok(result?.ok === true && result.do === "findings");
  const all = result.findings.filter((finding) => finding.kind === kind);
  assert.equal(all.length, 1, kinds(peer).join(" "));
  return all[0] ?? assert.fail();
}
