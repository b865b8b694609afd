/** What entries of feeds mean by a policy: what is to be rebuilt or released, and who signs where it should not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { placesOf, publishes, rebuiltWithin } from "../../../client/watch/expected/places.ts";
import { keyIsExpected, sightingsIn } from "../../../client/watch/expected/sightings.ts";
import type { Sighting, Standing } from "../../../client/watch/expected/sightings.ts";
import { debTarget, origin, parseTarget, readPolicy, toHex, toVkey } from "../../../protocol/index.ts";
import type { Policy } from "../../../protocol/index.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";

const [archive, alice, offline, author, stranger, thief] = [71, 72, 73, 74, 75, 76].map(
  (seed) => new Builder(seed),
);
assert.ok(archive && alice && offline && author && stranger && thief);
const NOW = Date.UTC(2026, 10, 21);
const REVOKED = Date.UTC(2026, 9, 1);
/** The time that a test's claims state is long before that. */
const OLD = Date.UTC(2026, 0, 1);
const NETWORK = "test";
const CARRIER = origin(NETWORK, stranger.key.raw);
const vkey = (name: string, { key }: Builder): string => `"${toVkey(name, key.raw)}"`;

const policyOf = (more = ""): Policy =>
  readPolicy(`version = 1
[builders.archive]
key = ${vkey("archive", archive)}
roles = ["publisher"]
[builders.alice]
keys = [${vkey("alice", alice)}, { key = ${vkey("thief", thief)}, revoked = "2026-10-01" }]
roles = ["rebuilder"]
[builders.offline]
key = ${vkey("offline", offline)}
roles = ["rebuilder"]
feeds = ["${CARRIER}"]
[builders.author]
key = ${vkey("author", author)}
roles = ["author"]
${more}[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 1, of = "role:rebuilder" }
rebuilt_within = "7d"
source = { k = 1, of = "role:author" }
`);
const policy = policyOf();
const target = packageNumber(1);
const uncovered = debTarget({ namespace: "ubuntu", name: "hello", version: "1", arch: "all" });

function inFeedOf(key: Uint8Array, caughtUpAt: number | null = null): Standing {
  const place = { origin: origin(NETWORK, key), key: toHex(key), isWhole: false };
  return { place, index: 0, caughtUpAt };
}

const see = (entry: Uint8Array, standing: Standing, now = NOW): Promise<readonly Sighting[]> =>
  sightingsIn(entry, standing, () => policy, now);
const kindsOf = (seen: readonly Sighting[]): readonly string[] => seen.map(({ kind }) => kind);

test("whose feeds are read, and from where on", () => {
  const patience = { rebuiltMs: null, statedMs: 1 };
  const places = placesOf([policy], NETWORK, patience);
  assert.deepEqual(
    [...places.values()].map(({ origin: name, isWhole }) => [name, isWhole]),
    [
      [origin(NETWORK, archive.key.raw), true],
      [origin(NETWORK, alice.key.raw), false],
      [origin(NETWORK, thief.key.raw), false],
      [CARRIER, false],
      [origin(NETWORK, author.key.raw), false],
    ],
    "a publisher's from the first entry on; feeds that a policy names stand for those of the keys",
  );
  assert.equal(placesOf([policy], "other", patience).has(CARRIER), false, "of another network");
  const [rule] = policy.rules;
  assert.ok(rule);
  assert.equal(rebuiltWithin(rule, { rebuiltMs: 5, statedMs: 1 }), 7 * 86_400_000, "the rule's word first");
  assert.equal(rebuiltWithin({ ...rule, rebuiltWithinMs: null }, { rebuiltMs: 5, statedMs: 1 }), 5);
  const named = readPolicy(
    `version = 1\n[builders.a]\nkey = ${vkey("a", alice)}\n[[rules]]\nname = "r"\nmatch = "pkg:*/*/*"\nrequire = { k = 1, of = "a" }\nlogged_by = "a"\n`,
  );
  const [byName] = named.rules;
  const a = named.builders.get("a");
  assert.ok(byName && a);
  assert.equal(publishes(byName, a), true, "whom logged_by names");
});

test("files that publishers list are to be rebuilt, and those of builders to be released", async () => {
  const [listed] = await see(archive.link(target, "bits", { step: "publish" }), inFeedOf(archive.key.raw));
  assert.equal(listed?.kind, "file");
  assert.deepEqual([listed.isPublished, listed.isTraced], [true, false]);
  const [built] = await see(alice.link(target, "bits"), inFeedOf(alice.key.raw));
  assert.equal(built?.kind, "file");
  assert.deepEqual([built.isPublished, built.isTraced], [false, true]);
  const carried = await see(alice.link(target, "bits"), inFeedOf(stranger.key.raw));
  assert.deepEqual(kindsOf(carried), ["file"], "wherever it stands (RULES R16)");
  assert.deepEqual(await see(archive.link(uncovered, "bits"), inFeedOf(archive.key.raw)), [], "no rule");
  assert.deepEqual(await see(alice.failed(target, "no disk"), inFeedOf(alice.key.raw)), [], "gave no file");
  const stated = await see(
    author.link(parseTarget(target.purl, target.file), "source", { step: "source" }),
    inFeedOf(author.key.raw),
  );
  assert.deepEqual(kindsOf(stated), ["stated"]);
  const id = archive.verified(archive.link(target, "bits")).id;
  const [taken] = await see(archive.retraction(target, [id]), inFeedOf(archive.key.raw));
  assert.deepEqual(taken, { kind: "retracted", claims: [id], by: [toHex(archive.key.raw)] });
});

test("a stranger is news in a builder's own feed only, which nobody else writes to", async () => {
  const strange = stranger.link(target, "other", { keyid: toHex(stranger.key.raw) });
  const [met] = await see(strange, inFeedOf(alice.key.raw));
  assert.equal(met?.kind, "unknown-key");
  assert.deepEqual([met.builder, met.key, met.isProven], ["alice", stranger.key.raw, true]);
  const [named] = await see(stranger.link(target, "other"), inFeedOf(alice.key.raw));
  assert.equal(named?.kind, "unknown-key");
  assert.equal(named.isProven, false, "by its key id alone");
  assert.deepEqual(await see(strange, inFeedOf(stranger.key.raw)), [], "in a feed that carries for others");
  assert.deepEqual(await see(strange, inFeedOf(thief.key.raw)), [], "to a revoked key's feed anybody writes");
  assert.deepEqual(kindsOf(await see(strange, inFeedOf(thief.key.raw), OLD)), ["unknown-key"]);
  assert.deepEqual(await see(stranger.link(uncovered, "x"), inFeedOf(alice.key.raw)), [], "no rule for it");
  assert.deepEqual(kindsOf(await see(offline.link(target, "x"), inFeedOf(alice.key.raw))), ["file"], "known");
  const forged = stranger.link(target, "x", { keyid: toHex(offline.key.raw) });
  assert.deepEqual(
    await see(forged, inFeedOf(alice.key.raw)),
    [],
    "in the name of a key that did not sign it",
  );
  const odd = alice.link(target, "x", { keyid: "ab".repeat(32) });
  assert.deepEqual(kindsOf(await see(odd, inFeedOf(alice.key.raw))), ["file"], "key ids decide nothing (R9)");
  assert.deepEqual(await see(new TextEncoder().encode("junk"), inFeedOf(alice.key.raw)), []);
  assert.deepEqual(await see(stranger.retraction(target, ["cd".repeat(32)]), inFeedOf(alice.key.raw)), []);
});

test("a revoked key is news where it signs after that, and its past is none", async () => {
  const link = thief.link(target, "bits");
  const own = thief.key.raw;
  assert.ok(OLD < REVOKED);
  assert.deepEqual(await see(link, inFeedOf(own)), [], "what was there when the feed was read first");
  assert.deepEqual(await see(link, inFeedOf(own, REVOKED - 1)), [], "it may be from before");
  const [used] = await see(link, inFeedOf(own, REVOKED));
  assert.equal(used?.kind, "revoked-key");
  assert.deepEqual([used.builder, used.key], ["alice", own]);
  assert.deepEqual(
    await see(link, inFeedOf(alice.key.raw, NOW - 1)),
    [],
    "its past, brought in by another feed",
  );
  assert.deepEqual(kindsOf(await see(link, inFeedOf(own, OLD), OLD)), ["file"], "before it is revoked");
});

test("a key is expected once the policy has it, or revokes it no more", () => {
  const key = toHex(stranger.key.raw);
  const row = { kind: "unknown-key", key, isProven: true } as const;
  assert.equal(keyIsExpected(row, policy, NOW), false);
  const grown = policyOf(`[builders.new]\nkey = ${vkey("new", stranger)}\n`);
  assert.equal(keyIsExpected(row, grown, NOW), true);
  assert.equal(keyIsExpected(row, null, NOW), false);
  const stolen = { kind: "revoked-key", key: toHex(thief.key.raw), isProven: true } as const;
  assert.equal(keyIsExpected(stolen, policy, NOW), false);
  assert.equal(keyIsExpected(stolen, policy, REVOKED - 1), true);
});
