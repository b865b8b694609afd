import { startApi } from "../../../node/api/index.ts";
import { silent } from "../../../node/log.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { until } from "../mesh/peers.ts";
import { startTestNode } from "../test-node.ts";
import { atEnd } from "../../at-end.ts";

/** What `GET /metrics` of a node shows that has published, and has found a contradiction. */
export async function openMetrics(): Promise<string> {
  const alice = builder("alice");
  const node = await startTestNode({
    publishKey: alice.pem,
    first: true,
    witnessKey: builder("witness").pem,
    version: "0.1.0",
  });
  await node.publish([claim(alice, "hello", "these bits"), claim(alice, "hello", "those bits")]);
  await until("the finding", async () => (await node.status()).findings === 1);
  await node.query(
    { targets: [new Uint8Array(32)], digests: [], builders: [] },
    { network: true, deadlineMs: 100 },
  );
  const options = { socket: null, token: "", apiPublic: false, hosts: [], log: silent };
  const api = await startApi(node, { ...options, listen: "127.0.0.1:0" });
  atEnd(() => api.close());
  const read = async (): Promise<string> => (await fetch(`${api.url}/metrics`)).text();
  await until("the time of the head", async () =>
    (await read()).includes("\nsamebits_own_feed_head_age_seconds "),
  );
  return read();
}
