import { after } from "node:test";
import { silent } from "../../../node/log.ts";
import { openMesh } from "../../../node/mesh/index.ts";
import type { Mesh, MeshConfig } from "../../../node/mesh/index.ts";
import type { Judgement, TransportListener } from "../../../node/edges.ts";

/** A mesh peer in this process, and what it was told. */
export interface TestPeer {
  readonly mesh: Mesh;
  readonly joined: Set<string>;
  readonly heard: string[];
  judgement: Judgement;
  answer: (bytes: Uint8Array) => Promise<Uint8Array>;
}

const open: Mesh[] = [];
after(async () => {
  await Promise.all(open.map((mesh) => mesh.close()));
});

const LOOPBACK = "/ip4/127.0.0.1/tcp/0";

/** A peer that listens on loopback, begins from the others given, and answers questions with their own octets. */
export async function startPeer(
  others: readonly TestPeer[],
  changes: Partial<MeshConfig> = {},
): Promise<TestPeer> {
  const mesh = await openMesh({
    network: "test",
    folder: null,
    database: null,
    listen: [LOOPBACK],
    bootstrap: others.map(({ mesh: other }) => other.addresses()[0] ?? ""),
    light: false,
    log: silent,
    now: Date.now,
    ...changes,
  });
  open.push(mesh);
  const peer: TestPeer = {
    mesh,
    joined: new Set(),
    heard: [],
    judgement: "accept",
    answer: async (bytes) => bytes,
  };
  const listener: TransportListener = {
    joined: (name) => void peer.joined.add(name),
    left: (name) => void peer.joined.delete(name),
    gossip: async (topic, _from, bytes) => {
      peer.heard.push(`${topic}: ${Buffer.from(bytes).toString()}`);
      return peer.judgement;
    },
    asked: async (_stream, _from, bytes) => [await peer.answer(bytes)],
  };
  await mesh.serve(listener);
  return peer;
}

/** Waits until something is so; the test's own time limit is the limit. */
export async function until(what: string, so: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 6_000; tries++) {
    if (await so()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never came: ${what}`);
}

export const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
