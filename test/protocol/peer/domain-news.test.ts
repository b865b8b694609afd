/** That a trust domain has newer documents reaches whoever carries it in seconds; who says so for nothing costs little (DESIGN 4.5, I9). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../../protocol/bytes/index.ts";
import {
  DOMAIN_HINT_BURST,
  DOMAIN_HINT_JITTER_MS,
  DOMAIN_HINT_MS,
  DOMAIN_NAME_BYTES,
  DOMAIN_NEWS_AGAIN_MS,
  DOMAIN_NEWS_BURST,
  DOMAIN_NEWS_PER_NEIGHBOUR,
  DOMAIN_NEWS_PER_SECOND,
  MAX_DOMAIN_HINT_PEERS,
  MAX_DOMAIN_TELLERS,
} from "../../../protocol/limits.ts";
import type { Effect } from "../../../protocol/peer/index.ts";
import { isNewerDomain, writeDomainNotice } from "../../../protocol/wire/index.ts";
import type { DomainVersions } from "../../../protocol/wire/index.ts";
import { Rig } from "./rig.ts";
import type { RigPeer, Stub } from "./rig.ts";

const DOMAIN = new Uint8Array(DOMAIN_NAME_BYTES).fill(7);
const documents = (root: number): ReadonlyMap<string, Uint8Array> =>
  new Map(Array.from({ length: root }, (_, at) => [`${at + 1}.root.json`, utf8(`root ${at + 1}`)]));
const at = (root: number, targets = 1, delegated = 0, split = false): DomainVersions => ({
  root,
  targets,
  delegated,
  split,
});

function carry(peer: RigPeer, root: number): void {
  peer.command({ do: "carry", domain: DOMAIN, documents: documents(root), versions: at(root) });
}

const hints = ({ seen }: RigPeer): readonly Extract<Effect, { kind: "hinted" }>[] =>
  seen.filter((effect) => effect.kind === "hinted");

const verdictOf = (effect: Effect | null): string =>
  effect?.kind === "verdict" ? `${effect.verdict} ${effect.code ?? ""}`.trim() : "none";

const notice = (versions: DomainVersions, peer: string, domain: Uint8Array = DOMAIN): Uint8Array =>
  writeDomainNotice({ domain, ...versions, peer });

/** What looks after a peer's domains: when it is hinted, it asks, fetches the next roots of each source, and carries what it got. */
class Keeper {
  readonly peer: RigPeer;
  root: number;
  #done = 0;

  constructor(peer: RigPeer, root: number) {
    this.peer = peer;
    this.root = root;
    carry(peer, root);
  }

  work(): void {
    const { peer } = this;
    for (const { peers } of hints(peer).slice(this.#done)) {
      this.#done++;
      const known = peer.seen.length;
      peer.command({ do: "carriers", domain: DOMAIN, deadline: peer.rig.now + 5_000, first: peers });
      const found = peer.seen
        .slice(known)
        .flatMap((effect) =>
          effect.kind === "done" && effect.result.ok && effect.result.do === "carriers"
            ? effect.result.peers
            : [],
        );
      for (const from of found) this.#fetch(from);
    }
  }

  #fetch(from: string): void {
    const path = `${this.root + 1}.root.json`;
    const result = this.peer.command({ do: "fetch", from, domain: DOMAIN, path, most: 100 });
    if (result?.ok !== true || result.do !== "fetch" || result.bytes === null) return;
    this.root++;
    carry(this.peer, this.root);
  }
}

test("who takes newer documents tells, all who carry them look again and have them in seconds, through others who don't", () => {
  const rig = new Rig();
  // Every third carries nothing, and passes on what it hears.
  const peers = Array.from({ length: 18 }, (_, i) => rig.peer(`p${i}`));
  const keepers = peers.flatMap((peer, i) => (i % 3 === 2 ? [] : [new Keeper(peer, 1)]));
  for (const [i, peer] of peers.entries()) {
    for (const step of [1, 5]) rig.connect(peer, peers[(i + step) % peers.length] ?? peer);
  }
  rig.pass(DOMAIN_NEWS_AGAIN_MS + 10_000);
  assert.deepEqual(
    peers.flatMap((peer) => hints(peer)),
    [],
    "all have the same",
  );
  const [owner] = keepers;
  assert.ok(owner !== undefined);
  owner.root = 2;
  carry(owner.peer, 2);
  for (let passed = 0; passed < 6_000; passed += 100) {
    rig.pass(100);
    for (const keeper of keepers) keeper.work();
  }
  assert.deepEqual(
    keepers.map(({ root }) => root),
    keepers.map(() => 2),
  );
  for (const { peer } of keepers) assert.ok(hints(peer).length <= DOMAIN_HINT_BURST);
});

/** A peer that carries root 1, and one that says what it likes. */
function told(): { readonly rig: Rig; readonly peer: RigPeer; readonly other: Stub } {
  const rig = new Rig();
  const peer = rig.peer("p");
  const other = rig.stub("other", () => null);
  carry(peer, 1);
  rig.connect(peer, other);
  rig.pass(DOMAIN_NEWS_AGAIN_MS + 5_000);
  return { rig, peer, other };
}

test("telling: at once, a second time minutes later, and never of what is no newer", () => {
  const { rig, peer, other } = told();
  assert.equal(other.heard.length, 2);
  assert.deepEqual(other.heard[0], { topic: "domains", bytes: notice(at(1), "p") });
  carry(peer, 1);
  rig.pass(DOMAIN_NEWS_AGAIN_MS);
  assert.equal(other.heard.length, 2);
  peer.command({ do: "carry", domain: DOMAIN, documents: documents(1), versions: at(1, 2) });
  assert.deepEqual(other.heard.at(-1)?.bytes, notice(at(1, 2), "p"));
  peer.command({ do: "carry", domain: DOMAIN, documents: new Map() });
  rig.pass(2 * DOMAIN_NEWS_AGAIN_MS);
  assert.equal(other.heard.length, 3, "what is not carried any more is not told of");
  // Nor is it by a light peer, which nobody can ask.
  const light = rig.peer("light", { light: true });
  carry(light, 3);
  rig.connect(light, other);
  rig.pass(2_000);
  assert.equal(other.heard.length, 3);
});

test("what is told of is newer by root, then targets, then what delegates have; above all that it has split", () => {
  const rising = [at(1, 0), at(1, 1), at(1, 1, 4), at(1, 2, 0), at(2, 0), at(2, 1), at(1, 0, 0, true)];
  for (const [i, one] of rising.entries())
    for (const [j, other] of rising.entries()) assert.equal(isNewerDomain(one, other), i > j);
});

test("old news, the same news and further tellers of it go no further; each may be a source all the same", () => {
  const { rig, peer } = told();
  const say = (versions: DomainVersions, by: string): string =>
    verdictOf(peer.gossiped("domains", notice(versions, by), "other"));
  assert.equal(say(at(1), "x"), "ignore peer/repeated");
  assert.equal(say(at(1, 0, 99), "x"), "ignore peer/repeated");
  assert.equal(hints(peer).length, 0);
  for (let i = 0; i < MAX_DOMAIN_TELLERS; i++) assert.equal(say(at(2), `x${i}`), "accept");
  assert.equal(say(at(2), "one-more"), "ignore peer/repeated");
  assert.equal(hints(peer).length, 0, "each takes its time");
  rig.pass(DOMAIN_HINT_JITTER_MS + 1_000);
  assert.equal(hints(peer).length, 1);
  const [hint] = hints(peer);
  assert.deepEqual(hint?.domain, DOMAIN);
  assert.deepEqual(new Set(hint?.peers), new Set(["x0", "x1", "x2", "x3", "one-more", "other"]));
});

test("a flood of made-up news: few looks, few names, little passed on, of one neighbour less than of all", () => {
  const { rig, peer } = told();
  const before = rig.now;
  let [accepted, named] = [0, 0];
  for (let i = 0; i < 3_000; i++) {
    const verdict = verdictOf(peer.gossiped("domains", notice(at(2 + i), `liar${i}`), "other"));
    if (verdict === "accept") accepted++;
    else assert.equal(verdict, "ignore peer/over-budget");
    if (i % 10 === 0) rig.pass(100);
  }
  const seconds = (rig.now - before) / 1_000;
  assert.ok(accepted <= DOMAIN_NEWS_BURST + seconds * DOMAIN_NEWS_PER_SECOND, `${accepted} in ${seconds} s`);
  assert.ok(accepted > 0);
  const looks = hints(peer);
  assert.ok(looks.length <= DOMAIN_HINT_BURST + 1 + seconds / (DOMAIN_HINT_MS / 1_000), `${looks.length}`);
  for (const { peers } of looks) named = Math.max(named, peers.length);
  assert.ok(named <= MAX_DOMAIN_HINT_PEERS, `${named} names`);
  // Who says something true then is heard, if later: the next look comes, and has a place for it.
  rig.pass(2 * DOMAIN_HINT_MS);
  peer.gossiped("domains", notice(at(9_000), "honest"), "third");
  rig.pass(DOMAIN_HINT_JITTER_MS + 1_000);
  assert.ok(hints(peer).at(-1)?.peers.includes("honest"));
});

test("of domains that nobody here carries as much is passed on, of however many, and nothing is remembered of more", () => {
  const { rig, peer } = told();
  const domain = (i: number): Uint8Array =>
    new Uint8Array(DOMAIN_NAME_BYTES).map((_, at) => (at < 2 ? i >> (8 * at) : 1));
  let accepted = 0;
  for (let i = 0; i < 1_000; i++) {
    const from = `n${i % 50}`;
    if (verdictOf(peer.gossiped("domains", notice(at(1), "x", domain(i)), from)) === "accept") accepted++;
  }
  assert.ok(accepted >= DOMAIN_NEWS_PER_NEIGHBOUR && accepted <= DOMAIN_NEWS_BURST, `${accepted}`);
  assert.equal(hints(peer).length, 0);
  rig.pass(5_000);
  assert.equal(verdictOf(peer.gossiped("domains", notice(at(1), "x", domain(2_000)), "n1")), "accept");
});

test("a notice is exact; junk is its sender's fault", () => {
  const { peer } = told();
  const good = notice(at(2, 3, 4), "x");
  for (const bytes of [new Uint8Array(0), good.slice(0, -1), Uint8Array.of(...good, 0x30, 0)]) {
    assert.match(verdictOf(peer.gossiped("domains", bytes, "other")), /^reject wire\//);
  }
  assert.ok(peer.dropped.has("other"));
  const [long, none] = ["x".repeat(129), ""];
  for (const bad of [{ peer: long }, { peer: none }, { peer: "a b" }, { root: 0 }, { targets: 2 ** 31 }])
    assert.throws(
      () => writeDomainNotice({ domain: DOMAIN, ...at(2), peer: "x", ...bad }),
      /wire\/bad-field|expected/,
    );
  assert.throws(() => writeDomainNotice({ domain: new Uint8Array(32), ...at(2), peer: "x" }), /octets/);
});
