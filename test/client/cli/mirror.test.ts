/** `verify --mirror`: static files alone are enough, and make a view complete where all of a feed was read up to a fresh head. */
import assert from "node:assert/strict";
import { copyFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  entriesPath,
  NOTE_COSIGNATURE,
  origin,
  originHash,
  toHex,
  toVkey,
  writeCosigned,
} from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { writeFeed } from "../../node/mirror/folders.ts";
import { ends } from "../../protocol/lifecycle/endings.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";
import { keyOf, member, MemoryFeed, NETWORK, OTHER, PURL, SAME, stage, timedNote, TOOL } from "./stage.ts";
import type { Member } from "./stage.ts";

const [one, two, three] = [member(1), member(2), member(3)];
const BUNDLE = entriesPath(0);
const DAY_MS = 24 * 3_600_000;
const says = (who: Member, what: string): Uint8Array => keyOf(who).link(TOOL, what);
const feedOf = (seed: number, ...entries: readonly Uint8Array[]): MemoryFeed =>
  new MemoryFeed(seed).append(...Array.from({ length: 300 }, (_, i) => `entry ${i}`), ...entries);

/** A folder with this feed, whose key said the time so long ago; null = never. */
async function mirrorOf(feed: MemoryFeed, ageMs: number | null = 0, folder?: string): Promise<string> {
  const to = folder ?? (await newFolder());
  await writeFeed(to, feed);
  if (ageMs !== null) await writeFile(join(to, "timed"), timedNote(feed, Date.now() - ageMs));
  return to;
}

/** Code, verdict, view, each builder's vote and whether its feeds were seen in full. */
function shown({ code, objects }: Ran): readonly unknown[] {
  const [object] = objects;
  const votes = (object?.["votes"] ?? []) as { vote: string; view: string }[];
  const each = votes.map(({ vote, view }) => `${vote}${view === "complete" ? "" : "?"}`).join(" ");
  return [code, object?.["verdict"], object?.["view"], each];
}

test("verify: mirrors alone are enough: who agrees, who has not built it, and nobody may hide dissent", async () => {
  const { verify } = await stage([one, two, three]);
  const mirrors = [
    await mirrorOf(feedOf(1, says(one, SAME))),
    await mirrorOf(feedOf(2, says(two, SAME))),
    await mirrorOf(feedOf(3)),
  ].map((folder) => `file:${folder}`);
  const ran = await verify([], "--mirror", ...mirrors);
  assert.deepEqual(shown(ran), [0, "reproduced", "complete", "agrees agrees absent"]);
  assert.deepEqual(ran.objects[0]?.["sources"], { local: 0, mirrors: 3, peers: 0, dht: 0 });
  assert.equal(ran.err, "");
  assert.deepEqual(shown(await verify([], "--mirror", ...mirrors.slice(0, 2))), [
    0,
    "reproduced",
    "partial",
    "agrees agrees silent?",
  ]);
});

test("verify: a feed that carries what others signed is looked through for all keys of the policy, whatever its key ids say", async () => {
  const carrier = new MemoryFeed(8).append(
    keyOf(one).link(TOOL, SAME, { keyid: "somebody" }),
    keyOf(two).link(TOOL, SAME, { keyid: null }),
  );
  const { verify } = await stage([one, two]);
  const ran = await verify([], "--mirror", `file:${await mirrorOf(carrier)}`);
  assert.deepEqual(shown(ran), [0, "reproduced", "partial", "agrees? agrees?"]);
});

test("verify: a rule that wants complete feeds is met by mirrors, while their heads are fresh", async () => {
  const demanding = ['view = "complete"'];
  const { verify } = await stage([one], demanding, 1);
  const feed = feedOf(1, says(one, SAME));
  const from = async (ageMs: number | null): Promise<readonly unknown[]> =>
    shown(await verify([], "--mirror", `file:${await mirrorOf(feed, ageMs)}`));
  assert.deepEqual(await from(0), [0, "reproduced", "complete", "agrees"]);
  assert.deepEqual(await from(2 * DAY_MS), [2, "pending", "partial", "agrees?"]);
  assert.deepEqual(await from(null), [2, "pending", "partial", "agrees?"]);
});

test("verify: a mirror that is too old for the rule is stale", async () => {
  const { verify } = await stage([one], ['max_head_age = "7d"'], 1);
  const feed = feedOf(1, says(one, SAME));
  const young = await verify([], "--mirror", `file:${await mirrorOf(feed, 6 * DAY_MS)}`);
  assert.deepEqual(shown(young), [0, "reproduced", "complete", "agrees"]);
  const old = await verify([], "--mirror", `file:${await mirrorOf(feed, 8 * DAY_MS)}`);
  assert.deepEqual(shown(old), [2, "pending", "partial", "stale?"]);
});

test("verify: dissent in a mirror is found beside bundles that agree, and retractions with it", async () => {
  const { verify } = await stage([one, two]);
  const agreed = new TextEncoder().encode(
    [says(one, SAME), says(two, SAME)].map((bytes) => `${new TextDecoder().decode(bytes)}\n`).join(""),
  );
  const dissent = says(two, OTHER);
  const contradicts = await mirrorOf(feedOf(2, dissent));
  assert.deepEqual(shown(await verify([agreed], "--mirror", `file:${contradicts}`)).slice(0, 2), [
    1,
    "contradicted",
  ]);
  const taken = keyOf(two).retraction(TOOL, [keyOf(two).verified(dissent).id]);
  const mended = await mirrorOf(feedOf(2, dissent, taken));
  assert.deepEqual(shown(await verify([agreed], "--mirror", `file:${mended}`)), [
    0,
    "reproduced",
    "partial",
    "agrees? agrees",
  ]);
});

test("verify: a mirror that lies decides nothing, whatever it says, and the reason is shown", async () => {
  const { verify } = await stage([one], [], 1);
  const honest = feedOf(1, says(one, SAME));
  const folder = await mirrorOf(feedOf(1));
  // What it puts in was signed by the builder, and stands in no feed under this head.
  await copyFile(
    join(await mirrorOf(new MemoryFeed(1).append(says(one, SAME), ...feedOf(1).entries)), BUNDLE),
    join(folder, BUNDLE),
  );
  const ran = await verify([], "--mirror", `file:${folder}`);
  assert.deepEqual(shown(ran).slice(1), ["pending", "partial", "silent?"]);
  assert.match(ran.err, /mirror file:\S+: not used any further: .*tile\/mismatch.* \[mirror\/bad-files\]/);
  const beside = await verify([], "--mirror", `file:${folder}`, `file:${await mirrorOf(honest)}`);
  assert.deepEqual(shown(beside), [0, "reproduced", "complete", "agrees"]);
  await writeFile(join(folder, "checkpoint"), "nothing");
  assert.equal((await verify([], "--mirror", `file:${folder}`)).code, 69, "nobody else was asked");
});

test("verify: a folder with feeds in folders named by the hash of their origins is one mirror", async () => {
  const { verify, folder } = await stage([one, two]);
  for (const feed of [feedOf(1, says(one, SAME)), feedOf(2, says(two, SAME)), feedOf(7)])
    await mirrorOf(feed, 0, join(folder, "feeds", toHex(originHash(feed.origin))));
  const ran = await verify([], "--mirror", `file:${folder}/feeds`);
  assert.deepEqual(shown(ran), [0, "reproduced", "complete", "agrees agrees"]);
  assert.deepEqual(
    (await readdir(join(folder, "data/samebits/mirrored/test"))).toSorted(),
    [keyOf(one), keyOf(two)].map(({ key }) => toHex(key.raw)).toSorted(),
  );
});

test("verify: two histories at two mirrors are a fork, and its proof is kept", async () => {
  const { verify } = await stage([one], [], 1);
  const left = await mirrorOf(feedOf(1, says(one, SAME)));
  const right = await mirrorOf(feedOf(1, says(two, OTHER), says(one, SAME)));
  const ran = await verify([], "--mirror", `file:${left}`, `file:${right}`);
  assert.deepEqual(shown(ran).slice(0, 2), [1, "contradicted"]);
  assert.equal(ran.objects[0]?.["contradiction"], "fork");
  const proofs = ran.objects[0]?.["evidence"] as { kind: string }[];
  assert.deepEqual(
    proofs.map(({ kind }) => kind),
    ["fork"],
  );
  assert.equal((await verify([], "--mirror", `file:${left}`)).code, 1);
});

test("verify: without any source that could be asked it ends with 69, and says which mirror failed", async () => {
  const { verify } = await stage([one], [], 1);
  const ran = await verify([], "--mirror", "file:/nowhere/at/all");
  assert.equal(ran.code, 69);
  assert.match(ran.err, /file:\/nowhere\/at\/all: no checkpoint .*\[mirror\/unreachable\]/);
  assert.match(ran.err, /"source\/none","message":"nobody could be asked: [^"]*--mirror/);
  assert.equal(ran.objects[0]?.["verdict"], "pending");
});

test("verify: with --offline no web server is asked; what is no mirror, and a FILE taken for one, is told", async () => {
  const { verify, path } = await stage([one], [], 1);
  const far = await verify([], "--mirror", "https://mirror.example.org/feed");
  assert.equal(far.code, 64);
  assert.match(far.err, /with --offline only file:DIR is read/);
  assert.equal((await verify([], "--mirror", "file:x", "/srv/feed")).code, 64);
  const none = await runCommand(["verify", "--mirror", "file:x", path, "--policy", "p"]);
  assert.equal(none.code, 64);
  assert.match(none.err, /put it before --mirror/);
  const wrong = await runCommand(["verify", path, "--purl", PURL, "--mirror", "ftp://example.org"]);
  assert.notEqual(wrong.code, 0);
});

test("bundle: what mirrors hold goes into a bundle that is enough elsewhere", async () => {
  const { verify, path, folder } = await stage([one, two]);
  const mirrors = [feedOf(1, says(one, SAME)), feedOf(2, says(two, SAME))];
  const named = await Promise.all(mirrors.map(async (feed) => `file:${await mirrorOf(feed)}`));
  const out = join(folder, "out.bundle");
  const common = ["--purl", PURL, "--policy", join(folder, "policy.toml"), "--network", "test", "--json"];
  const made = await runCommand(
    ["bundle", path, ...common, "--offline", "-o", out, "--mirror", ...named],
    folder,
  );
  assert.equal(made.code, 0, made.err);
  const ran = await verify([], "--bundle", out, "--data", join(folder, "elsewhere"));
  assert.deepEqual(shown(ran), [0, "reproduced", "partial", "agrees? agrees?"]);
});

/** A rule that wants two of three witnesses, made of these octets. */
const SEEDS = [41, 42, 43].map((octet) => new Uint8Array(32).fill(octet));
const WITNESSED = [
  "witnesses = { k = 2 }",
  ...SEEDS.flatMap((seed, i) => {
    const { name, raw } = witnessOf(seed, NETWORK);
    return [`[witnesses.w${i + 1}]`, `key = "${toVkey(name, raw, NOTE_COSIGNATURE)}"`];
  }),
];
/** What the witnesses, by their places, cosigned of a feed, each at its size. */
const cosigned = (feed: MemoryFeed, ...sizes: readonly number[]): readonly Uint8Array[] =>
  sizes.map((size, i) =>
    cosignedNote(feed, size, SEEDS[i] ?? new Uint8Array(), Math.floor(Date.now() / 1_000)),
  );
/** A member of each vote. */
const eachOf = ({ objects }: Ran, name: string): unknown =>
  ((objects[0]?.["votes"] ?? []) as Readonly<Record<string, unknown>>[]).map((vote) => vote[name] ?? null);

test("verify: a rule that asks for witnesses is met from a mirror alone, whatever sizes each of them has cosigned", async () => {
  const { verify } = await stage([one], WITNESSED, 1);
  const feed = feedOf(1, says(one, SAME), ...Array.from({ length: 700 }, () => says(two, SAME)));
  const folder = await mirrorOf(feed);
  const from = async (...sizes: readonly number[]): Promise<Ran> => {
    await writeFile(join(folder, "cosigned"), writeCosigned(cosigned(feed, ...sizes)) ?? "");
    return verify([], "--mirror", `file:${folder}`);
  };
  const met = await from(301, 700);
  assert.deepEqual(shown(met), [0, "reproduced", "complete", "agrees"], met.err);
  assert.deepEqual(eachOf(met, "witnesses"), [{ saw: ["w1", "w2"], needed: 2 }]);
  assert.equal(met.err, "");
  // The claim is entry 300: who cosigned fewer has not seen it.
  for (const sizes of [[300, 1_001], [1_001]]) {
    const few = await from(...sizes);
    assert.deepEqual(shown(few).slice(0, 2), [2, "pending"]);
  }
  assert.deepEqual(shown(await from(300, 512, 1_001)), [0, "reproduced", "complete", "agrees"]);
});

test("verify: what a mirror makes up of witnesses counts for nothing, and the reason is shown; the rest of it does", async () => {
  const { verify } = await stage([one], WITNESSED, 1);
  const feed = feedOf(1, says(one, SAME));
  const folder = await mirrorOf(feed);
  const stranger = cosigned(feedOf(2, says(one, SAME)), 301, 301);
  const [first = new Uint8Array(), second = new Uint8Array()] = cosigned(feed, 301, 301);
  const at = second.length - 20;
  const flipped = second.with(at, second[at] === 0x41 ? 0x42 : 0x41);
  const lies: readonly (readonly [readonly Uint8Array[], RegExp | null])[] = [
    [stranger, /its file cosigned is not used: .*checkpoint\/bad-origin/],
    [[new TextEncoder().encode("nothing")], /its file cosigned is not used: .*cosignature\/bad-file/],
    // A line of a witness that does not hold is nobody's; the head's other lines are.
    [[first, flipped], null],
  ];
  for (const [notes, why] of lies) {
    await writeFile(join(folder, "cosigned"), writeCosigned(notes) ?? "");
    const ran = await verify([], "--mirror", `file:${folder}`);
    assert.deepEqual(shown(ran).slice(0, 2), [2, "pending"], ran.err);
    if (why === null) assert.equal(ran.err, "");
    else assert.match(ran.err, why);
    assert.deepEqual(ran.objects[0]?.["sources"], { local: 0, mirrors: 1, peers: 0, dht: 0 });
  }
});

test("verify: a cosigned head of another history is the proof of a fork, at a smaller size and at the same", async () => {
  for (const size of [280, 301]) {
    const { verify } = await stage([one], [], 1);
    const feed = feedOf(1, says(one, SAME));
    const folder = await mirrorOf(feed);
    const other = feed.branch(size - 1).append("another");
    await writeFile(join(folder, "cosigned"), writeCosigned(cosigned(other, size, size)) ?? "");
    const ran = await verify([], "--mirror", `file:${folder}`);
    assert.equal(ran.objects[0]?.["contradiction"], "fork", ran.err);
    const proofs = ran.objects[0]?.["evidence"] as { kind: string }[];
    assert.deepEqual(
      proofs.map(({ kind }) => kind),
      ["fork"],
    );
  }
});

test("verify: that a feed was frozen is seen at its mirror, wherever in the feed that stands, and at its successor's", async () => {
  const [was, is] = [member(1), member(4)].map((who) => origin(NETWORK, keyOf(who).key.raw));
  assert.ok(was !== undefined && is !== undefined);
  const { verify } = await stage([one], [], 1);
  const frozen = ends(keyOf(one), was, { successor: is });
  const of = async (...mirrors: readonly string[]): Promise<unknown> => {
    const ran = await verify([], "--mirror", ...mirrors.map((folder) => `file:${folder}`));
    return eachOf(ran, "successor");
  };
  const fillers = Array.from({ length: 300 }, (_, i) => new TextEncoder().encode(`later ${i}`));
  assert.deepEqual(await of(await mirrorOf(feedOf(1, frozen))), [is]);
  assert.deepEqual(await of(await mirrorOf(feedOf(1, frozen, ...fillers))), [is]);
  assert.deepEqual(await of(await mirrorOf(feedOf(4, frozen))), [is]);
  const forged = ends(keyOf(two), was, { successor: is });
  assert.deepEqual(await of(await mirrorOf(feedOf(1, forged))), [null]);
  assert.deepEqual(
    await of(await mirrorOf(feedOf(5, frozen))),
    [null],
    "a stranger's feed says nothing of it",
  );
});
