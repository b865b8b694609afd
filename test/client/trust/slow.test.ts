/** Who shows a domain slowly, or much of it, holds nobody up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MESH, meshSources } from "../../../client/trust/index.ts";
import type { Carriers } from "../../../client/edges.ts";
import { CARRIER_TOTAL_MS } from "../../../protocol/index.ts";
import { PIN, rejects } from "./rig.ts";

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
  const [slow, quick] = await meshSources(carriers, PIN, MESH, () => now);
  assert.ok(slow !== undefined && quick !== undefined);
  for (let version = 1; version <= 8; version++) assert.equal(await slow.root(version), null);
  await rejects(slow.root(9), "trust/unreachable", /slow.*took more than 60 s/);
  assert.equal(asked.length, 8, "it is asked no more");
  assert.equal(await quick.targets([]), null, "each has its own time");
});
