/** A running node carries the trust domains that are pinned on its machine, and keeps them up to date (`protocol/spec/peer.md`, "Trust domains"). */
import { setTimeout as sleep } from "node:timers/promises";
import { DOMAIN_LOOK_MS, DOMAIN_UPDATE_MS } from "../../protocol/index.ts";
import type { Carriers } from "../edges.ts";
import {
  isMeshPlace,
  MESH,
  meshSources,
  nameInMesh,
  openDomain,
  openKnownSource,
  staticFilesOf,
  TrustStore,
  updateDomain,
} from "../trust/index.ts";

/** A node as far as it has to do with domains. */
export interface Carrier extends Carriers {
  carry(domain: Uint8Array, documents: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

const NOTHING: ReadonlyMap<string, Uint8Array> = new Map();

/** Goes on until `stop`. `say` is told in words what can't be done, each thing once; `changed` whenever what is pinned has changed. */
export async function carryDomains(
  dataDir: string,
  carrier: Carrier,
  stop: AbortSignal,
  { say, changed }: { readonly say: (line: string) => void; readonly changed: () => Promise<void> },
): Promise<void> {
  const store = new TrustStore(dataDir);
  const carried = new Map<string, string>();
  const said = new Set<string>();
  const tell = (error: unknown): void => {
    const line = error instanceof Error ? error.message : String(error);
    if (!said.has(line)) say(line);
    said.add(line);
  };
  let updateAt = Date.now() + DOMAIN_UPDATE_MS * Math.random();
  while (!stop.aborted) {
    const isDue = Date.now() >= updateAt;
    if (isDue) updateAt = Date.now() + DOMAIN_UPDATE_MS;
    for (const domain of store.domains()) {
      try {
        if (isDue) await update(store, domain, carrier);
        if (await carryOne(store, domain, carrier, carried)) await changed();
      } catch (error) {
        tell(error);
      }
    }
    for (const domain of [...carried.keys()].filter((one) => store.state(one) === null)) {
      carried.delete(domain);
      await carrier.carry(nameInMesh(domain), NOTHING).catch(tell);
      await changed();
    }
    await sleep(DOMAIN_LOOK_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** Whether it is another than before. Of one that has split nothing is carried: its owners have signed two futures. */
async function carryOne(
  store: TrustStore,
  fingerprint: string,
  carrier: Carrier,
  carried: Map<string, string>,
): Promise<boolean> {
  const state = store.state(fingerprint);
  if (state === null) return false;
  const now = JSON.stringify([state.roots, [...state.documents], state.split !== null]);
  const before = carried.get(fingerprint);
  if (before === now) return false;
  carried.set(fingerprint, now);
  const documents = state.split === null ? staticFilesOf(openDomain(store, fingerprint)) : NOTHING;
  await carrier.carry(nameInMesh(fingerprint), documents);
  return before !== undefined;
}

/** From where it was added, and from whoever in the mesh carries it too. */
async function update(store: TrustStore, fingerprint: string, carrier: Carrier): Promise<void> {
  const places = openDomain(store, fingerprint).state.from.filter((place) => !isMeshPlace(place));
  // That nobody else carries it is no failure.
  const peers = await meshSources(carrier, fingerprint, MESH).catch(() => []);
  const sources = [...places.map(openKnownSource), ...peers];
  if (sources.length > 0) await updateDomain(store, fingerprint, sources, Date.now());
}
