/** A trust domain through the mesh: carried by a node that has pinned it, found by its fingerprint alone, kept up to date from there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex } from "../../protocol/index.ts";
import { carryDomains } from "../../client/cli/node-domains.ts";
import type { TrustSource } from "../../client/edges.ts";
import { addDomain, openTrustSource, TrustStore, updateDomain } from "../../client/trust/index.ts";
import type { Ran } from "../client/cli/run.ts";
import { Site } from "../client/trust/site.ts";
import { newFolder } from "../node/folder.ts";
import { startTestNode } from "../node/test-node.ts";
import { owner, rootOf, signedBy } from "../protocol/trust/domains.ts";
import { until } from "./asking.ts";
import { builder } from "./claims.ts";
import { DAY, FIRST, PIN, ran, release, rootFor } from "./trust-owner.ts";

const NETWORK = "trust-mesh";
/** What stands there now, from a place that can't be asked again. */
function elsewhere({ folder }: Site): TrustSource {
  return { ...openTrustSource(folder), name: "a stick", place: "mesh" };
}

/** In the network of this test. */
function ranHere(home: string, code: number, ...argv: string[]): Promise<Ran> {
  return ran(home, code, ...argv, "--network", NETWORK);
}

test(
  "a fingerprint and one peer are all that a laptop needs; whoever carries lies is passed over",
  { timeout: 120_000 },
  async () => {
    const site = await Site.open();
    await site.put({ root: 1 }, FIRST);
    await release(site, 1, { network: NETWORK, builders: [builder("alice")] });
    const dataDir = await newFolder();
    const store = new TrustStore(dataDir);
    const sources = [openTrustSource(site.folder)];
    await addDomain(store, { fingerprint: PIN, sources, now: Date.now() });

    const meeting = await startTestNode({ network: NETWORK });
    const carrier = await startTestNode({ network: NETWORK, bootstrap: meeting.listen });
    const liar = await startTestNode({ network: NETWORK, bootstrap: meeting.listen });
    const stop = new AbortController();
    const changes: number[] = [];
    const told: string[] = [];
    const carrying = carryDomains(dataDir, carrier.domains, stop.signal, {
      failed: (error) => void told.push(String(error)),
      changed: async () => void changes.push(changes.length),
    });
    const name = fromHex(PIN.slice(0, 40));
    const other = signedBy(rootOf(1, [owner(2)], 1, { expires: Date.now() + 365 * DAY }), "root", owner(2));
    await liar.domains.carry(name, new Map([["1.root.json", other]]));
    await until("both have told the DHT", async () => {
      const counts = await Promise.all(
        [carrier, liar].map(async (node) => (await node.status()).counters.get("domains-provided") ?? 0),
      );
      return counts.every((count) => count > 0);
    });

    const laptop = await newFolder();
    // What is in its home says nothing of the network.
    await ranHere(laptop, 64, "trust", "add", PIN);
    const added = await ranHere(
      laptop,
      0,
      "trust",
      "add",
      PIN.slice(0, 40),
      "--bootstrap",
      ...meeting.listen,
      "--json",
    );
    const [shown] = added.objects as { domain: string; verified: boolean }[];
    assert.deepEqual([shown?.domain, shown?.verified], [PIN, true]);
    assert.match(added.err, /1\.root\.json.*trust\/wrong-fingerprint/);

    // Another machine has pinned it from here, and has nowhere else to look; it is told.
    const [otherDir, second] = [
      await newFolder(),
      await startTestNode({ network: NETWORK, bootstrap: meeting.listen }),
    ];
    const otherStore = new TrustStore(otherDir);
    await addDomain(otherStore, { fingerprint: PIN, sources: [elsewhere(site)], now: Date.now() });
    const others = carryDomains(otherDir, second.domains, stop.signal, {
      failed: (error) => void told.push(String(error)),
      changed: () => Promise.resolve(),
    });
    await until("it carries it, too", async () => second.domains.pinned.length === 1);
    await release(site, 2, { network: NETWORK, builders: [builder("bob")] });
    await updateDomain(store, PIN, sources, Date.now());
    const began = Date.now();
    await until("the node carries what is new", async () => changes.length === 1);
    await until("and so does the other", async () => second.domains.pinned[0]?.targets === 2);
    assert.ok(Date.now() - began < 60_000, "long before it would have looked by itself");
    const updated = await ranHere(laptop, 0, "trust", "update", "--bootstrap", ...meeting.listen, "--json");
    assert.match(JSON.stringify(updated.objects[0]), /"version":2/);
    await ranHere(await newFolder(), 69, "trust", "add", "ab".repeat(32), "--bootstrap", ...meeting.listen);

    assert.deepEqual(told, []);
    // One machine sees that its owners signed two futures; the proof of that goes where the news went.
    for (const days of [300, 301]) {
      await site.put({ root: 2 }, rootFor(2, days));
      await updateDomain(store, PIN, sources, Date.now());
    }
    const problem = (): string => second.domains.pinned[0]?.problem?.detail ?? "";
    await until("the other knows", async () => problem().includes("two good roots 2"));
    const [, proof = ""] = /samebits evidence check (\S+)/.exec(problem()) ?? [];
    assert.notEqual(proof, store.proofFile(PIN), "it has its own copy");
    await ranHere(laptop, 0, "evidence", "check", proof);
    stop.abort();
    await Promise.all([carrying, others]);
  },
);
