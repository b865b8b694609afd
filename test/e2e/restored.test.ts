/** "Yesterday's backup restored and started", and a copied data folder: real processes, and no fork (I1). */
import assert from "node:assert/strict";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { record } from "../../protocol/index.ts";
import { newFolder } from "../node/folder.ts";
import { heldOf, until } from "./asking.ts";
import { builder, claim } from "./claims.ts";
import { startPeer } from "./processes.ts";
import type { Answer, PeerOptions, PeerProcess } from "./processes.ts";

const LIMIT = { timeout: 180_000 };
const alice = builder("alice");

const publishOf = (peer: PeerProcess, name: string): Promise<Answer> =>
  peer.publish(claim(alice, name, "bits"));
const codeOf = ({ status, body }: Answer): string =>
  status === 200 ? "ok" : record(body, "problem").string("code");

async function ownState(peer: PeerProcess): Promise<string> {
  return record((await peer.get("/v1/status")).body, "status")
    .member("own")
    .record()
    .string("state");
}

async function findings(peer: PeerProcess): Promise<number> {
  return record((await peer.get("/v1/findings?since=0")).body, "findings").list("findings", 99).length;
}

/** Followers of alice's feed, the others connected to the first. */
async function followersOf(count: number): Promise<PeerProcess[]> {
  const hub = await startPeer({ followBuilders: [alice.hex] });
  const others = Array.from({ length: count - 1 }, () =>
    startPeer({ followBuilders: [alice.hex], bootstrap: hub.listen }),
  );
  return [hub, ...(await Promise.all(others))];
}

async function backUp(folder: string): Promise<string> {
  const backup = await newFolder();
  await cp(folder, backup, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !path.endsWith(".sock"),
  });
  return backup;
}

/** As operators do it: the folder is emptied and filled again, or what is in the backup is copied over what is there. */
async function restore(backup: string, folder: string, over: boolean): Promise<void> {
  if (!over) for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
  // Of a database only a whole folder makes sense.
  await rm(join(folder, "store"), { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(backup, folder, { recursive: true, preserveTimestamps: true, force: true });
}

for (const over of [false, true]) {
  test(
    `yesterday's backup restored ${over ? "over what is there" : "into an empty folder"} and started ends without a fork`,
    LIMIT,
    async () => {
      const followers = await followersOf(3);
      const [hub] = followers;
      assert.ok(hub !== undefined);
      const options: PeerOptions = {
        publishKey: alice.pem,
        bootstrap: followers.flatMap(({ listen }) => listen),
      };
      let a = await startPeer({ ...options, first: true });
      const { dataDir, origin } = a;
      assert.equal(codeOf(await publishOf(a, "monday")), "ok");
      await a.end("SIGTERM");
      const backup = await backUp(dataDir);
      a = await startPeer({ ...options, dataDir });
      assert.equal(codeOf(await publishOf(a, "tuesday")), "ok");
      for (const follower of followers)
        await until("both at the follower", async () => (await heldOf(follower, origin)) === 2);
      await a.end("SIGTERM");

      await restore(backup, dataDir, over);
      // Alone first: nobody can tell it that there is more.
      a = await startPeer({ publishKey: alice.pem, dataDir, listen: [] });
      assert.equal(await ownState(a), "unconfirmed");
      assert.equal(codeOf(await publishOf(a, "wednesday")), "peer/feed-unconfirmed");
      await a.end("SIGTERM");
      a = await startPeer({ ...options, dataDir });
      const first = codeOf(await publishOf(a, "wednesday"));
      assert.ok(["peer/feed-unconfirmed", "peer/feed-lost"].includes(first), first);
      await until("it knows", async () => (await ownState(a)) === "lost");
      const refused = await publishOf(a, "wednesday");
      assert.equal(codeOf(refused), "peer/feed-lost");
      assert.match(record(refused.body, "problem").string("detail"), /samebits feed recover/);
      assert.match(a.log(), /restored or copied|feed-lost|others hold/);
      for (const follower of followers) {
        assert.equal(await heldOf(follower, origin), 2);
        assert.equal(await findings(follower), 0);
      }
    },
  );
}

test(
  "today's backup, of which nothing is missing, goes on when three have said so, or one anchor",
  LIMIT,
  async () => {
    const followers = await followersOf(3);
    const [hub, second] = followers;
    assert.ok(hub !== undefined && second !== undefined);
    const options: PeerOptions = { publishKey: alice.pem, bootstrap: hub.listen };
    let a = await startPeer({
      ...options,
      bootstrap: followers.flatMap(({ listen }) => listen),
      first: true,
    });
    const { dataDir, origin } = a;
    assert.equal(codeOf(await publishOf(a, "monday")), "ok");
    for (const follower of followers)
      await until("it at the follower", async () => (await heldOf(follower, origin)) === 1);
    await a.end("SIGTERM");
    const copy = await backUp(dataDir);
    a = await startPeer({ ...options, dataDir: copy, bootstrap: followers.flatMap(({ listen }) => listen) });
    await until("three have answered", async () => (await ownState(a)) === "open");
    assert.equal(codeOf(await publishOf(a, "tuesday")), "ok");
    await until("it at the hub", async () => (await heldOf(hub, origin)) === 2);
    await a.end("SIGTERM");

    const again = await backUp(copy);
    a = await startPeer({ ...options, dataDir: again, anchors: [hub.peer] });
    await until("the anchor has answered", async () => (await ownState(a)) === "open");
    assert.equal(codeOf(await publishOf(a, "wednesday")), "ok");
    await a.end("SIGTERM");
    // Where it lies now it was written: no more questions.
    a = await startPeer({ publishKey: alice.pem, dataDir: again, listen: [] });
    assert.equal(await ownState(a), "open");
    assert.equal(await findings(hub), 0);
  },
);

test("a copy of a running node's folder, started with its key, signs nothing", LIMIT, async () => {
  const [hub] = await followersOf(1);
  assert.ok(hub !== undefined);
  const options: PeerOptions = { publishKey: alice.pem, bootstrap: hub.listen };
  const a = await startPeer({ ...options, first: true });
  assert.equal(codeOf(await publishOf(a, "monday")), "ok");
  await a.end("SIGTERM");
  const copy = await backUp(a.dataDir);
  await rm(join(copy, "peer.key"));
  const original = await startPeer({ ...options, dataDir: a.dataDir });
  assert.equal(codeOf(await publishOf(original, "tuesday")), "ok");
  const twin = await startPeer({ ...options, dataDir: copy });
  assert.notEqual(codeOf(await publishOf(twin, "other")), "ok");
  await until("it knows", async () => (await ownState(twin)) === "lost");
  assert.equal(codeOf(await publishOf(original, "wednesday")), "ok");
  await until("all of it at the hub", async () => (await heldOf(hub, a.origin)) === 3);
  assert.equal(await findings(hub), 0);
});
