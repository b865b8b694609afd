/** Peers of the mesh in rounds: who brings nothing newer gives his place to others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { join } from "node:path";
import { CARRIER_ROUNDS, MAX_CARRIERS } from "../../../protocol/index.ts";
import type { Carriers } from "../../../client/edges.ts";
import {
  addDomain,
  inRounds,
  isNewer,
  meshRounds,
  openDomain,
  updateDomain,
} from "../../../client/trust/index.ts";
import { readIfThere } from "../../../client/artifact/index.ts";
import { begun, client, FIRST, NOW, PIN, rejects, release, versions } from "./rig.ts";
import { Site } from "./site.ts";

/** Peers, each with a site of its own, MAX_CARRIERS in each answer. */
function peersAt(sites: readonly Site[]): Carriers & { readonly asked: Set<string> } {
  const asked = new Set<string>();
  return {
    asked,
    carriers: async (_domain, _ms, { except = [] } = {}) =>
      [...sites.keys()]
        .map(String)
        .filter((peer) => !except.includes(peer))
        .slice(0, MAX_CARRIERS),
    async fetch(peer, { path, most }) {
      asked.add(peer);
      return readIfThere(join(sites[Number(peer)]?.folder ?? "", path), most);
    },
  };
}

test("behind 16 who hold what is new back, or lie, the one is found who has it", async () => {
  const [old, lies, news] = [await begun(), await Site.open(), await begun()];
  await lies.put({ root: 1 }, FIRST);
  const one = await client();
  const { store } = one;
  await one.add(old);
  await release(news, 2);
  for (const liar of [old, lies]) {
    const peers = peersAt([...Array.from({ length: MAX_CARRIERS }, () => liar), news]);
    const before = openDomain(store, PIN);
    const updated = await inRounds(
      (sources) => updateDomain(store, PIN, sources, NOW),
      await meshRounds(peers, PIN, "mesh"),
      (now) => isNewer(before, now),
    );
    assert.deepEqual(versions(updated), [1, 2]);
  }
  // Who pins it now gets to him, too.
  const other = await client();
  const peers = peersAt([...Array.from({ length: MAX_CARRIERS }, () => old), news]);
  const added = await inRounds(
    (sources) => addDomain(other.store, { fingerprint: PIN, sources, now: NOW }),
    await meshRounds(peers, PIN, "mesh"),
    () => false,
  );
  assert.deepEqual(versions(added), [1, 2]);
});

test("it ends with what is newer, with the last of them, and after so many rounds", async () => {
  const [site, news] = [await begun(), await begun()];
  await release(news, 2);
  const ask = async (sites: readonly Site[]): Promise<number> => {
    const one = await client();
    const { store } = one;
    await one.add(site);
    const before = openDomain(store, PIN);
    const peers = peersAt(sites);
    await inRounds(
      (sources) => updateDomain(store, PIN, sources, NOW),
      await meshRounds(peers, PIN, "mesh"),
      (now) => isNewer(before, now),
    );
    return peers.asked.size;
  };
  const many = Array.from({ length: 5 * MAX_CARRIERS }, () => site);
  assert.equal(await ask(many), CARRIER_ROUNDS * MAX_CARRIERS);
  assert.equal(await ask([site, site]), 2);
  assert.equal(await ask([news, ...many]), MAX_CARRIERS);
  await rejects(meshRounds(peersAt([]), PIN, "mesh"), "trust/unreachable");
});
