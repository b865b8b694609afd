/**
 * Three of ten servers of the DHT leave for good in each republish interval, and new ones come in their place: what publishers that go on
 * have stored is found by whoever asks, and what those had stored who are gone, as long as their records live (R25, R26).
 */
import { equalBytes } from "../../../protocol/bytes/index.ts";
import { sha256 } from "../../../protocol/crypto/index.ts";
import { RECORD_SECONDS, REPUBLISH_SECONDS } from "../../../protocol/limits.ts";
import { slotsOf } from "../../../protocol/peer/index.ts";
import { recordRange } from "../../../protocol/peer/rows.ts";
import { packageNumber } from "../builder.ts";
import { Mesh } from "../mesh.ts";
import type { Member } from "../mesh.ts";
import type { EnginePeer } from "../peer.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";

/** Part of the servers that leaves in an interval. */
const LEAVING = 0.3;
const INTERVAL = REPUBLISH_SECONDS * 1_000;
/** ms after a publisher has left for which each of its records lives: the last one to be stored again was due just then. */
const PROMISED = RECORD_SECONDS * 1_000 - INTERVAL;
/** Servers at least: more than keep one record. */
const SERVERS = 44;
/** Intervals of a run, with few servers and with more. */
const INTERVALS = { few: 3.5, many: 8 };
/** Questions in an interval. */
const QUESTIONS = 5;
/** Publishers who go on, and their packages. */
const STAYING = 2;
const PACKAGES = 6;
/** ms between ticks: nothing here is as quick as a second, and days pass. */
const TICK = { server: 600_000, publisher: 30_000 };

interface Publisher {
  readonly member: Member;
  readonly links: readonly Uint8Array[];
  /** When it left. */
  leftAt: number | null;
}

/** What is counted on the way. */
interface Tally {
  left: number;
  asked: number;
  missed: number;
  /** Peers that keep one record, at least: of publishers that go on, and of those that have left. */
  copies: number;
  copiesOfGone: number;
}

export function churn(seed: number, size: number): Facts {
  const mesh = new Mesh(seed);
  const servers = Math.max(SERVERS, size);
  const intervals = size < SERVERS ? INTERVALS.few : INTERVALS.many;
  for (let i = 0; i < servers; i++) come(mesh);
  // One leaves after each whole interval that lets its records expire before the end.
  const leaving = Math.floor(intervals - RECORD_SECONDS / REPUBLISH_SECONDS);
  const publishers = Array.from({ length: STAYING + leaving }, (_, i) => begin(mesh, i + 1));
  mesh.world.run(INTERVAL / 20);
  const tally: Tally = { left: 0, asked: 0, missed: 0, copies: servers, copiesOfGone: servers };
  const leavers = Math.round(LEAVING * servers);
  const start = mesh.world.now;
  let [asked, gone] = [0, 0];
  for (let step = 1; step <= intervals * leavers; step++) {
    mesh.world.run(Math.round(INTERVAL / leavers));
    replaceOne(mesh);
    tally.left++;
    const passed = (mesh.world.now - start) / INTERVAL;
    if (gone < leaving && passed >= gone + 1) leave(mesh, publishers[STAYING + gone++]);
    keepCompany(mesh, publishers);
    if (passed * QUESTIONS < asked + 1) continue;
    asked++;
    ask(mesh, publishers, tally);
  }
  mesh.expect(tally.missed === 0, `all is found (${tally.missed} of ${tally.asked} times it was not)`);
  return { mesh, facts: { servers, intervals, ...tally } };
}

/** A server that follows nothing and has no room for feeds: what it has are records. */
function come(mesh: Mesh): EnginePeer {
  const { peer } = mesh.add({ follow: [], maxStoreBytes: 1 });
  peer.tickMs = TICK.server;
  peer.start();
  mesh.world.runUntil(() => peer.ready, 10_000);
  return peer;
}

function begin(mesh: Mesh, feed: number): Publisher {
  const member = mesh.add({ feed, follow: [] });
  member.peer.tickMs = TICK.publisher;
  mesh.start(member.peer);
  const links = linksOf(member, 0, PACKAGES);
  mesh.publish(member.peer, ...links);
  return { member, links, leftAt: null };
}

function replaceOne(mesh: Mesh): void {
  const [one] = mesh.world.random.shuffled(serversOf(mesh));
  one?.crash();
  come(mesh);
}

function leave(mesh: Mesh, publisher: Publisher | undefined): void {
  if (publisher === undefined) throw new Error("a publisher to leave expected");
  publisher.member.peer.crash();
  publisher.leftAt = mesh.world.now;
}

/** Publishers call somebody else when those whom they knew are gone. */
function keepCompany(mesh: Mesh, publishers: readonly Publisher[]): void {
  for (const { member, leftAt } of publishers) {
    if (leftAt !== null || mesh.world.network.neighbours(member.peer.name).length > 0) continue;
    const [other] = mesh.world.random.shuffled(serversOf(mesh));
    if (other !== undefined) mesh.world.connect(member.peer.name, other.name);
  }
}

/** A light peer that knows one server asks for everything of everybody. */
function ask(mesh: Mesh, publishers: readonly Publisher[], tally: Tally): void {
  const { peer } = mesh.add({ light: true });
  peer.start();
  mesh.world.runUntil(() => peer.ready, 10_000);
  const [first] = mesh.world.random.shuffled(serversOf(mesh));
  if (first !== undefined) mesh.world.connect(peer.name, first.name);
  const targets = Array.from({ length: PACKAGES }, (_, i) => packageNumber(i).key);
  const builders = publishers.map(({ member }) => keyOf(member));
  const { found } = mesh.find(peer, { targets, digests: [], builders });
  peer.crash();
  for (const { member, links, leftAt } of publishers) {
    const since = leftAt === null ? 0 : mesh.world.now - leftAt;
    const its = found.filter(({ signer }) => equalBytes(signer, keyOf(member)));
    if (since < PROMISED) {
      tally.asked += links.length;
      tally.missed += links.filter((link) => !its.some(({ entry }) => equalBytes(entry, link))).length;
      const copies = copiesOf(mesh, member);
      if (leftAt === null) tally.copies = Math.min(tally.copies, copies);
      else tally.copiesOfGone = Math.min(tally.copiesOfGone, copies);
    } else if (since > RECORD_SECONDS * 1_000 + TICK.server)
      mesh.expect(its.length === 0, `nothing is kept for ever (${its.length} of ${member.peer.name})`);
  }
}

/** Servers that keep a package of a publisher, both slots together: of the package that the fewest keep. */
function copiesOf(mesh: Mesh, member: Member): number {
  const hash = sha256(keyOf(member));
  const counts = Array.from({ length: PACKAGES }, (_, i) => {
    const slots = slotsOf(packageNumber(i).key);
    return serversOf(mesh).filter(({ disk }) =>
      slots.some((slot) => disk.store.read(recordRange(slot, hash, 1)).rows.length > 0),
    ).length;
  });
  return Math.min(...counts);
}

function serversOf(mesh: Mesh): readonly EnginePeer[] {
  return mesh.members.flatMap(({ peer, builder }) =>
    builder === null && peer.up && peer.server ? [peer] : [],
  );
}

function keyOf({ builder, peer }: Member): Uint8Array {
  if (builder === null) throw new Error(`${peer.name} has no feed`);
  return builder.key.raw;
}
