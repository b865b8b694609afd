/** `verify --mirror`: static files alone are enough, and make a view complete where all of a feed was read up to a fresh head. */
import assert from "node:assert/strict";
import { copyFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { entriesPath, originHash, toHex } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { writeFeed } from "../../node/mirror/folders.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";
import { keyOf, member, MemoryFeed, OTHER, PURL, SAME, stage, timedNote, TOOL } from "./stage.ts";
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
