/** A witness in the engine: what it cosigns, and that no order of requests, failures and restarts makes it cosign two branches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../protocol/bytes/index.ts";
import { signDomain } from "../../../protocol/crypto/index.ts";
import {
  cosignatureLine,
  cosignatureMessage,
  headBody,
  originHash,
  verifyCosignature,
  withSignatureLine,
} from "../../../protocol/feed/index.ts";
import { MAX_WITNESS_WAITING } from "../../../protocol/limits.ts";
import { cosignedKey } from "../../../protocol/peer/rows.ts";
import type { Command, CommandResult, Effect } from "../../../protocol/peer/index.ts";
import { readTilesRequest, writeTilesAnswer } from "../../../protocol/wire/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { addCheckpoint, timeOfLine, witnessOf } from "../../witness-requests.ts";
import { NETWORK, Rig } from "./rig.ts";
import type { RigPeer } from "./rig.ts";

const alice = new Builder(1);
const seed = new Uint8Array(32).fill(77);
const witness = witnessOf(seed);
const feed = new MemoryFeed(1, NETWORK).append(
  ...Array.from({ length: 20 }, (_, i) => alice.link(packageNumber(i), "same")),
);
/** Parts from the feed after 5 entries. */
const branch = feed
  .branch(5)
  .append(...Array.from({ length: 15 }, (_, i) => alice.link(packageNumber(i), "other")));

function command(request: string): Command {
  return { do: "add-checkpoint", request: utf8(request) };
}

function said(result: CommandResult | null): string {
  if (result === null) return "waits";
  if (!result.ok) return result.code;
  if (result.do !== "add-checkpoint") return result.do;
  return result.answer.kind === "conflict" ? `conflict ${result.answer.size}` : "cosigned";
}

function ask(peer: RigPeer, old: number, size: number, of: MemoryFeed = feed): string {
  return said(peer.command(command(addCheckpoint(of, old, size))));
}

/** A witness that follows the feed, and holds the first `held` entries of it. */
function holding(held: number, rig: Rig = new Rig()): { readonly rig: Rig; readonly peer: RigPeer } {
  const peer = rig.peer("w", { witness: seed, follow: { origins: [feed.origin] } });
  const short = feed.branch(held);
  rig.connect(
    peer,
    rig.stub("s", (stream, bytes) => {
      if (stream !== "tiles") return null;
      return writeTilesAnswer({ blobs: short.answer(readTilesRequest(bytes)), next: 0, code: "" });
    }),
  );
  rig.pass(1_000);
  assert.equal(peer.held(feed.origin), held);
  return { rig, peer };
}

function again(peer: RigPeer): void {
  peer.fault = () => null;
  peer.stop();
  peer.start();
}

const isCosigning = (effect: Effect): boolean => effect.kind === "sign" && effect.by === "witness";
const isKept = (effect: Effect): boolean =>
  effect.kind === "store" && effect.ops.some(({ key }) => key[0] === "c".charCodeAt(0));

test("what is held of a followed feed is cosigned, with a line that holds, and stays so after a restart", () => {
  const { peer } = holding(20);
  const result = peer.command(command(addCheckpoint(feed, 0, 3)));
  assert.ok(result?.ok === true && result.do === "add-checkpoint" && result.answer.kind === "cosigned");
  assert.ok(timeOfLine(feed, 3, result.answer.line, witness) > 0);
  assert.equal(ask(peer, 3, 20), "cosigned");
  again(peer);
  assert.equal(ask(peer, 0, 3), "conflict 20");
  assert.equal(ask(peer, 20, 20), "cosigned");
  const note = peer.status().witness?.cosigned.get(feed.origin) ?? new Uint8Array(0);
  assert.ok((verifyCosignature(note, witness) ?? 0) > 0);
});

test("what is refused, and that nothing is signed for it", () => {
  const { peer } = holding(10);
  const stranger = new MemoryFeed(9, NETWORK).append("x");
  assert.equal(ask(peer, 0, 1, stranger), "witness/unknown-origin");
  assert.equal(said(peer.command(command("old 0\n"))), "witness/malformed");
  const unsigned = addCheckpoint(feed, 0, 3).replace(/\n— .*\n$/, "\n— x AAAABBBB\n");
  assert.equal(said(peer.command(command(unsigned))), "witness/unsigned");
  assert.equal(said(peer.command(command(addCheckpoint(feed, 4, 3)))), "witness/old-too-large");
  assert.equal(ask(peer, 0, 11), "witness/not-held");
  assert.equal(peer.seen.some(isCosigning), false);
  assert.equal(ask(peer, 0, 4), "cosigned");
  const wrong = addCheckpoint(feed, 4, 9).replace(/^(old 4\n).*?\n/, "$1");
  assert.equal(said(peer.command(command(wrong))), "witness/not-consistent");
  assert.equal(peer.seen.filter(isCosigning).length, 1);
});

test("a branch other than the one held is not cosigned, though its proof holds, and is evidence of the fork", () => {
  const { rig, peer } = holding(10);
  assert.equal(ask(peer, 0, 5), "cosigned");
  assert.equal(ask(peer, 5, 8, branch), "witness/not-consistent");
  rig.pass(1_000);
  assert.deepEqual(
    peer.findings.map(({ kind }) => kind),
    ["fork"],
  );
  // Nothing of a forked feed is cosigned any more.
  assert.equal(ask(peer, 5, 10), "witness/not-consistent");
});

test("two requests that fit one state: the second waits, and is decided by what the first has written", () => {
  const { peer } = holding(20);
  assert.equal(ask(peer, 0, 5), "cosigned");
  let waiting: Extract<Effect, { kind: "store" }> | null = null;
  peer.fault = (effect) => {
    if (effect.kind !== "store" || !isKept(effect) || waiting !== null) return null;
    waiting = effect;
    return "hang";
  };
  const signed = peer.seen.filter(isCosigning).length;
  const tickets = [18, 9].map((size) => {
    assert.equal(ask(peer, 5, size), "waits");
    return size;
  });
  assert.equal(tickets.length, 2);
  assert.equal(peer.seen.filter(isCosigning).length, signed + 1, "the second is not even begun");
  const kept = waiting as Extract<Effect, { kind: "store" }> | null;
  assert.ok(kept !== null && kept.durable);
  peer.handle({ kind: "stored", token: kept.token });
  const answers = peer.seen.flatMap((effect) => (effect.kind === "done" ? [said(effect.result)] : []));
  assert.deepEqual(answers.slice(-2), ["cosigned", "conflict 18"]);
});

test("after a write that failed nothing is cosigned until the store is opened anew, whether it persisted or not", () => {
  for (const fault of ["fail", "persist-and-fail"] as const) {
    const { peer } = holding(20);
    assert.equal(ask(peer, 0, 5), "cosigned");
    peer.fault = (effect) => (isKept(effect) ? fault : null);
    assert.equal(ask(peer, 5, 9), "witness/frozen");
    peer.fault = () => null;
    assert.equal(ask(peer, 5, 7), "witness/frozen");
    assert.equal(peer.status().witness?.state, "frozen");
    again(peer);
    const last = fault === "fail" ? 5 : 9;
    assert.equal(ask(peer, 0, 20), `conflict ${last}`);
    assert.equal(ask(peer, last, 20), "cosigned");
  }
});

test("a key that has cosigned what the store does not know, and a damaged row, stop it for good", () => {
  const body = headBody({ origin: feed.origin, size: 8, root: branch.root(8) });
  const line = cosignatureLine(witness, 5, signDomain(seed, cosignatureMessage(5, body)));
  const { peer } = holding(20);
  assert.equal(ask(peer, 0, 5), "cosigned");
  const request = addCheckpoint(branch, 5, 8, withSignatureLine(branch.note(8), line));
  assert.equal(said(peer.command(command(request))), "witness/stopped");
  assert.equal(ask(peer, 5, 9), "witness/stopped");
  again(peer);
  assert.equal(ask(peer, 5, 9), "witness/stopped");
  assert.match(peer.status().witness?.reason ?? "", /make a new key/);

  const other = holding(20).peer;
  const key = cosignedKey(witness.raw, originHash(feed.origin));
  other.store.apply([{ op: "put", key, value: feed.note(5) }]);
  again(other);
  assert.equal(ask(other, 5, 9), "witness/stopped");
});

test("own lines that it knows, or that do not hold, stop nothing", () => {
  const { peer } = holding(20);
  assert.equal(ask(peer, 0, 5), "cosigned");
  const mine = peer.status().witness?.cosigned.get(feed.origin) ?? new Uint8Array(0);
  assert.equal(said(peer.command(command(addCheckpoint(feed, 5, 5, mine)))), "cosigned");
  const forged = cosignatureLine(witness, 5, new Uint8Array(64).fill(3));
  const note = withSignatureLine(feed.note(9), forged);
  assert.equal(said(peer.command(command(addCheckpoint(feed, 5, 9, note)))), "cosigned");
});

test("times never go back, whatever the clock does", () => {
  const { rig, peer } = holding(20);
  const time = (old: number, size: number): number => {
    const result = peer.command(command(addCheckpoint(feed, old, size)));
    assert.ok(result?.ok === true && result.do === "add-checkpoint" && result.answer.kind === "cosigned");
    return timeOfLine(feed, size, result.answer.line, witness);
  };
  const first = time(0, 5);
  rig.now -= 3_600_000;
  assert.equal(time(5, 6), first);
});

test("requests beyond those that may wait are told so", () => {
  const { peer } = holding(20);
  peer.fault = (effect) => (isKept(effect) ? "hang" : null);
  const answers = Array.from({ length: MAX_WITNESS_WAITING + 1 }, () => ask(peer, 0, 5));
  assert.deepEqual(new Set(answers.slice(0, -1)), new Set(["waits"]));
  assert.equal(answers.at(-1), "witness/busy");
});
