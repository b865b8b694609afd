/** Liars are found out, by everybody who follows; the honest lose nothing. */
import { keyIdPlain } from "../../../protocol/crypto/index.ts";
import { checkEvidenceSync } from "../../../protocol/evidence/index.ts";
import type { Finding, FindingKind } from "../../../protocol/peer/index.ts";
import { Builder, packageNumber } from "../builder.ts";
import { Forker, HeadForker, Junker, Poisoner, Publisher, Withholder } from "../liars.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import type { EnginePeer } from "../peer.ts";
import { linksOf } from "./growth.ts";
import type { Facts } from "./scenario.ts";

/** The liar's key. */
const LIAR = 99;

function findingsOf(peer: EnginePeer, kind: FindingKind): readonly Finding[] {
  return peer.findings.filter((finding) => finding.kind === kind);
}

/** Waits until every honest peer has found the matter, with evidence that holds. ms it took. */
function allFind(mesh: Mesh, kind: FindingKind, ms: number): number {
  const took = mesh.eventually(`everybody finds the ${kind}`, ms, () =>
    mesh.holders.every((peer) => findingsOf(peer, kind).length > 0),
  );
  for (const peer of mesh.holders) {
    for (const { evidence } of findingsOf(peer, kind)) {
      mesh.expect(
        evidence !== null && checkEvidenceSync(evidence).kind === kindOf(kind),
        "the evidence holds",
      );
    }
    const ids = findingsOf(peer, kind).map(({ id }) => id);
    mesh.expect(new Set(ids).size === ids.length, `${peer.name} tells of each matter once`);
  }
  return took;
}

function kindOf(kind: FindingKind): string {
  return kind === "contradiction" ? "disagreement" : kind;
}

/** Two branches of equal or different size, shown to different peers. */
export function forker(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const builder = new Builder(LIAR);
  const a = new MemoryFeed(LIAR, NETWORK);
  for (let i = 0; i < 6; i++) a.append(builder.link(packageNumber(i), "bits"));
  const b = a.branch(4);
  const more = seed % 2 === 0 ? 2 : 5;
  for (let i = 0; i < more; i++) b.append(builder.link(packageNumber(100 + i), "other bits"));
  const liar = new Forker(mesh.world, "forker", [a, b]);
  for (const peer of mesh.holders) mesh.world.connect(liar.name, peer.name);
  liar.publish(0);
  const ms = allFind(mesh, "fork", 120_000);
  const states = mesh.holders.map(
    (peer) => mesh.status(peer).feeds.find((feed) => feed.origin === a.origin)?.state,
  );
  mesh.expect(
    states.every((state) => state === "forked" || state === "frozen"),
    `the feed is frozen: ${states.join(" ")}`,
  );
  honestGoOn(mesh);
  return { mesh, facts: { ms } };
}

/** Two branches that part deep in more than 65,536 entries, of equal or different size, and nobody gets an entry of them. */
export function deepForker(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const a = new MemoryFeed(LIAR, NETWORK);
  for (let i = 0; i < 65_800; i++) a.append(`entry ${i}`);
  const b = a.branch(65_600);
  const end = seed % 2 === 0 ? a.entries.length : a.entries.length + 150;
  while (b.entries.length < end) b.append(`other ${b.entries.length}`);
  const liar = new HeadForker(mesh.world, "forker", [a, b]);
  for (const peer of mesh.holders) mesh.world.connect(liar.name, peer.name);
  liar.showHeads();
  const ms = allFind(mesh, "fork", 120_000);
  for (const peer of mesh.holders) {
    const view = mesh.status(peer).feeds.find(({ origin }) => origin === a.origin);
    mesh.expect(view?.state === "forked" && view.held === 0, "found without an entry");
  }
  honestGoOn(mesh);
  return { mesh, facts: { ms } };
}

/** One key, one target, two digests; in every other run attestations so large that their evidence goes by its id. */
export function selfContradictor(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const builder = new Builder(LIAR);
  const large = { bulk: seed % 2 === 0 ? 240 : 0 };
  const feed = new MemoryFeed(LIAR, NETWORK).append(
    builder.link(packageNumber(7), "bits", large),
    builder.link(packageNumber(8), "bits"),
  );
  const liar = new Publisher(mesh.world, "contradictor", feed);
  mesh.world.connect(liar.name, mesh.holders[0]?.name ?? "");
  liar.publish();
  mesh.world.run(5_000);
  feed.append(builder.link(packageNumber(7), "other bits", large));
  liar.publish();
  const ms = allFind(mesh, "self-contradiction", 60_000);
  honestGoOn(mesh);
  return { mesh, facts: { ms } };
}

/** An entry that bears the feed's key id and was signed by somebody else. */
export function badLeaf(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const [owner, forger] = [new Builder(LIAR), new Builder(LIAR + 1)];
  const target = packageNumber(3);
  const feed = new MemoryFeed(LIAR, NETWORK).append(
    owner.link(target, "bits"),
    forger.link(target, "other bits", { keyid: keyIdPlain(owner.key) }),
  );
  const liar = new Publisher(mesh.world, "forger", feed);
  mesh.world.connect(liar.name, mesh.holders[0]?.name ?? "");
  liar.publish();
  const ms = allFind(mesh, "bad-leaf", 180_000);
  mesh.expect(
    mesh.holders.every((peer) => findingsOf(peer, "self-contradiction").length === 0),
    "a forged leaf makes no contradiction",
  );
  honestGoOn(mesh);
  return { mesh, facts: { ms } };
}

/** Two honest builders get different digests: everybody sees it, nobody is accused of lying. */
export function disagreement(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 2);
  const [one, other] = mesh.publishers;
  if (!one?.builder || !other?.builder) throw new Error("two publishers expected");
  const target = packageNumber(5);
  mesh.publish(one.peer, ...linksOf(one, 10, 3), one.builder.link(target, "bits"));
  mesh.publish(other.peer, other.builder.link(target, "other bits"));
  const ms = allFind(mesh, "contradiction", 60_000);
  mesh.checkHistories();
  return { mesh, facts: { ms } };
}

/** Heads without entries: a state of those who wait, no accusation that travels. */
export function withholder(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const feed = new MemoryFeed(LIAR, NETWORK).append("hidden", "entries");
  const liar = new Withholder(mesh.world, "withholder", feed);
  for (const peer of mesh.holders) mesh.world.connect(liar.name, peer.name);
  liar.publish();
  mesh.world.run(120_000);
  for (const peer of mesh.holders) {
    const view = mesh.status(peer).feeds.find(({ origin }) => origin === feed.origin);
    mesh.expect(view === undefined || view.held === 0, "nobody holds what nobody has");
    mesh.expect(view?.state !== "forked", "withholding is no fork");
  }
  honestGoOn(mesh);
  return { mesh, facts: {} };
}

/** Who comes late and meets more poisoners than honest peers gets the truth all the same. */
export function poisoners(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const [honest] = mesh.publishers;
  if (!honest?.builder) throw new Error("a publisher expected");
  const truth = new MemoryFeed(honest.builder.seed[0] ?? 0, NETWORK).append(...linksOf(honest, 0, 60));
  for (const first of [0, 20, 40]) mesh.publish(honest.peer, ...truth.entries.slice(first, first + 20));
  mesh.eventually("all hold all", 20_000, () => mesh.allHold(mesh.holders, mesh.publishers));
  const late = mesh.add();
  late.peer.start();
  mesh.world.runUntil(() => late.peer.ready, 10_000);
  for (let i = 0; i < 4; i++) {
    const liar = new Poisoner(mesh.world, `poisoner-${i}`, truth);
    mesh.world.connect(late.peer.name, liar.name);
  }
  mesh.world.run(500);
  mesh.world.connect(late.peer.name, mesh.holders[0]?.name ?? "");
  const ms = mesh.eventually("the late one holds all", 600_000, () => mesh.allHold([late.peer], [honest]));
  mesh.checkHistories();
  return { mesh, facts: { ms } };
}

/** Noise and damaged frames from three sides. */
export function junk(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 2);
  const junkers = [1, 2, 3].map((number) => new Junker(mesh.world, `junker-${number}`));
  for (const member of mesh.publishers) mesh.publish(member.peer, ...linksOf(member, 0, 5));
  for (let round = 0; round < 40; round++) {
    for (const junker of junkers) {
      for (const peer of mesh.holders) mesh.world.connect(junker.name, peer.name);
      junker.burst();
    }
    mesh.world.run(200);
  }
  honestGoOn(mesh);
  return { mesh, facts: {} };
}

/** Whatever happened: what the honest publish still reaches all the honest. */
export function honestGoOn(mesh: Mesh): void {
  for (const member of mesh.publishers) mesh.publish(member.peer, ...linksOf(member, 500, 2));
  mesh.eventually("the honest hold what the honest publish", 120_000, () =>
    mesh.allHold(mesh.holders, mesh.publishers),
  );
  mesh.checkHistories();
}
