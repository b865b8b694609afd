/** A node that is asked two thousand times a second answers, and what others publish meanwhile comes to it all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { originHash, toHex } from "../../../protocol/index.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { putLoad } from "../../load.ts";
import { lacks } from "../../programs.ts";
import { until } from "../mesh/peers.ts";
import { startTestNode } from "../test-node.ts";

const SECONDS = 4;

test("gossip goes on while the interface is under load", { skip: lacks("wrk") }, async () => {
  const follow = { all: true, origins: [], builders: [] };
  const api = { listen: "127.0.0.1:0", public: false, hosts: [] };
  const publisher = await startTestNode({ follow });
  const loaded = await startTestNode({ follow, api, bootstrap: publisher.listen });
  const alice = builder("alice");
  await publisher.publish([claim(alice, "first", "bits")]);
  const held = async (): Promise<number> =>
    (await loaded.status()).feeds.find(({ origin }) => origin === publisher.origin)?.held ?? 0;
  await until("the first entry comes", async () => (await held()) === 1);

  const hash = toHex(originHash(publisher.origin ?? ""));
  const paths = [
    "/v1/status",
    "/v1/feeds",
    "/v1/targets?q=first",
    `/feeds/${hash}/checkpoint`,
    "/healthz",
    "/v1/findings",
  ];
  const over = new AbortController();
  const load = putLoad({ url: loaded.api ?? "", paths, seconds: SECONDS, rate: 2_000 }).finally(() =>
    over.abort(),
  );
  let came = 0;
  for (let count = 2; !over.signal.aborted; count++) {
    await publisher.publish([claim(alice, `package-${count}`, "bits")]);
    await until(`entry ${count} comes`, async () => (await held()) === count);
    if (!over.signal.aborted) came++;
  }
  const { requests, failed } = await load;
  assert.ok(came > 0, "what was published came while the load was on");
  assert.equal(failed, 0, "every request was answered, and well");
  assert.ok(requests > 0, "there was a load");
});
