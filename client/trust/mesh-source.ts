/** Trust domains out of the mesh: each peer that carries one is a source by itself, so that one honest peer is enough (`protocol/spec/peer.md`, "Trust domains"). */
import {
  CARRIER_TOTAL_MS,
  CARRIERS_MS,
  documentPath,
  DOMAIN_NAME_BYTES,
  filePath,
  fromHex,
  MAX_ROOT_BYTES,
  MAX_SPLIT_BYTES,
  MAX_TARGETS_BYTES,
} from "../../protocol/index.ts";
import type { WhichPeers } from "../../protocol/index.ts";
import type { Carriers, TrustSource } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { uptimeMs } from "../uptime.ts";

/** How `--from` calls it. */
export const MESH = "mesh";

/** Where peers carry the proof that a domain has split. */
export const SPLIT_PATH = "split.json";

/** Whether `--from` names the mesh, or a peer of it to begin from. */
export function isMeshPlace(from: string): boolean {
  return from === MESH || /^\/(?:ip4|ip6|dns|dns4|dns6|dnsaddr)\//.test(from);
}

/** One peer as a source. */
export interface MeshSource extends TrustSource {
  readonly peer: string;
}

/**
 * The peers that say that they carry the domain, those of `which` left out, or first. `pin`: a fingerprint, or as many digits of it as a pin has at least; `place`: how the user named the
 * mesh. Rejects with `trust/unreachable` where there are none.
 */
export async function meshSources(
  carriers: Carriers,
  pin: string,
  place: string,
  which: WhichPeers = {},
  clock: () => number = uptimeMs,
): Promise<readonly MeshSource[]> {
  const domain = nameInMesh(pin);
  const peers = await asked("the mesh", () => carriers.carriers(domain, CARRIERS_MS, which));
  if (peers.length === 0) {
    throw new ClientError(
      "trust/unreachable",
      `the mesh: nobody who was met or found carries ${pin}: name another place with --from, or a peer with --bootstrap`,
    );
  }
  return peers.map((peer) => sourceAt(carriers, domain, peer, place, clock));
}

/** By what the mesh knows a domain. */
export function nameInMesh(fingerprint: string): Uint8Array {
  return fromHex(fingerprint.toLowerCase().slice(0, 2 * DOMAIN_NAME_BYTES));
}

function sourceAt(
  carriers: Carriers,
  domain: Uint8Array,
  peer: string,
  place: string,
  clock: () => number,
): MeshSource {
  const name = `the mesh (${peer})`;
  let waited = 0;
  const get = (path: string, most: number): Promise<Uint8Array | null> =>
    asked(name, async () => {
      // A domain has thousands of documents and files: one who is late with each would hold all others up.
      if (waited >= CARRIER_TOTAL_MS)
        throw new Error(`it took more than ${CARRIER_TOTAL_MS / 1_000} s in all: it is asked no more`);
      const began = clock();
      try {
        return await carriers.fetch(peer, { domain, path, most });
      } finally {
        waited += clock() - began;
      }
    });
  return {
    name,
    peer,
    place,
    root: (version) => get(documentPath({ root: version }), MAX_ROOT_BYTES),
    targets: (role) => get(documentPath({ role }), MAX_TARGETS_BYTES),
    file: ({ sha256, length }) => get(filePath(sha256), length),
    split: () => get(SPLIT_PATH, MAX_SPLIT_BYTES),
    close: () => Promise.resolve(),
  };
}

async function asked<Value>(name: string, ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError("trust/unreachable", `${name}: ${why}`, { cause });
  }
}
