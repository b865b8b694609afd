/** Host names of builders, and who is not answered: pages of other sites, names that were made to point here, what has no bounds. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { before, test } from "node:test";
import { Catalogue } from "../../../../node/api/rebuilderd/catalogue.ts";
import type { Feeds } from "../../../../node/api/rebuilderd/catalogue.ts";
import { hostsOf } from "../../../../node/api/rebuilderd/builders.ts";
import { startGateway } from "../../../../node/api/rebuilderd/index.ts";
import type { Node } from "../../../../node/index.ts";
import { silent } from "../../../../node/log.ts";
import { ed25519Key, keyIdKha, MAX_GATEWAY_FILE_CLAIMS } from "../../../../protocol/index.ts";
import { atEnd } from "../../../at-end.ts";
import { builder } from "../../../e2e/claims.ts";
import { linkOf } from "../../../links.ts";
import { ask, askJson, member, startGatewayNode } from "./rig.ts";

const alice = builder("alice");
const bob = builder("bob");
const LIST = "/api/v1/packages/binary";
let node: Node;

const codeOf = (body: string): unknown => (JSON.parse(body) as { code: unknown }).code;
const mark = (by: typeof alice): string => keyIdKha(ed25519Key(by.raw)).slice(0, 8);

before(async () => {
  node = await startGatewayNode([member("alice", alice), member("bob", bob)], {}, { hosts: ["Gate.Corp"] });
  await node.publish([linkOf(alice, "hello_2.10-3_amd64.deb")]);
});

test("hosts: a name is the policy's, and two builders never have one host", () => {
  const labels = (...builders: Parameters<typeof hostsOf>[0]): readonly string[] =>
    hostsOf(builders).map(({ label }) => label);
  assert.deepEqual(labels(member("TU_Example", alice), member("b.x", bob)), ["tu-example", "b.x"]);
  assert.deepEqual(labels(member("a", alice), member("a", alice)), ["a"], "in two policies");
  assert.deepEqual(labels(member("a", alice), member("A", bob)), [`a-${mark(alice)}`, `a-${mark(bob)}`]);
  assert.deepEqual(labels({ name: "keyless", keys: [] }), []);
});

test("hosts: the builder is chosen by Host, in any case, behind localhost or a name that was configured", async () => {
  for (const host of ["alice.localhost", "ALICE.Localhost", "alice.gate.corp", "Alice.GATE.corp"])
    assert.equal(((await askJson(node, host, LIST)) as { total: number }).total, 1, host);
  const bare = await ask(node, "localhost", "/");
  assert.deepEqual([bare.status, bare.headers["content-type"]], [200, "text/plain; charset=UTF-8"]);
  assert.match(bare.body, /^127\.0\.0\.1 alice\.localhost\n127\.0\.0\.1 bob\.localhost\n/m);
  for (const [host, status] of [
    ["127.0.0.1", 404],
    ["gate.corp", 404],
    ["carol.localhost", 421],
    ["alice.evil.example", 421],
    ["alice.localhost.evil.example", 421],
    ["evil.example", 421],
  ] as const) {
    const { status: told, body } = await ask(node, host, LIST);
    assert.equal(told, status, host);
    assert.match(body, /^127\.0\.0\.1 alice\.localhost$/m, "it lists the names");
  }
});

test("guards: no page of another site, nothing but GET, no CORS", async () => {
  const foreign = { origin: "http://evil.example" };
  assert.equal((await ask(node, "alice.localhost", LIST, { headers: foreign })).status, 403);
  const site = { "sec-fetch-site": "cross-site" };
  assert.equal((await ask(node, "alice.localhost", LIST, { headers: site })).status, 403);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const { status, body } = await ask(node, "alice.localhost", LIST, { method });
    assert.deepEqual([status, codeOf(body)], [404, "http/no-such-route"], method);
  }
  const head = await ask(node, "alice.localhost", LIST, { method: "HEAD" });
  assert.deepEqual([head.status, head.body], [200, ""]);
  assert.equal(head.headers["access-control-allow-origin"], undefined);
  const { status, body } = await ask(node, "alice.localhost", "/api/v1/packages/source");
  assert.deepEqual([status, codeOf(body)], [404, "http/no-such-route"]);
});

test("bounds: long paths and parameters are refused, and the next question is answered", async () => {
  const long = "x".repeat(20_000);
  assert.equal((await ask(node, "alice.localhost", `${LIST}?name=${long}`)).status, 431);
  assert.equal((await ask(node, "alice.localhost", `/${"a/".repeat(4_000)}`)).status, 404);
  const { status, body } = await ask(node, "alice.localhost", `${LIST}?name=${"x".repeat(513)}`);
  assert.deepEqual([status, codeOf(body)], [400, "http/bad-query"]);
  for (const path of ["/sources/%ff/1/metadata", "/sources/..%2f..%2fetc/1/metadata", `${LIST}?name=%ff`])
    assert.ok([200, 404].includes((await ask(node, "alice.localhost", path)).status), path);
  assert.equal((await ask(node, "alice.localhost", LIST)).status, 200);
});

test(
  "bounds: more connections than there is room for are closed, and room comes back",
  { timeout: 20_000 },
  async () => {
    const { port } = new URL(node.rebuilderd ?? "");
    const sockets = Array.from({ length: 80 }, () => connect(Number(port), "127.0.0.1"));
    const closed = await new Promise<number>((resolve) => {
      let count = 0;
      for (const socket of sockets)
        socket.on("error", () => {}).on("close", () => ++count === 16 && resolve(count));
    });
    assert.equal(closed, 16);
    for (const socket of sockets) socket.destroy();
    for (;;) {
      const answer = await ask(node, "alice.localhost", LIST).catch(() => null);
      if (answer?.status === 200) break;
    }
  },
);

test("bounds: a builder that says endlessly much of one file contradicts itself, and costs little", async () => {
  const flooded = await startGatewayNode([member("alice", alice)]);
  const digest = (number: number): string => number.toString(16).padStart(64, "0");
  const links = Array.from({ length: MAX_GATEWAY_FILE_CLAIMS + 10 }, (_, number) =>
    linkOf(alice, "flood_1-1_all.deb", { sha256: digest(number) }),
  );
  await flooded.publish([...links, linkOf(alice, "calm_1-1_all.deb")]);
  const { headers, body } = await ask(flooded, "alice.localhost", LIST);
  assert.equal(headers["samebits-left-out"], `contradicted=${MAX_GATEWAY_FILE_CLAIMS}`);
  assert.equal((JSON.parse(body) as { total: number }).total, 1);
});

test("keys: what a revoked key signed is not served from that time on, nor what a builder signs that forked", async () => {
  const now = Date.now();
  const revoked = (until: number) => ({ name: "alice", keys: [{ key: ed25519Key(alice.raw), until }] });
  for (const [until, total, left] of [
    [now - 1_000, 0, "revoked=1"],
    [now + 3_600_000, 1, "0"],
  ] as const) {
    const one = await startGatewayNode([revoked(until)]);
    await one.publish([linkOf(alice, "hello_2.10-3_amd64.deb")]);
    const { headers, body } = await ask(one, "alice.localhost", LIST);
    assert.deepEqual(
      [(JSON.parse(body) as { total: number }).total, headers["samebits-left-out"]],
      [total, left],
    );
    const keys = (await askJson(one, "alice.localhost", "/api/v1/meta/public-keys")) as {
      current: unknown[];
    };
    assert.equal(keys.current.length, total);
  }
  const status = await node.status();
  const forked: Feeds = {
    network: node.network,
    ask: (stream, bytes) => node.ask(stream, bytes),
    status: async () => ({
      ...status,
      feeds: [
        ...status.feeds,
        ...status.feeds.map((feed) => ({ ...feed, origin: ownOrigin, held: 0, state: "forked" as const })),
      ],
    }),
  };
  const ownOrigin = `samebits/${node.network}/${alice.hex}`;
  const served = member("alice", alice);
  const catalogue = new Catalogue(forked, [served]);
  assert.equal(await catalogue.isReady(5_000), true);
  const shelf = catalogue.shelf(served);
  assert.deepEqual(
    shelf.packages("hello").map((one) => shelf.whyNot(one, () => true)),
    ["forked"],
  );
});

test("reading: before it is through nothing is answered, and the client is told to come back", async () => {
  const stuck: Feeds = {
    network: "test",
    ask: (stream, bytes) => node.ask(stream, bytes),
    status: () => new Promise(() => {}),
  };
  const catalogue = new Catalogue(stuck, [member("alice", alice)]);
  assert.equal(await catalogue.isReady(10), false);
  const gateway = await startGateway(stuck, {
    listen: "127.0.0.1:0",
    public: false,
    hosts: [],
    builders: [member("alice", alice)],
    namespace: "debian",
    log: silent,
    waitMs: 20,
  });
  atEnd(() => gateway.close());
  const { status, headers, body } = await ask({ rebuilderd: gateway.url }, "alice.localhost", LIST);
  assert.deepEqual([status, headers["retry-after"], codeOf(body)], [503, "10", "http/not-read-yet"]);
});

test("addresses: beyond loopback only where everybody there may ask", async () => {
  const start = (listen: string): Promise<Node> => startGatewayNode([], {}, { listen });
  await assert.rejects(start("0.0.0.0:0"), { code: "config/bad-address", message: /--api-public/ });
  await assert.rejects(start("8484"), {
    code: "config/bad-address",
    message: /--rebuilderd-api 8484: HOST:PORT/,
  });
  const open = await startGatewayNode([member("alice", alice)], {}, { listen: "0.0.0.0:0", public: true });
  assert.equal((await ask(open, "alice.localhost", LIST)).status, 200);
});
