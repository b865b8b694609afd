/** A mirror alone is enough for `verify`: what real nodes exported, in folders and at a web server that is not ours. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ed25519Key, origin, originHash, toHex, toSpkiPem } from "../../protocol/index.ts";
import { runCommand } from "../client/cli/run.ts";
import type { Ran } from "../client/cli/run.ts";
import { newFolder } from "../node/folder.ts";
import { skip, startNginx } from "../node/mirror/nginx.ts";
import { startTestNode } from "../node/test-node.ts";
import { until } from "./asking.ts";
import { builder, claim, packageTarget } from "./claims.ts";
import type { TestBuilder } from "./claims.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";

const LIMIT = { timeout: 120_000 };
const [alice, bob] = [builder("alice"), builder("bob")];

async function policyFor(members: readonly TestBuilder[], k: number): Promise<string> {
  const path = join(await newFolder(), "policy.toml");
  const builders = members.map(
    ({ raw }, i) =>
      `[builders.b${i}]\nkey = ${JSON.stringify(toSpkiPem(ed25519Key(raw)))}\nroles = ["rebuilder"]\n`,
  );
  const rule = `[[rules]]\nname = "debian"\nmatch = "pkg:deb/debian/*"\nview = "complete"\nrequire = { k = ${k}, of = "role:rebuilder" }\n`;
  await writeFile(path, `version = 1\n${builders.join("")}${rule}`);
  return path;
}

/** Verifies a digest, by a client whose home lasts, and that knows no node and no peer. */
async function verify(
  home: string,
  name: string,
  content: string,
  ...options: readonly string[]
): Promise<Ran> {
  const { purl, file } = packageTarget(name);
  const digest = createHash("sha256").update(content).digest("hex");
  const what = ["--sha256", digest, "--purl", purl, "--name", file];
  return runCommand(["verify", ...what, "--network", "e2e", "--json", ...options], home);
}

const shown = ({ code, objects }: Ran): readonly unknown[] => [
  code,
  objects[0]?.["view"],
  ((objects[0]?.["votes"] ?? []) as { vote: string }[]).map(({ vote }) => vote).join(" "),
];

/** Exports the feed of a peer into a site's folder for it, and again until its time is there. */
async function exportTo(site: string, { dataDir, origin: of }: PeerProcess): Promise<string> {
  const folder = join(site, "feeds", toHex(originHash(of)));
  await until("a head with its time", async () => {
    const ran = await runCommand(["feed", "export", folder, of, "--data", dataDir, "--network", "e2e"]);
    assert.equal(ran.code, 0, ran.err);
    return readFile(join(folder, "timed")).then(
      () => true,
      () => false,
    );
  });
  return folder;
}

async function startBuilders(): Promise<readonly [PeerProcess, PeerProcess]> {
  const [a, b] = await Promise.all(
    [alice, bob].map(({ pem }) => startPeer({ publishKey: pem, first: true, listen: [] })),
  );
  assert.ok(a && b);
  const many = Array.from({ length: 300 }, (_, i) => claim(alice, `other-${i}`, "bits"));
  await a.publish(...many, claim(alice, "hello", "bits"), claim(alice, "split", "these"));
  await b.publish(claim(bob, "hello", "bits"), claim(bob, "split", "those"));
  return [a, b];
}

test("folders that nodes exported are enough, offline", LIMIT, async () => {
  const [a, b] = await startBuilders();
  const [site, home] = [await newFolder(), await newFolder()];
  const folders = [await exportTo(site, a), await exportTo(site, b)].map((folder) => `file:${folder}`);
  const common = ["--policy", await policyFor([alice, bob], 2), "--offline", "--mirror"];
  for (const mirrors of [folders, [`file:${join(site, "feeds")}`]]) {
    const agreed = await verify(home, "hello", "bits", ...common, ...mirrors);
    assert.deepEqual(shown(agreed), [0, "complete", "agrees agrees"], agreed.err);
    const split = await verify(home, "split", "these", ...common, ...mirrors);
    assert.deepEqual(shown(split), [1, "complete", "agrees contradicts"]);
    const lonely = await verify(home, "other-7", "bits", ...common, ...mirrors);
    assert.deepEqual(shown(lonely), [2, "complete", "agrees absent"]);
    const unknown = await verify(home, "unheard-of", "bits", ...common, ...mirrors);
    assert.deepEqual(shown(unknown), [2, "complete", "absent absent"]);
  }
});

test("feeds that nginx serves are enough, and are read once", { ...LIMIT, skip }, async () => {
  const [a, b] = await startBuilders();
  const [site, home] = [await newFolder(), await newFolder()];
  for (const peer of [a, b]) await exportTo(site, peer);
  const { port, log } = await startNginx(site);
  const common = [
    "--policy",
    await policyFor([alice, bob], 2),
    "--mirror",
    `http://127.0.0.1:${port}/feeds/`,
  ];
  const full = async (): Promise<number> =>
    (await readFile(log, "utf8")).split("\n").filter((line) => / \S+\/tile\/entries\/\d+ /.test(line)).length;
  for (let time = 0; time < 2; time++) {
    const agreed = await verify(home, "hello", "bits", ...common);
    assert.deepEqual(shown(agreed), [0, "complete", "agrees agrees"], agreed.err);
    assert.equal(agreed.err, "");
    assert.equal(await full(), 1, "a full bundle is asked for once");
  }
  await b.publish(claim(bob, "other-7", "other bits"));
  await exportTo(site, b);
  const dissent = await verify(home, "other-7", "bits", ...common);
  assert.equal(dissent.code, 1, "what is new is seen");
  assert.equal(await full(), 1);
});

test("a node's own HTTP interface is a mirror like any other", LIMIT, async () => {
  const node = await startTestNode({
    network: "e2e",
    publishKey: alice.pem,
    first: true,
    api: { listen: "127.0.0.1:0", public: false, hosts: [] },
  });
  await node.publish([claim(alice, "hello", "bits")]);
  await until("its time", async () => (await node.status()).feeds.every(({ timed }) => timed !== null));
  const policy = ["--policy", await policyFor([alice], 1)];
  const agreed = await verify(
    await newFolder(),
    "hello",
    "bits",
    ...policy,
    "--mirror",
    `${node.api ?? ""}/feeds`,
  );
  assert.deepEqual(shown(agreed), [0, "complete", "agrees"], agreed.err);
  const feed = toHex(originHash(origin("e2e", alice.raw)));
  const one = await verify(
    await newFolder(),
    "hello",
    "bits",
    ...policy,
    "--mirror",
    `${node.api ?? ""}/feeds/${feed}`,
  );
  assert.deepEqual(shown(one), [0, "complete", "agrees"], one.err);
});
