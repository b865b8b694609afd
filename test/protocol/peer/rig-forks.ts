/** Feeds with branches, who serves them, and what a peer made of them. */
import assert from "node:assert/strict";
import { checkEvidenceSync } from "../../../protocol/evidence/index.ts";
import type { ForkEvidence } from "../../../protocol/evidence/index.ts";
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import type { TilesRequest } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { NETWORK } from "./rig.ts";
import type { Rig, RigPeer, Stub } from "./rig.ts";

export const alice: Builder = new Builder(1);
export const links: readonly Uint8Array[] = Array.from({ length: 400 }, (_, i) =>
  alice.link(packageNumber(i), "same"),
);

export function feedOf(count: number): MemoryFeed {
  return new MemoryFeed(1, NETWORK).append(...links.slice(0, count));
}

export function follower(rig: Rig, name = "p"): RigPeer {
  return rig.peer(name, { follow: { builders: [alice.key] } });
}

export type Change = (request: TilesRequest, blobs: Uint8Array[]) => Uint8Array[] | null;

/** Serves a feed, as `change` has it. */
export function server(rig: Rig, name: string, feed: MemoryFeed, change: Change = (_, blobs) => blobs): Stub {
  return rig.stub(name, (stream, bytes) => {
    if (stream !== "tiles") return null;
    const request = readTilesRequest(bytes);
    const blobs = change(request, feed.answer(request));
    return blobs === null ? null : writeTilesAnswer({ blobs, next: 0, code: "" });
  });
}

/** Heads, proofs and tiles, but no entry. */
export const noEntries: Change = (request, blobs) => (request.kind === "entries" ? null : blobs);

/** The one fork that a peer found, as its store has it. */
export function forkOf(peer: RigPeer): ForkEvidence {
  const proven = peer.findings.filter(({ kind }) => kind !== "withheld" && kind !== "own-elsewhere");
  const [finding, ...others] = proven;
  assert.equal(finding?.kind, "fork");
  assert.deepEqual(others, []);
  const result = peer.command({ do: "findings", since: 0, limit: 10 });
  assert.ok(result?.ok === true && result.do === "findings");
  const octets = result.findings.find(({ kind }) => kind === "fork")?.evidence;
  assert.ok(octets);
  const evidence = checkEvidenceSync(octets);
  assert.ok(evidence.kind === "fork");
  return evidence;
}

/** Writes with a row of that kind come to nothing. */
export function loses(kind: string): RigPeer["fault"] {
  const first = kind.charCodeAt(0);
  return (effect) =>
    effect.kind === "store" && effect.ops.some(({ key }) => key[0] === first) ? "hang" : null;
}
