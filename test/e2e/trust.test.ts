/** A laptop that is given one fingerprint: from there to verdicts by real peers, and on when a builder's key is removed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openApi } from "../../client/source/index.ts";
import { ed25519Key, keyIdPlain, record, sha256, toHex, utf8 } from "../../protocol/index.ts";
import { runCommand } from "../client/cli/run.ts";
import type { Ran } from "../client/cli/run.ts";
import { Site } from "../client/trust/site.ts";
import { newFolder } from "../node/folder.ts";
import { startTestNode } from "../node/test-node.ts";
import { until } from "./asking.ts";
import { builder, claim, packageTarget } from "./claims.ts";
import { DAY, FIRST, PIN, ran, release } from "./trust-owner.ts";

const NETWORK = "trust-e2e";
const [alice, bob, carol] = [builder("alice"), builder("bob"), builder("carol")];
const { purl, file } = packageTarget("hello");
const HELLO = ["--sha256", toHex(sha256(utf8("bits"))), "--purl", purl, "--name", file];

test("trust add FINGERPRINT --from URL is all that a laptop needs", { timeout: 120_000 }, async () => {
  const node = await startTestNode({
    network: NETWORK,
    publishKey: alice.pem,
    first: true,
    follow: { all: true, origins: [], builders: [] },
    api: { listen: "127.0.0.1:0", public: false, hosts: [] },
  });
  await node.publish([claim(alice, "hello", "bits"), claim(bob, "hello", "bits")]);
  const site = await Site.open();
  await site.put({ root: 1 }, FIRST);
  await release(site, 1, {
    network: NETWORK,
    places: `bootstrap = ${JSON.stringify(node.listen)}`,
    builders: [alice, bob],
  });
  const url = await site.serve();

  const laptop = await newFolder();
  await ran(laptop, 0, "trust", "add", PIN, "--from", url);
  const verified = await ran(laptop, 0, "verify", ...HELLO, "--json");
  const { policy, votes, sources } = verified.objects[0] as {
    policy: object;
    votes: { vote: string; keyid: string }[];
    sources: { peers: number };
  };
  assert.deepEqual(
    [votes.map(({ vote }) => vote), { ...policy, sha256: "" }, sources.peers],
    [["agrees", "agrees"], { sha256: "", domain: PIN, version: 1 }, 1],
  );
  await ran(laptop, 0, "bundle", ...HELLO, "-o", join(laptop, "hello.bundle"));

  // Mirrors will do as well: those of the domain, where nobody is met.
  await release(site, 2, {
    network: NETWORK,
    places: `mirrors = ["${node.api ?? ""}/feeds"]`,
    builders: [alice, bob],
  });
  await ran(laptop, 0, "trust", "update");
  const read = await ran(laptop, 0, "verify", ...HELLO, "--json");
  const { mirrors } = (read.objects[0] ?? {})["sources"] as { mirrors: number };
  assert.equal(mirrors, 1);

  // Bob's key is stolen.
  await release(site, 3, {
    network: NETWORK,
    places: `bootstrap = ${JSON.stringify(node.listen)}`,
    builders: [alice, carol],
  });
  await ran(laptop, 0, "trust", "update");
  const offline = ["--offline", "--bundle", join(laptop, "hello.bundle")];
  const after = await ran(laptop, 2, "verify", ...HELLO, ...offline, "--json");
  const former = (after.objects[0] ?? {})["former"] as { key: string; version: number }[];
  assert.deepEqual(
    former.map(({ key, version }) => [key, version]),
    [[bob.hex, 3]],
  );
  const begun = (): Promise<boolean> => Promise.resolve(true);
  const [removed] = (await runUntil(begun, laptop, "watch", "--since", "0")).objects;
  const verdicts = removed?.["verdicts"] as { purl: string; file: string; sha256: string }[];
  assert.deepEqual(
    [removed?.["event"], removed?.["keyid"], verdicts.map((row) => [row.purl, row.file, row.sha256])],
    ["removed-key", keyIdPlain(ed25519Key(bob.raw)), [[purl, file, toHex(sha256(utf8("bits")))]]],
  );
});

test(
  "a node without any other configuration meets, and follows, whom the domain names",
  { timeout: 120_000 },
  async () => {
    const peer = await startTestNode({ network: NETWORK, publishKey: carol.pem, first: true });
    await peer.publish([claim(carol, "hello", "bits"), claim(carol, "other", "bits")]);
    const site = await Site.open();
    await site.put({ root: 1 }, FIRST);
    await release(site, 1, {
      network: NETWORK,
      places: `bootstrap = ${JSON.stringify(peer.listen)}`,
      builders: [alice, carol],
    });
    const home = await newFolder();
    // From an address on loopback, which is why the domain may name others there.
    await ran(home, 0, "trust", "add", PIN, "--from", await site.serve());
    const dataDir = join(home, "data/samebits");
    const own = openApi({ socket: join(dataDir, "api.sock") }, { trusted: true, dataDir, network: NETWORK });
    const hasEntries = async (): Promise<boolean> => {
      const status = await own.get("/v1/status").catch(() => null);
      return status !== null && record(status, "status").integer("entries", 0, 10) === 2;
    };
    let uptime = 0;
    const isNew = async (): Promise<boolean> => {
      const status = await own.get("/v1/status").catch(() => null);
      const now = status === null ? uptime : record(status, "status").integer("uptime_ms", 0, DAY);
      const isLess = now < uptime;
      uptime = now;
      return isLess;
    };
    const followsChange = async (): Promise<boolean> => {
      if (!(await hasEntries())) return false;
      await release(site, 2, {
        network: NETWORK,
        places: `bootstrap = ${JSON.stringify(peer.listen)}`,
        builders: [bob, carol],
      });
      await ran(home, 0, "trust", "update");
      await until("the node starts anew", isNew);
      return true;
    };
    const ended = await runUntil(
      followsChange,
      home,
      "node",
      "--listen",
      "none",
      "--api-listen",
      "none",
      "--quiet",
    );
    assert.equal(ended.code, 0, ended.err);
  },
);

/** Runs a command that goes on until something is so, and is ended then as an operator would. */
async function runUntil(isSo: () => Promise<boolean>, home: string, ...argv: string[]): Promise<Ran> {
  const before = process.listenerCount("SIGTERM");
  const running = runCommand(argv, home);
  while (process.listenerCount("SIGTERM") === before) await sleep(20);
  try {
    await until(argv.join(" "), isSo);
  } finally {
    process.emit("SIGTERM", "SIGTERM");
    await running;
  }
  return running;
}
