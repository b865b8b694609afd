/** Disks that are full or fail: nothing that was acknowledged is lost, no feed forks, and the node says what is wrong. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { record } from "../../protocol/index.ts";
import { held, heldOf, until } from "./asking.ts";
import { builder, claim } from "./claims.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";
import { smallDisk } from "./small-disk.ts";

const LIMIT = { timeout: 180_000 };
const DISK_BYTES = 32 * 1024 * 1024;
const alice = builder("alice");

/** An attestation of some 40 KB. */
const long = (name: string): Uint8Array => claim(alice, name, "bits", `${name} `.padEnd(30_000, "x"));

const codeOf = (answer: { readonly body: Parameters<typeof record>[0] }): string =>
  record(answer.body, "problem").string("code");

async function findings(peer: PeerProcess): Promise<number> {
  return record((await peer.get("/v1/findings?since=0")).body, "findings").list("findings", 99).length;
}

/** Publishes one after the other until that fails; the names of those that were acknowledged, and the code. */
async function publishUntilRefused(peer: PeerProcess): Promise<{ done: string[]; code: string }> {
  const done: string[] = [];
  for (let i = 0; i < 1_000; i++) {
    const answer = await peer.publish(long(`p${i}`));
    if (answer.status !== 200) return { done, code: codeOf(answer) };
    done.push(`p${i}`);
  }
  throw new Error("never refused");
}

test(
  "a full disk stops publishing, says so, loses nothing, and the node goes on by itself when there is room",
  LIMIT,
  async (t) => {
    const disk = await smallDisk(DISK_BYTES);
    if (disk === null) return t.skip("no file system can be mounted here");
    const follower = await startPeer({ followAll: true, followBuilders: [alice.hex] });
    const a = await startPeer({
      dataDir: disk.folder,
      bootstrap: follower.listen,
      publishKey: alice.pem,
      first: true,
    });
    await disk.fill(400_000);
    const { done, code } = await publishUntilRefused(a);
    assert.equal(code, "peer/publishing-frozen");
    assert.ok(done.length > 0);
    assert.match(a.log(), /store\/failed.*No space left on device/);
    const sick = await a.get("/healthz");
    assert.deepEqual([sick.status, codeOf(sick)], [503, "store/failed"]);
    // It still answers from what it holds, and goes on refusing to sign.
    assert.equal(await held(a, alice, done[0] ?? ""), 1);
    assert.equal(codeOf(await a.publish(long("other"))), "peer/publishing-frozen");
    await disk.empty();
    let again = 0;
    await until("publishing again", async () => {
      const answer = await a.publish(long(`again${again}`)).catch(() => null);
      if (answer?.status === 200) again++;
      return again > 0;
    });
    assert.ok((await heldOf(a, a.origin)) > done.length);
    for (const name of done) assert.equal(await held(a, alice, name), 1, name);
    assert.ok(!(await readdir(disk.folder)).includes("room.new"));
    await until(
      "all of it at the follower",
      async () => (await heldOf(follower, a.origin)) === (await heldOf(a, a.origin)),
    );
    assert.equal(await findings(follower), 0);
    assert.equal(await a.end("SIGTERM"), 0);
  },
);

test(
  "a node that is killed with its disk full starts again when there is room, and not before",
  LIMIT,
  async (t) => {
    const disk = await smallDisk(DISK_BYTES);
    if (disk === null) return t.skip("no file system can be mounted here");
    const a = await startPeer({ dataDir: disk.folder, publishKey: alice.pem, first: true });
    await disk.fill(300_000);
    const { done } = await publishUntilRefused(a);
    await a.end("SIGKILL");
    // Not before: while it lived, level could still delete a file and so make room.
    await disk.fill(0);
    await assert.rejects(
      startPeer({ dataDir: disk.folder, publishKey: alice.pem }),
      /No space left on device/i,
    );
    await disk.empty();
    const again = await startPeer({ dataDir: disk.folder, publishKey: alice.pem });
    for (const name of done) assert.equal(await held(again, alice, name), 1, name);
    assert.equal((await again.publish(long("more"))).status, 200);
  },
);

test(
  "a folder on a full disk is begun when there is room: nothing half-written is in the way",
  LIMIT,
  async (t) => {
    const disk = await smallDisk(DISK_BYTES);
    if (disk === null) return t.skip("no file system can be mounted here");
    for (const free of [0, 4_096, 8_192, 16_384, 65_536]) {
      await disk.empty();
      await disk.fill(free);
      const started = await startPeer({ dataDir: disk.folder }).catch((error: unknown) => String(error));
      if (typeof started !== "string") await started.end("SIGKILL");
      else assert.match(started, /data\/unusable|store\/failed|own-head\/failed/);
    }
    await disk.empty();
    const a = await startPeer({ dataDir: disk.folder });
    assert.equal((await a.publish(long("first"))).status, 200);
  },
);

test("a follower with a full disk goes on answering, and catches up when there is room", LIMIT, async (t) => {
  const disk = await smallDisk(DISK_BYTES);
  if (disk === null) return t.skip("no file system can be mounted here");
  const a = await startPeer({ publishKey: alice.pem, first: true });
  const follow = { bootstrap: a.listen, followOrigins: [a.origin], followBuilders: [alice.hex] };
  const b = await startPeer({ dataDir: disk.folder, ...follow });
  await a.publish(long("early"));
  await until("the first claim", async () => (await held(b, alice, "early")) === 1);
  await disk.fill(200_000);
  for (let i = 0; i < 40; i++) assert.equal((await a.publish(long(`p${i}`))).status, 200);
  await until("the trouble", async () => (await b.get("/healthz")).status === 503);
  assert.equal(await held(b, alice, "early"), 1);
  await disk.empty();
  await until("the whole feed", async () => {
    return (await heldOf(b, a.origin).catch(() => 0)) === (await heldOf(a, a.origin));
  });
});

const hasStrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

for (const { name, calls } of [
  { name: "the store's", calls: "fdatasync" },
  { name: "the own-head file's", calls: "fsync" },
]) {
  test(
    `${name} fsync that fails (EIO) ends signing; what was acknowledged is there afterwards (R12, I1)`,
    LIMIT,
    async (t) => {
      if (!hasStrace) return t.skip("no strace here, or it may not trace");
      const follower = await startPeer({ followAll: true, followBuilders: [alice.hex] });
      const own = { bootstrap: follower.listen, publishKey: alice.pem };
      const begun = await startPeer({ ...own, first: true });
      const { dataDir, origin } = begun;
      await begun.publish(claim(alice, "before", "bits"));
      await begun.end("SIGTERM");
      const inject = `inject=${calls}:error=EIO:when=12+`;
      const under = ["strace", "-f", "-q", "-o", "/dev/null", "-e", `trace=${calls}`, "-e", inject];
      const a = await startPeer({ ...own, dataDir, under });
      const { done, code } = await publishUntilRefused(a);
      assert.equal(code, "peer/publishing-frozen");
      assert.match(a.log(), /store\/failed|own-head\/failed/);
      // It may just be starting anew, in vain.
      const after = await a.publish(claim(alice, "after", "bits")).catch(() => null);
      if (after !== null) assert.equal(codeOf(after), "peer/publishing-frozen");
      await cutOff(a);
      const again = await startPeer({ ...own, dataDir });
      for (const each of ["before", ...done]) assert.equal(await held(again, alice, each), 1, each);
      assert.equal((await again.publish(claim(alice, "last", "bits"))).status, 200);
      await until(
        "all of it at the follower",
        async () => (await heldOf(follower, origin)) === (await heldOf(again, origin)),
      );
      assert.equal(await findings(follower), 0);
    },
  );
}

/** What strace runs ends with its input, at once; strace ends with it. */
async function cutOff({ child }: PeerProcess): Promise<void> {
  const gone = once(child, "close");
  child.stdin?.end();
  await gone;
}
