/** Who shows a domain slowly, or much of it, holds nobody up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MESH, meshSources } from "../../../client/trust/index.ts";
import type { Carriers } from "../../../client/edges.ts";
import { CARRIER_TOTAL_MS } from "../../../protocol/index.ts";
import { delegationTo, LATER, signedBy, targetsOf } from "../../protocol/trust/domains.ts";
import { begun, bob, carol, client, PIN, rejects, release } from "./rig.ts";
import type { Site } from "./site.ts";

test("a peer that takes its time for each document is left after so long in all, and the others are not", async () => {
  let now = 0;
  const asked: string[] = [];
  const carriers: Carriers = {
    carriers: () => Promise.resolve(["slow", "quick"]),
    fetch(from) {
      asked.push(from);
      now += from === "slow" ? CARRIER_TOTAL_MS / 8 : 1;
      return Promise.resolve(null);
    },
  };
  const [slow, quick] = await meshSources(carriers, PIN, MESH, {}, () => now);
  assert.ok(slow !== undefined && quick !== undefined);
  for (let version = 1; version <= 8; version++) assert.equal(await slow.root(version), null);
  await rejects(slow.root(9), "trust/unreachable", /slow.*took more than 60 s/);
  assert.equal(asked.length, 8, "it is asked no more");
  assert.equal(await quick.targets([]), null, "each has its own time");
});

test("what a domain's files may take is bounded over all updates, and no delegate keeps the domain itself from its own", async () => {
  const site = await begun();
  const one = await client();
  const delegations = [delegationTo("debian", bob), delegationTo("fedora", carol)];
  await release(site, 2, { delegations });
  await one.add(site);
  await large(site, "debian", bob);
  await one.update(site);
  await large(site, "fedora", carol);
  const { domain, failures } = await one.update(site);
  assert.deepEqual([...domain.targets.keys()], ["", "debian"]);
  assert.match(failures.map(({ message }) => message).join(), /at most 67108864 are kept/);
  await release(site, 3, { delegations, files: [await site.file("policy.toml", "x".repeat(1_000_000))] });
  assert.equal((await one.update(site)).domain.targets.get("")?.version, 3);
  // Whom the domain drops takes no room any more.
  await release(site, 4, { delegations: delegations.slice(1) });
  assert.deepEqual([...(await one.update(site)).domain.targets.keys()], ["", "fedora"]);
});

/** A delegate lists 63 MiB, more than half of what a domain may take; it is one file by many names. */
async function large(site: Site, name: string, by: typeof bob): Promise<void> {
  const file = await site.file(`${name}/0`, name.padEnd(1024 * 1024));
  const files = Array.from({ length: 63 }, (_, at) => ({ ...file, path: `${name}/${at}` }));
  await site.put({ role: [name] }, signedBy(targetsOf(1, { files, expires: LATER }), "targets", by));
}
