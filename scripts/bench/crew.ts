/** Builders of the benchmarks, their policy, and a mesh of nodes that follow them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toSpkiPem, ed25519Key } from "../../protocol/index.ts";
import { builder } from "../../test/e2e/claims.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";
import { sleep, startNode, withFolder } from "./processes.ts";
import type { NodeProcess } from "./processes.ts";

/** Nodes that start at once: each keeps a core busy for half a second. */
const STARTING_AT_ONCE = 2;
const COMPANY_MS = 30_000;

export const BUILDERS: readonly TestBuilder[] = ["alice", "bob", "carol"].map(builder);

export interface Crew {
  /** The first ones publish for BUILDERS, in that order. */
  readonly nodes: readonly NodeProcess[];
  readonly policy: string;
}

/** A policy file: two of these. Needs `folder` to exist. */
export async function writePolicy(
  folder: string,
  members: readonly TestBuilder[] = BUILDERS,
): Promise<string> {
  const builders = members.map(
    (by, i) =>
      `[builders.builder-${i}]\nkey = """\n${toSpkiPem(ed25519Key(by.raw)).trim()}\n"""\nroles = ["rebuilder"]\n`,
  );
  const rule =
    '[[rules]]\nname = "debian"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 2, of = "role:rebuilder" }\n';
  const path = join(folder, "policy.toml");
  await writeFile(path, `version = 1\n\n${builders.join("\n")}\n${rule}`);
  return path;
}

/** Starts `count` nodes that begin from the first one, with `more` arguments each, and waits until each has company. */
export async function startCrew(
  folder: string,
  count: number,
  publishers: number,
  more: readonly string[] = [],
): Promise<Crew> {
  const policy = await writePolicy(folder);
  const start = async (i: number, first: readonly string[]): Promise<NodeProcess> => {
    const by = i < publishers ? BUILDERS[i] : undefined;
    const args = [`--policy=${policy}`, ...more];
    if (first.length > 0) args.push(`--bootstrap=${first[0]}`);
    if (by !== undefined) {
      const key = join(folder, `${i}.key`);
      await writeFile(key, by.pem, { mode: 0o600 });
      args.push(`--publish-key=${key}`, "--first");
    }
    return startNode(join(folder, `node-${i}`), args, true);
  };
  const first = await start(0, []);
  const nodes: NodeProcess[] = [first];
  for (let i = 1; i < count; i += STARTING_AT_ONCE) {
    const some = Array.from({ length: Math.min(STARTING_AT_ONCE, count - i) }, (_, n) => n + i);
    nodes.push(...(await Promise.all(some.map((n) => start(n, first.listen)))));
  }
  await company(nodes);
  return { nodes, policy };
}

/** Until each node knows a handful of others, and a little longer: gossip meshes form at heartbeats. */
async function company(nodes: readonly NodeProcess[]): Promise<void> {
  const wanted = Math.min(5, Math.ceil((nodes.length - 1) / 2));
  const end = performance.now() + COMPANY_MS;
  for (const node of nodes) {
    for (;;) {
      const { peers } = (await node.get("/v1/peers")) as { readonly peers: readonly unknown[] };
      if (peers.length >= wanted) break;
      if (performance.now() > end) throw new Error(`a node has ${peers.length} peers after ${COMPANY_MS} ms`);
      await sleep(500);
    }
  }
  await sleep(5_000);
}

export async function endCrew(nodes: readonly NodeProcess[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.end()));
}

/** Runs `use` beside one node that publishes for the first of BUILDERS, in a folder that goes afterwards, as the node does. */
export function besideNode<T>(
  use: (beside: {
    readonly folder: string;
    readonly node: NodeProcess;
    readonly policy: string;
  }) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const { nodes, policy } = await startCrew(folder, 1, 1);
    const [node] = nodes;
    if (node === undefined) throw new Error("no node");
    try {
      return await use({ folder, node, policy });
    } finally {
      await node.end();
    }
  });
}
