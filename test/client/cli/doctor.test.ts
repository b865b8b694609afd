/** `samebits doctor`: the likely faults, each made for real, each told with what to do. */
import assert from "node:assert/strict";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { lookAtTimes } from "../../../client/cli/doctor/reach.ts";
import { loadConfig } from "../../../client/config.ts";
import { runningNode } from "../../../client/source/index.ts";
import type { Node } from "../../../node/index.ts";
import { openLevel } from "../../../node/store/level.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { smallDisk } from "../../e2e/small-disk.ts";
import { newFolder } from "../../node/folder.ts";
import { until } from "../../node/mesh/peers.ts";
import { startTestNode } from "../../node/test-node.ts";
import { runCommand } from "./run.ts";

const NETWORK = 'network = "test"\n';

/** What the doctor says of a machine with this configuration: `check result`, and the text. */
async function ask(home: string, config = ""): Promise<ReadonlyMap<string, string>> {
  const file = join(home, "config.toml");
  await writeFile(file, `${NETWORK}data = "data"\n${config}`);
  const { objects, code } = await runCommand(["doctor", "--config", file, "--json"], home);
  const failed = objects.some(({ result }) => result === "fail");
  assert.equal(code, failed ? 1 : 0);
  return new Map(
    objects.map(({ check, result, text }) => [`${String(check)} ${String(result)}`, String(text)]),
  );
}

/** Whether a node has a timed head of its own feed, or of another. */
async function isTimed(node: Node, isOwn: boolean): Promise<boolean> {
  const { feeds } = await node.status();
  return feeds.some((feed) => (feed.class === "own") === isOwn && feed.timed !== null);
}

async function homeWithStore(): Promise<string> {
  const home = await newFolder();
  const store = await openLevel(join(home, "data"));
  await store.apply([{ op: "put", key: Uint8Array.of(97), value: new Uint8Array(1_000) }], true);
  await store.close();
  return home;
}

test("a port that is taken", async () => {
  const listener = createServer();
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const home = await newFolder();
  const api = await ask(home, `[node]\nlisten = ["none"]\napi_listen = "127.0.0.1:${port}"\n`);
  assert.match(api.get("port fail") ?? "", /^api_listen 127.*another program has that port: end it/);
  const mesh = await ask(home, `[node]\nlisten = ["/ip4/127.0.0.1/tcp/${port}"]\napi_listen = "none"\n`);
  assert.match(mesh.get("port fail") ?? "", /^listen \/ip4/);
  listener.close();
  const free = await ask(home, `[node]\nlisten = ["/ip4/127.0.0.1/tcp/${port}"]\napi_listen = "none"\n`);
  assert.equal(free.get("port fail"), undefined);
});

test("a store that is whole, locked, of a newer format, damaged", async () => {
  const home = await homeWithStore();
  const data = join(home, "data");
  assert.match((await ask(home)).get("store ok") ?? "", /opens$/);
  const open = await openLevel(data);
  assert.match((await ask(home)).get("store fail") ?? "", /no node answers here all the same/);
  await open.close();
  const newer = await openLevel(join(await newFolder(), "data"), { format: 7, steps: [] });
  const place = join(newer.database.location, "../..");
  await newer.close();
  assert.match((await ask(place)).get("store fail") ?? "", /newer version of samebits \(store format 7/);
  const table = readdirSync(join(data, "store")).find((name) => name.startsWith("MANIFEST"));
  await writeFile(join(data, "store", table ?? ""), "not what was there");
  assert.match((await ask(home)).get("store fail") ?? "", /if it is damaged, move it away.*feed recover/);
});

test("keys that others can read", async () => {
  const home = await newFolder();
  await mkdir(join(home, "data"));
  await writeFile(join(home, "mine.key"), builder("alice").pem, { mode: 0o600 });
  const config = '[node]\npublish_key = "mine.key"\n';
  assert.match((await ask(home, config)).get("keys ok") ?? "", /user alone/);
  await chmod(join(home, "mine.key"), 0o640);
  assert.match((await ask(home, config)).get("keys fail") ?? "", /mine\.key can be read.*chmod 600/);
});

test("files of another user in the data folder", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("only root can give files away");
  const home = await homeWithStore();
  await chown(join(home, "data", "store", "CURRENT"), 12_345, 12_345);
  assert.match((await ask(home)).get("owner fail") ?? "", /store\/CURRENT is another user's.*chown -R/);
});

test("a disk without room, and one without files", { timeout: 60_000 }, async (t) => {
  const disk = await smallDisk(4 * 1024 * 1024);
  if (disk === null) return t.skip("no unshare that may mount: no small disk");
  const found = await ask(disk.folder);
  assert.match(found.get("disk warn") ?? "", /make room/);
  assert.equal(found.get("files fail"), undefined);
  const small = await smallDisk("4M,nr_inodes=8");
  if (small === null) return t.skip("no small disk");
  await mkdir(join(small.folder, "data"));
  assert.match((await ask(small.folder)).get("files warn") ?? "", /more files can be made.*df -i/);
});

test("a policy that cannot be read", async () => {
  const home = await newFolder();
  await writeFile(join(home, "policy.toml"), "version = 2\n");
  assert.match((await ask(home)).get("policy fail") ?? "", /policy\.toml:1:1/);
});

test(
  "a running node: no peers, nobody who calls it, and clocks that are wrong",
  { timeout: 60_000 },
  async () => {
    const home = await newFolder();
    const alice = builder("alice");
    const api = { listen: null, public: false, hosts: [] };
    const [a, b] = [
      await startTestNode({ dataDir: join(home, "data"), api }),
      await startTestNode({ publishKey: alice.pem, first: true }),
    ];
    assert.match((await ask(home)).get("peers warn") ?? "", /give the node --bootstrap/);
    await a.close();
    await b.publish([claim(alice, "hello", "bits")]);
    await until("the time of the head", () => isTimed(b, true));
    const node = await startTestNode({
      dataDir: join(home, "data"),
      api,
      bootstrap: b.listen,
      follow: { all: true, origins: [], builders: [] },
    });
    await until("the time of its head", () => isTimed(node, false));
    const found = await ask(home);
    assert.match(found.get("reach warn") ?? "", /behind NAT.*forward TCP/);
    assert.match(found.get("clock ok") ?? "", /fits the newest time/);
    const running = await runningNode(await loadConfig({ data: join(home, "data"), network: "test" }));
    assert.ok(running !== null);
    const [behind] = await lookAtTimes(running, Date.now() - 3_600_000);
    assert.deepEqual([behind?.result, /it is behind.*timedatectl/.test(behind?.text ?? "")], ["fail", true]);
    const [ahead] = await lookAtTimes(running, Date.now() + 86_400_000);
    assert.deepEqual([ahead?.result, /the clock is ahead/.test(ahead?.text ?? "")], ["warn", true]);
  },
);
