/** What a node serves as rebuilderd does, brought into another by our own importer: the same attestations, octet for octet. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fromHex, fromUtf8, MAX_GATEWAY_PAGE, parsePublicKey } from "../../../protocol/index.ts";
import { builder } from "../../e2e/claims.ts";
import { DIGEST, linkOf } from "../../links.ts";
import { askJson, member, startGatewayNode } from "../../node/api/rebuilderd/rig.ts";
import { newFolder } from "../../node/folder.ts";
import { startTestNode } from "../../node/test-node.ts";
import { runCommand } from "./run.ts";

const alice = builder("alice");
const bob = builder("bob");
const RECORDED = join(
  import.meta.dirname,
  "../../vectors/rebuilderd/filesystem-2025.10.12-1-any.in-toto.link",
);

const portOf = (url: string | null): string => new URL(url ?? "").port;

test("import rebuilderd from a node's own interface: all pages, octet for octet, and nothing twice", async () => {
  const links = Array.from({ length: MAX_GATEWAY_PAGE + 5 }, (_, number) =>
    linkOf(alice, `many${number}_1.0-1_all.deb`),
  );
  const from = await startGatewayNode([member("alice", alice), member("bob", bob)]);
  for (let at = 0; at < links.length; at += 200) await from.publish(links.slice(at, at + 200));
  await from.publish([linkOf(bob, "other_1.0-1_all.deb")]);
  const dataDir = await newFolder();
  const to = await startTestNode({ dataDir, api: { listen: "127.0.0.1:0", public: false, hosts: [] } });
  // The name resolves nowhere: it is this machine.
  const place = `http://alice.localhost:${portOf(from.rebuilderd)}`;
  const argv = ["import", "rebuilderd", place, "--api", to.api ?? "", "--data", dataDir, "--network", "test"];
  const first = await runCommand(argv);
  assert.equal(first.code, 0, first.err);
  assert.match(first.err, /1005 attestations by 1 signer: 1005 new in the feed/);
  const question = { targets: [], digests: [fromHex(DIGEST)], builders: [alice.raw] };
  const { found } = await to.query(question, { network: false, deadlineMs: 5_000 });
  const texts = new Set(links.map(fromUtf8));
  assert.ok(found.length > 0 && found.every(({ entry }) => texts.has(fromUtf8(entry))), `${found.length}`);
  assert.equal((await to.status()).own?.size, links.length);

  const out = join(dataDir, "links.jsonl");
  const written = await runCommand(["import", "rebuilderd", place, "-o", out]);
  assert.equal(written.code, 0, written.err);
  const lines = (await readFile(out, "utf8")).trimEnd().split("\n");
  assert.deepEqual(lines.toSorted(), links.map(fromUtf8).toSorted());

  const older = (await askJson(from, "alice.localhost", "/api/v0/pkgs/list")) as { name: string }[];
  assert.equal(new Set(older.map(({ name }) => name)).size, links.length, "more than are made at once");

  const again = await runCommand(argv);
  assert.equal((await to.status()).own?.size, links.length, again.err);
});

test("import rebuilderd from a node: a real instance's link, with the workers' signature that it has", async () => {
  const link = await readFile(RECORDED);
  const pem = await readFile(
    join(import.meta.dirname, "../../vectors/keys/reproducible-archlinux.pub"),
    "utf8",
  );
  const keys = [{ key: parsePublicKey(pem), until: null }];
  const from = await startGatewayNode([{ name: "archlinux", keys }]);
  await from.publish([link]);
  const out = join(await newFolder(), "links.jsonl");
  const place = `http://archlinux.localhost:${portOf(from.rebuilderd)}`;
  const ran = await runCommand(["import", "rebuilderd", place, "-o", out, "--json"]);
  assert.equal(ran.code, 0, ran.err);
  assert.equal(await readFile(out, "utf8"), `${link.toString().trimEnd()}\n`);
  const other = place.replace("archlinux", "nobody");
  const { code, err } = await runCommand(["import", "rebuilderd", other, "-o", "-"]);
  assert.equal(code, 69);
  assert.match(err, /nobody\.localhost.* answers with 421.*rebuilderd\/unreachable/s);
});
