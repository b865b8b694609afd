/** Nothing that the honest ever signed, put together in whatever way, accuses them (I3). */
import { fromUtf8, jsonObject, toBase64, toHex, utf8, writeJson } from "../../../protocol/bytes/index.ts";
import { keyIdPlain } from "../../../protocol/crypto/index.ts";
import { proveContradiction, writeEvidence } from "../../../protocol/evidence/index.ts";
import { writeEvidenceNotice, writeFeedUpdate } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../builder.ts";
import { Accuser, Publisher } from "../liars.ts";
import { MemoryFeed } from "../memory-feed.ts";
import { Mesh, NETWORK } from "../mesh.ts";
import { honestGoOn } from "./liars.ts";
import type { Facts } from "./scenario.ts";

const TARGET = packageNumber(4);

/** A builder that took a result back and published another one can't be made to look like a liar. */
export function framing(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const [honest] = mesh.publishers;
  if (!honest?.builder) throw new Error("a publisher expected");
  const { builder, peer } = honest;
  const first = builder.verified(builder.link(TARGET, "bits of a broken machine"));
  const second = builder.verified(builder.link(TARGET, "bits"));
  const entries = [first.bytes, builder.retraction(TARGET, [first.id]), second.bytes];
  for (const entry of entries) mesh.publish(peer, entry);
  mesh.eventually("all hold all", 20_000, () => mesh.allHold(mesh.holders, mesh.publishers));
  const evidence = proveContradiction(first, second, TARGET.key, []);
  if (evidence === null) throw new Error("without its retraction this would be a contradiction");

  const feed = new MemoryFeed(builder.seed[0] ?? 0, NETWORK).append(...entries);
  const accusations = [
    writeEvidenceNotice({ evidence: writeEvidence(evidence) }),
    ...forgedForks(feed).map((bytes) => writeEvidenceNotice({ evidence: bytes })),
    writeEvidenceNotice({ evidence: forgedBadLeaf(feed) }),
  ];
  for (const [number, accusation] of accusations.entries()) {
    const accuser = stranger(mesh, `accuser-${number}`);
    accuser.say("evidence", accusation);
    mesh.world.run(1_000);
    // The first one holds as far as its octets show; the others don't.
    if (number > 0) isShunned(mesh, accuser);
  }
  const tease = stranger(mesh, "tease");
  tease.say("evidence", writeEvidenceNotice({ id: mesh.world.random.bytes(32) }));
  replay(mesh, feed);
  for (const holder of mesh.holders) {
    const { counters } = mesh.status(holder);
    const refuted = holder.findings.filter(({ kind }) => kind === "refuted");
    mesh.expect(
      refuted.length === accusations.length - 1,
      `each attempt to frame is told of (${refuted.length} of ${accusations.length})`,
    );
    mesh.expect(
      refuted.every(({ keys: [key] }) => key !== undefined && toHex(key) === toHex(builder.key.raw)),
      "with whom it was to frame",
    );
    mesh.expect(counters.has("gossip/ignore peer/evidence-unanswered"), "evidence that nobody has is let go");
  }
  honestGoOn(mesh);
  return { mesh, facts: { accusations: accusations.length } };
}

/** Forks made of honest heads, with proofs that don't hold. */
function forgedForks(feed: MemoryFeed): Uint8Array[] {
  const note = (size: number): string => fromUtf8(feed.note(size));
  const proof = feed.consistency(1, 3).map(toBase64);
  const fork = (
    members: Readonly<Record<string, string | ReadonlyMap<string, string | string[]>>>,
  ): Uint8Array => writeJson(jsonObject({ samebits: 1, type: "evidence", kind: "fork", ...members }));
  return [
    fork({ a: note(3), b: note(3) }),
    fork({ a: note(1), b: note(3) }),
    fork({
      a: note(1),
      b: note(3),
      join: jsonObject({ root: toBase64(feed.root(2)), proof }) as ReadonlyMap<string, string | string[]>,
    }),
    fork({
      a: note(1),
      b: note(3),
      join: jsonObject({ root: toBase64(feed.root(1)), proof }) as ReadonlyMap<string, string | string[]>,
    }),
  ];
}

/** Somebody else's envelope under the honest key id, said to stand in the honest feed. */
function forgedBadLeaf(feed: MemoryFeed): Uint8Array {
  const owner = new Builder(feed.seed[0] ?? 0);
  const entry = new Builder(98).link(TARGET, "forged", { keyid: keyIdPlain(owner.key) });
  return writeJson(
    jsonObject({
      samebits: 1,
      type: "evidence",
      kind: "bad-leaf",
      checkpoint: fromUtf8(feed.note(3)),
      index: 1,
      entry: toBase64(entry),
      path: feed.inclusion(1, 3).map(toBase64),
    }),
  );
}

/** Who says what its octets alone show to be wrong is hung up on by all who hear it. */
function isShunned(mesh: Mesh, { name }: Accuser): void {
  const left = mesh.world.network.neighbours(name);
  mesh.expect(left.length === 0, `everybody hangs up on ${name} (still there: ${left.join(" ")})`);
}

function stranger(mesh: Mesh, name: string): Accuser {
  const accuser = new Accuser(mesh.world, name);
  for (const peer of mesh.holders) mesh.world.connect(name, peer.name);
  return accuser;
}

/** Old heads again, in any order, and with tails that are not theirs. */
function replay(mesh: Mesh, feed: MemoryFeed): void {
  const replayer = stranger(mesh, "replayer");
  for (const size of mesh.world.random.shuffled([1, 2, 3])) {
    for (let from = 0; from <= size; from++) replayer.say("feeds", feed.branch(size).update(from));
  }
  mesh.world.run(2_000);
  const next = feed.branch(3).append("one entry more");
  const another = feed.branch(2).append("an entry of another feed");
  const wrong = [
    utf8("not even a frame"),
    writeFeedUpdate({ checkpoint: feed.note(), from: 0, frontier: [], tail: another.entries }),
    writeFeedUpdate({ checkpoint: feed.note(), from: 0, frontier: [], tail: feed.entries.slice(0, 2) }),
    writeFeedUpdate({ checkpoint: changed(next.note()), from: 0, frontier: [], tail: next.entries }),
  ];
  for (const [number, bytes] of wrong.entries()) {
    const sender = stranger(mesh, `wrong-${number}`);
    sender.say("feeds", bytes);
    mesh.world.run(1_000);
    isShunned(mesh, sender);
  }
}

/** The note with another signature of the right form. */
function changed(note: Uint8Array): Uint8Array {
  const text = fromUtf8(note);
  return utf8(
    `${text.slice(0, -40)}${text.slice(-40).replace(/[A-Z]/, (letter) => (letter === "Q" ? "R" : "Q"))}`,
  );
}

/**
 * One head in all its writings, to everybody in another order: each is sound, so nobody who passes one on is held to account for it, and
 * everybody has all entries in the end.
 */
export function variants(seed: number, size: number): Facts {
  const mesh = Mesh.of(seed, size, 1);
  const builder = new Builder(97);
  const feed = new MemoryFeed(97, NETWORK);
  for (let i = 0; i < 6; i++) feed.append(builder.link(packageNumber(i), "bits"));
  const liar = new Publisher(mesh.world, "talker", feed);
  for (const peer of mesh.holders) mesh.world.connect(liar.name, peer.name);
  for (const peer of mesh.holders) {
    const frames = [2, 4, 6].flatMap((upTo) =>
      Array.from({ length: upTo + 1 }, (_, from) => feed.branch(upTo).update(from)),
    );
    for (const frame of mesh.world.random.shuffled(frames))
      mesh.world.send(liar.name, peer.name, "feeds", frame);
  }
  const ms = mesh.eventually("everybody holds all of it", 120_000, () =>
    mesh.holders.every((peer) =>
      mesh
        .status(peer)
        .feeds.some((view) => view.origin === feed.origin && view.held === feed.entries.length),
    ),
  );
  honestGoOn(mesh);
  return { mesh, facts: { ms } };
}
