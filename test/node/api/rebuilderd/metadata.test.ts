/** `GET /sources/PACKAGE/VERSION/metadata`: which link apt-transport-in-toto is given, which asks without an architecture. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Catalogue } from "../../../../node/api/rebuilderd/catalogue.ts";
import { linksFor } from "../../../../node/api/rebuilderd/metadata.ts";
import { Selector } from "../../../../node/api/rebuilderd/selection.ts";
import type { Node } from "../../../../node/index.ts";
import { fromUtf8 } from "../../../../protocol/index.ts";
import { builder } from "../../../e2e/claims.ts";
import { linkOf } from "../../../links.ts";
import { ask, member, startGatewayNode } from "./rig.ts";

const alice = builder("alice");
const STEP = { name: "rebuild" };
const own = new Map([["x64", "amd64"]]).get(process.arch) ?? process.arch;
let node: Node;

const metadata = (path: string): ReturnType<typeof ask> =>
  ask(node, "alice.localhost", `/sources/${path}/metadata`);

before(async () => {
  node = await startGatewayNode([member("alice", alice)]);
  await node.publish([
    linkOf(alice, "hello_2.10-3_all.deb", STEP),
    linkOf(alice, "libstdc++6_12.2.0-14+b1_all.deb", STEP),
    linkOf(alice, `both_1.0-1_${own}.deb`, STEP),
    linkOf(alice, "both_1.0-1_sparc64.deb", STEP),
    linkOf(alice, "far_1.0-1_sparc64.deb", STEP),
    linkOf(alice, "far_1.0-1_alpha.deb", STEP),
    linkOf(alice, "lone_1.0-1_sparc64.deb", STEP),
    linkOf(alice, "woff_2.0-1_all.deb", STEP),
    // rebuilderd's name of the step, which makes a file name that apt-transport-in-toto does not look for
    linkOf(alice, "rust_1.0-1_all.deb"),
  ]);
});

test("a link named rebuild is given octet for octet, by the version as apt writes it", async () => {
  const { status, headers, body } = await metadata("hello/2.10-3");
  assert.deepEqual([status, headers["content-type"]], [200, "application/json; charset=utf-8"]);
  assert.equal(body, fromUtf8(linkOf(alice, "hello_2.10-3_all.deb", STEP)));
  for (const path of [
    "libstdc++6/12.2.0-14+b1",
    "libstdc%2B%2B6/12.2.0-14%2Bb1",
    "woff/1%3a2.0-1",
    "woff/1%3A2.0-1",
    "woff/1%253a2.0-1",
    "woff/2.0-1",
  ])
    assert.equal((await metadata(path)).status, 200, path);
  for (const path of ["hello/2.10-3+b1", "rust/1.0-1", "hello_2.10-3_all.deb/1", "none/1"]) {
    const answer = await metadata(path);
    assert.deepEqual(
      [answer.status, (JSON.parse(answer.body) as { code: string }).code],
      [404, "http/no-such-link"],
    );
  }
});

test("of several architectures this machine's, the only one there is, or none: a wrong one would be a dissent", async () => {
  assert.equal((await metadata("both/1.0-1")).body, fromUtf8(linkOf(alice, `both_1.0-1_${own}.deb`, STEP)));
  assert.equal((await metadata("lone/1.0-1")).status, 200);
  const { status, body } = await metadata("far/1.0-1");
  const { code, detail } = JSON.parse(body) as { code: string; detail: string };
  assert.deepEqual([status, code], [409, "http/several-links"]);
  assert.match(detail, /sparc64/);
});

test("Debian calls Node's architectures otherwise", async () => {
  const served = member("alice", alice);
  const architectures = ["amd64", "ppc64el", "arm64", "armhf"];
  await node.publish(architectures.map((arch) => linkOf(alice, `many_1.0-1_${arch}.deb`, STEP)));
  const feeds = { network: node.network, status: () => node.status(), ask: node.ask.bind(node) };
  const catalogue = new Catalogue(feeds, [served]);
  assert.equal(await catalogue.isReady(5_000), true);
  const selector = new Selector(catalogue, { label: "alice", builder: served }, "debian", Date.now());
  for (const [machine, architecture] of [
    ["x64", "amd64"],
    ["ppc64", "ppc64el"],
    ["arm64", "arm64"],
    ["arm", "armhf"],
  ] as const)
    assert.deepEqual(
      linksFor(selector, "many", "1.0-1", machine).map(({ view }) => view.architecture),
      [architecture],
    );
});
