/** `watch` with a peer of its own, for whom a trust domain names. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Site } from "../client/trust/site.ts";
import { newFolder } from "../node/folder.ts";
import { startTestNode } from "../node/test-node.ts";
import { until } from "./asking.ts";
import { builder, claim } from "./claims.ts";
import { FIRST, PIN, ran, release } from "./trust-owner.ts";
import { watch } from "./watcher.ts";

const network = "watch-domain";
const [alice, bob, carol] = [builder("alice"), builder("bob"), builder("carol")];
const all = { all: true, origins: [], builders: [] };

test("it goes on with other builders when the domain names others", { timeout: 120_000 }, async () => {
  const first = await startTestNode({ network, publishKey: carol.pem, first: true, follow: all });
  const second = await startTestNode({ network, publishKey: bob.pem, first: true, bootstrap: first.listen });
  await first.publish([claim(carol, "hello", "bits")]);
  await second.publish([claim(bob, "hello", "other bits")]);
  const places = `bootstrap = ${JSON.stringify([...first.listen, ...second.listen])}`;
  const site = await Site.open();
  await site.put({ root: 1 }, FIRST);
  await release(site, 1, { network, places, builders: [alice, carol] });
  const home = await newFolder();
  await ran(home, 0, "trust", "add", PIN, "--from", await site.serve());

  const { lines, notes, child } = await watch([], home);
  const alerts = (): { kind?: string; builders: string[] }[] =>
    lines
      .map((line) => JSON.parse(line) as { kind?: string; builders: string[] })
      .filter(({ kind }) => kind !== undefined);
  await release(site, 2, { network, places, builders: [bob, carol] });
  await ran(home, 0, "trust", "update");
  await until("an alert", async () => alerts().length > 0);
  assert.deepEqual(
    alerts().map(({ kind, builders }) => [kind, builders.toSorted()]),
    [["disagreement", ["b0", "b1"]]],
  );

  // Nowhere to begin any more: it stays where it was, and tells nothing twice.
  await release(site, 3, { network, builders: [alice, bob, carol] });
  await ran(home, 0, "trust", "update");
  await until("another start", async () => notes.filter((note) => /watching by/.test(note)).length === 3);
  await first.publish([claim(carol, "world", "bits")]);
  await second.publish([claim(bob, "world", "other bits")]);
  await until("the next alert", async () => alerts().length > 1);
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number | null];
  assert.deepEqual([code, alerts().length], [0, 2], notes.join("\n"));
});
