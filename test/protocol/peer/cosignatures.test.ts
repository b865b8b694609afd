/** Cosignatures in the mesh: a minute apart, kept within bounds, and given to who comes later. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cosignatureLine,
  parseCheckpoint,
  parseCosigned,
  withSignatureLine,
} from "../../../protocol/feed/index.ts";
import type { Cosigner } from "../../../protocol/feed/index.ts";
import { COSIGN_AFTER_MS, MAX_STRANGE_COSIGNATURES } from "../../../protocol/limits.ts";
import { cosignatureKey, cosignatureRange } from "../../../protocol/peer/cosignature-row.ts";
import type { Row } from "../../../protocol/peer/index.ts";
import { writeCosignatureNotice } from "../../../protocol/wire/index.ts";
import { packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { alice, feed, first, FOLLOWS, said, second, secondsOf, seeds } from "./cosigning.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";
import { feedServer } from "./stubs.ts";

const branch = feed.branch(5).append(...Array.from({ length: 9 }, (_, i) => `other ${i}`));

/** What a peer keeps of the feed: by witness, the size. */
function kept(peer: RigPeer, origin = feed.origin): readonly (readonly [string, number])[] {
  const view = peer.status().feeds.find((one) => one.origin === origin);
  return (view?.cosigned ?? []).map((note) => {
    const { checkpoint, line } = parseCosigned(note);
    return [line.name, checkpoint.size] as const;
  });
}

/** A peer that follows the feed, and holds it. */
function holding(rig: Rig, name: string, witnesses: readonly Cosigner[] = []): RigPeer {
  const peer = rig.peer(name, { ...FOLLOWS, witnesses });
  rig.connect(peer, feedServer(rig, `${name}-source`, feed));
  rig.pass(1_000);
  assert.equal(peer.held(feed.origin), 20);
  return peer;
}

/** The rows of cosigned heads. */
function rowsOf({ store }: RigPeer): readonly Row[] {
  const whole = store.copy();
  whole.page = 1_000;
  return whole.read(cosignatureRange()).rows;
}

test("what was gossiped is kept by who follows the feed, across a restart, and told to who comes later, also the publisher", () => {
  const rig = new Rig();
  const publisher = rig.peer("p", { seed: feed.seed, first: true });
  for (const entry of feed.entries.slice(0, 3)) publisher.publish(entry);
  const witnesses = [first, second].map((seed, i) => rig.peer(`w${i}`, { witness: seed, ...FOLLOWS }));
  for (const peer of witnesses) rig.connect(publisher, peer);
  rig.pass(COSIGN_AFTER_MS + 5_000);
  const all = [first, second].map((seed) => [witnessOf(seed).name, 3] as const);
  const byName = (a: readonly [string, number], b: readonly [string, number]): number =>
    a[0] < b[0] ? -1 : 1;
  assert.deepEqual([...kept(publisher)].sort(byName), [...all].sort(byName));
  publisher.stop();
  publisher.start();
  assert.deepEqual([...kept(publisher)].sort(byName), [...all].sort(byName));
  const late = rig.peer("late", FOLLOWS);
  rig.connect(late, publisher);
  rig.pass(2_000);
  assert.deepEqual([...kept(late)].sort(byName), [...all].sort(byName));
  assert.equal(late.held(feed.origin), 3);
  // Known to the octet, they are not told again.
  const before = late.seen.length;
  rig.disconnect(late, publisher);
  rig.connect(late, publisher);
  rig.pass(2_000);
  assert.equal(
    late.seen.slice(before).some((effect) => effect.kind === "store"),
    false,
  );
});

test("what is rejected: octets that are wrong to everybody", () => {
  const rig = new Rig();
  const time = secondsOf(rig);
  const good = cosignedNote(feed, 5, first, time);
  const line = parseCosigned(good).line;
  const forged = withSignatureLine(feed.note(5), {
    ...line,
    signature: line.signature.map((octet, i) => (i === 20 ? octet ^ 1 : octet)),
  });
  const ofOther = new MemoryFeed(1, "elsewhere").append("a");
  const unsigned = withSignatureLine(cosignedNote(feed, 5, first, time), { ...line, name: feed.origin });
  const cases = [
    [feed.note(5), "cosignature/not-one"],
    [withSignatureLine(good, { ...line, name: "x" }), "cosignature/not-one"],
    [unsigned, "cosignature/not-one"],
    [forged, "cosignature/bad-signature"],
    [
      withSignatureLine(feed.note(5), { ...line, signature: line.signature.slice(1) }),
      "cosignature/malformed",
    ],
    [cosignedNote(ofOther, 1, first, time), "checkpoint/other-network"],
    [
      new TextEncoder().encode(new TextDecoder().decode(good).replace(/(\n— \S+ \S{8})./, "$1A")),
      "checkpoint/bad-signature",
    ],
  ] as const;
  for (const [i, [note, expected]] of cases.entries()) {
    const peer = rig.peer(`p${i}`, FOLLOWS);
    assert.equal(said(peer, note), expected);
    assert.equal(peer.dropped.get("x"), expected.slice("".length));
    assert.deepEqual(kept(peer), []);
  }
  const peer = rig.peer("p", FOLLOWS);
  const octets = Uint8Array.of(...writeCosignatureNotice(good), 16, 1);
  const verdict = peer.gossiped("cosignatures", octets, "x");
  assert.ok(
    verdict?.kind === "verdict" && verdict.verdict === "reject" && verdict.code === "wire/not-canonical",
  );
  assert.equal(said(peer, good), "accept");
});

test("what is ignored: strangers' names, times too close, falling sizes, clocks ahead, forked feeds", () => {
  const rig = new Rig();
  const pinned = { name: "other.example/witness", raw: witnessOf(second).raw };
  const peer = holding(rig, "p", [pinned]);
  const time = secondsOf(rig);
  const nobody = { name: "nobody.example", raw: witnessOf(first).raw };
  assert.equal(said(peer, cosignedNote(feed, 5, first, time, nobody.name)), "peer/unknown-witness");
  assert.equal(said(peer, cosignedNote(feed, 5, second, time, pinned.name)), "accept");
  // Others may have pinned another key under that name.
  const other = cosignatureLine(pinned, time + 60, new Uint8Array(64).fill(3));
  assert.equal(said(peer, withSignatureLine(feed.note(6), other)), "cosignature/bad-signature");
  assert.deepEqual([...peer.dropped], []);
  assert.equal(said(peer, cosignedNote(feed, 5, first, time + 301)), "peer/untimely");
  assert.equal(said(peer, cosignedNote(feed, 5, first, time)), "accept");
  assert.equal(said(peer, cosignedNote(feed, 9, first, time + 59)), "peer/untimely");
  assert.equal(said(peer, cosignedNote(feed, 4, first, time + 120)), "peer/untimely");
  assert.equal(said(peer, cosignedNote(feed, 9, first, time + 60)), "accept");
  assert.deepEqual(kept(peer), [
    [pinned.name, 5],
    [witnessOf(first).name, 9],
  ]);
  assert.equal(said(peer, cosignedNote(branch, 9, second, time + 90)), "accept", "half of a proof");
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind),
    ["fork"],
  );
  assert.equal(said(peer, cosignedNote(feed, 12, first, time + 200)), "peer/forked");
});

test("strangers are few: of a followed feed so many by lot beside the pinned ones, of an unknown feed none, and within a budget", () => {
  const rig = new Rig();
  const time = secondsOf(rig);
  const peer = holding(rig, "p", [witnessOf(first)]);
  for (const seed of seeds) {
    assert.equal(
      said(peer, cosignedNote(feed, 5, seed, time), seed === first ? "y" : `x${seed[0]}`),
      "accept",
    );
  }
  assert.equal(kept(peer).length, 1 + MAX_STRANGE_COSIGNATURES);
  assert.deepEqual(kept(peer)[0], [witnessOf(first).name, 5]);
  const rows = (): number => rowsOf(peer).length;
  assert.equal(rows(), 1 + MAX_STRANGE_COSIGNATURES);
  const unknown = new MemoryFeed(9, NETWORK).append("x", "y");
  assert.equal(said(peer, cosignedNote(unknown, 1, second, time)), "accept");
  assert.deepEqual(kept(peer, unknown.origin), []);
  assert.equal(said(peer, cosignedNote(unknown, 1, first, time)), "accept");
  rig.connect(peer, feedServer(rig, "s", unknown));
  rig.pass(1_000);
  assert.deepEqual(kept(peer, unknown.origin), [[witnessOf(first).name, 1]]);
  const answers = Array.from({ length: 30 }, (_, i) => {
    const seed = new Uint8Array(32).fill(150 + i);
    return said(peer, cosignedNote(feed, 5, seed, time), "flood");
  });
  assert.equal(answers.filter((answer) => answer === "accept").length, 20);
  assert.equal(answers.at(-1), "peer/over-budget");
  // A feed that is let go takes its rows with it.
  const before = rows();
  peer.command({ do: "prune" });
  assert.equal(rows(), before - 1);
});

test("rows of witnesses that are unknown now, and damaged ones, are dropped at start", () => {
  const rig = new Rig();
  const time = secondsOf(rig);
  const pinned = { name: "other.example/witness", raw: witnessOf(second).raw };
  const peer = holding(rig, "p", [pinned]);
  said(peer, cosignedNote(feed, 5, second, time, pinned.name));
  said(peer, cosignedNote(feed, 5, first, time));
  const [row] = rowsOf(peer);
  assert.ok(row !== undefined);
  peer.store.apply([
    { op: "put", key: cosignatureKey(77, witnessOf(first).raw), value: row.value },
    { op: "put", key: cosignatureKey(1, new Uint8Array(32)), value: feed.note(5) },
  ]);
  peer.stop();
  const again = rig.peer("q", FOLLOWS);
  again.stop();
  again.store = peer.store;
  again.start();
  assert.deepEqual(kept(again), [[witnessOf(first).name, 5]]);
  assert.equal(rowsOf(again).length, 1);
});

test("who looks for claims is handed what witnesses cosigned, and the proofs from there to the head held", () => {
  const rig = new Rig();
  const peer = rig.peer("p", { follow: { origins: [feed.origin], builders: [alice.key] } });
  rig.connect(peer, feedServer(rig, "p-source", feed));
  rig.pass(1_000);
  const time = secondsOf(rig);
  const sizes = [5, 5, 13, 20];
  for (const [i, size] of sizes.entries()) said(peer, cosignedNote(feed, size, seeds[i] ?? first, time));
  const { heads, joins } = peer.find({ targets: [packageNumber(3).key] });
  const [view] = heads.filter(({ origin }) => origin === feed.origin);
  assert.deepEqual(
    view?.cosigned.map((note) => parseCosigned(note).checkpoint.size),
    sizes,
  );
  assert.deepEqual(
    joins.map(({ small, large, proof }) => [parseCheckpoint(small).size, parseCheckpoint(large).size, proof]),
    [5, 13].map((size) => [size, 20, feed.consistency(size)]),
  );
});
