/** RULES R27: whoever takes all of a peer's connections cannot cut it off from those that it knew before. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { AddressBook } from "../../../node/mesh/addresses.ts";
import { KEPT_CONNECTIONS, MAX_CONNECTIONS } from "../../../protocol/index.ts";
import { listen } from "../../servers.ts";
import { newFolder } from "../folder.ts";
import { startPeer, until } from "./peers.ts";
import type { TestPeer } from "./peers.ts";
import { Crowd } from "./strangers.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LIMIT = { timeout: 120_000 };

/** Somebody who can be known: a peer that runs, or one that is not there now. */
interface Place {
  readonly peer: string;
  readonly address: string;
  /** Starts it, where it is not there yet. */
  readonly start: () => Promise<TestPeer>;
}

/** A peer with an identity and an address, which is not there. */
async function absent(): Promise<Place> {
  const folder = await newFolder();
  const once = await startPeer([], { folder });
  const address = once.mesh.addresses()[0] ?? "";
  await once.mesh.close();
  const listen = [address.replace(/\/p2p\/.*/, "")];
  return { peer: once.mesh.self, address, start: () => startPeer([], { folder, listen }) };
}

const placeOf = (peer: TestPeer): Place => ({
  peer: peer.mesh.self,
  address: peer.mesh.addresses()[0] ?? "",
  start: async () => peer,
});

/** An identity at an address where calls are taken and nothing is said; how many calls there were. */
async function mute(): Promise<Place & { readonly calls: () => number }> {
  let calls = 0;
  const server = createServer((socket) => {
    calls++;
    socket.on("error", () => {});
  });
  const port = await listen(server.unref());
  const place = await absent();
  const address = `/ip4/127.0.0.1/tcp/${port}/p2p/${place.peer}`;
  return { ...place, address, calls: () => calls };
}

/** A data folder whose address book knows these, the first for longest, all for `since` ms at the least. */
async function folderKnowing(places: readonly Place[], since: number): Promise<string> {
  const folder = await newFolder();
  const book = await AddressBook.open(join(folder, "peers.json"));
  const first = Date.now() - since - places.length * HOUR_MS;
  for (const [i, { peer, address }] of places.entries()) book.met(peer, address, first + i * HOUR_MS);
  await book.save();
  return folder;
}

/** Both clocks: what they show, and what is waited for by. */
function aheadBy(ahead: () => number): { readonly now: () => number; readonly steady: () => number } {
  return { now: () => Date.now() + ahead(), steady: () => performance.now() + ahead() };
}

const called = ({ mesh }: TestPeer): Set<string> =>
  new Set(mesh.peers().flatMap(({ peer, direction }) => (direction === "out" ? [peer] : [])));

function namesOf(peers: readonly TestPeer[]): string[] {
  return peers.map(({ mesh }) => mesh.self);
}

async function startMany(count: number): Promise<readonly TestPeer[]> {
  return Promise.all(Array.from({ length: count }, () => startPeer([])));
}

/** Strangers take all places and stay, but for so many places; where none is to be left, others wait for one. */
async function besiege(context: TestContext, victim: TestPeer, free: number): Promise<void> {
  const places = MAX_CONNECTIONS - victim.mesh.peers().length - free;
  const crowd = await Crowd.staying(victim, free === 0 ? places + 10 : places);
  context.after(() => crowd.leave());
  await until("no place is left", () => victim.mesh.peers().length >= MAX_CONNECTIONS - free);
}

test(
  "keeper: strangers who take every place cut nobody off from those known for a day; who vanishes is replaced",
  LIMIT,
  async (context) => {
    const [gone, late, boot] = await Promise.all([absent(), absent(), absent()]);
    const hole = await mute();
    const [stays, cut, vanishes, too, ...others] = await startMany(5);
    assert.ok(stays && cut && vanishes && too);
    const there = [stays, cut, vanishes, too, ...others];
    const folder = await folderKnowing([gone, hole, ...there.map(placeOf), late], DAY_MS);
    const victim = await startPeer([], { folder, bootstrap: [boot.address] });
    await until("all that are there are called", () =>
      namesOf(there).every((name) => called(victim).has(name)),
    );
    await besiege(context, victim, 0);
    assert.deepEqual(
      namesOf(there).filter((name) => !called(victim).has(name)),
      [],
      "all are kept",
    );

    cut.mesh.drop(victim.mesh.self, 1);
    await Promise.all([vanishes.mesh.close(), too.mesh.close()]);
    await late.start();
    const now = [...namesOf([stays, cut, ...others]), late.peer];
    assert.equal(now.length, KEPT_CONNECTIONS);
    await until("four again", () => now.every((name) => called(victim).has(name)));
    await boot.start();
    await until("whom it was told to begin from", () => called(victim).has(boot.peer));
  },
);

test(
  "keeper: who has been known for an hour only does not count, however many there are",
  LIMIT,
  async (context) => {
    const young = await startMany(5);
    const old = await Promise.all(Array.from({ length: KEPT_CONNECTIONS }, absent));
    const folder = await folderKnowing(old, DAY_MS);
    const book = await AddressBook.open(join(folder, "peers.json"));
    for (const { peer, address } of young.map(placeOf)) book.met(peer, address, Date.now() - HOUR_MS);
    await book.save();
    let ahead = 0;
    const victim = await startPeer([], { folder, ...aheadBy(() => ahead) });
    await until("the young ones are called", () => namesOf(young).every((name) => called(victim).has(name)));
    await besiege(context, victim, 0);
    const [first, ...later] = old;
    await Promise.all(later.map(({ start }) => start()));
    await until("the old ones", () => later.every(({ peer }) => called(victim).has(peer)));
    // A day later the young ones are old: nobody else is needed.
    ahead = DAY_MS;
    await sleep(1_000);
    await first?.start();
    await sleep(3_000);
    assert.equal(called(victim).has(first?.peer ?? ""), false);
  },
);

test("keeper: no more of those known are called than are needed", LIMIT, async (context) => {
  const there = await startMany(KEPT_CONNECTIONS + 1);
  const holes = await Promise.all(Array.from({ length: 10 }, mute));
  const folder = await folderKnowing([...there.map(placeOf), ...holes], DAY_MS);
  let ahead = 0;
  const victim = await startPeer([], { folder, ...aheadBy(() => ahead) });
  await until("those that are there", () => namesOf(there).every((name) => called(victim).has(name)));
  await besiege(context, victim, 10);
  const poking = await Crowd.passing(victim, 1, 500);
  context.after(() => poking.leave());
  const calls = (): number => holes.reduce((sum, hole) => sum + hole.calls(), 0);
  await sleep(6_000); // calls under way end
  const before = calls();
  ahead = HOUR_MS; // whoever did not answer may be called again
  await sleep(3_000);
  assert.equal(calls(), before);
});

test("keeper: those who come and go all the time do not keep it from calling", LIMIT, async (context) => {
  const old = await absent();
  const victim = await startPeer([], { folder: await folderKnowing([old], DAY_MS) });
  const passing = await Crowd.passing(victim, 10, 20);
  context.after(() => passing.leave());
  await old.start();
  await until("whom it knew", () => called(victim).has(old.peer));
});

test("keeper: a clock that is set back puts off no call, and bans nobody for longer", LIMIT, async () => {
  const boot = await absent();
  let turned = 0;
  // It can't be called: that would do, too.
  const victim = await startPeer([], {
    listen: [],
    bootstrap: [boot.address],
    now: () => Date.now() + turned,
  });
  const first = await boot.start();
  await until("whom it was told to begin from", () => called(victim).has(boot.peer));
  turned = -DAY_MS;
  victim.mesh.drop(boot.peer, 3_000);
  await until("hung up on", () => !called(victim).has(boot.peer));
  await until("called again", () => called(victim).has(boot.peer));
  await first.mesh.close();
  await until("gone", () => !called(victim).has(boot.peer));
  turned = -2 * DAY_MS;
  await boot.start();
  await until("and again", () => called(victim).has(boot.peer));
});
