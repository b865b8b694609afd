import assert from "node:assert/strict";
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { keyIdKha, parseTarget } from "../../../protocol/index.ts";
import { Builder } from "../../sim/builder.ts";
import { envelopes, feedBundle, keyOf, member, MemoryFeed, OTHER, SAME, stage, TOOL } from "./stage.ts";
import type { Member } from "./stage.ts";
import type { Ran } from "./run.ts";

const [one, two, three] = [member(1), member(2), member(3)];
const says = (who: Member, what: string): Uint8Array => keyOf(who).link(TOOL, what);
const HOUR_MS = 3_600_000;
const NEVER = Date.UTC(2026, 0, 1);

/** Code, verdict, decision, kind of contradiction, and each builder's vote. */
function shown({ code, objects }: Ran): readonly unknown[] {
  const [object] = objects;
  const votes = (object?.["votes"] ?? []) as { vote: string }[];
  return [
    code,
    object?.["verdict"],
    object?.["decision"],
    object?.["contradiction"],
    votes.map(({ vote }) => vote).join(" "),
  ];
}

test("verify: two agree and the third says nothing: reproduced", async () => {
  const { verify } = await stage([one, two, three]);
  const ran = await verify([envelopes(says(one, SAME), says(two, SAME))]);
  assert.deepEqual(shown(ran), [0, "reproduced", "allow", null, "agrees agrees silent"]);
});

test("verify: two agree and an authorised one dissents: seen, and the policy decides", async () => {
  const said = [envelopes(says(one, SAME), says(two, SAME), says(three, OTHER))];
  const members = [one, two, three];
  const votes = "agrees agrees contradicts";
  const refuse = await (await stage(members)).verify(said);
  assert.deepEqual(shown(refuse), [1, "contradicted", "refuse", "split", votes]);
  const majority = await (await stage(members, ['on_contradiction = "majority"'])).verify(said);
  assert.deepEqual(shown(majority), [0, "reproduced", "allow", "split", votes]);
  const warn = await (await stage(members, ['on_contradiction = "warn"'])).verify(said);
  assert.deepEqual(shown(warn), [0, "reproduced", "warn", "split", votes]);
});

test("verify: two agree and one got something else from other inputs: reproduced, and shown", async () => {
  const input = new Uint8Array(32).fill(1);
  const other = new Uint8Array(32).fill(2);
  const said = envelopes(
    keyOf(one).link(TOOL, SAME, { input }),
    keyOf(two).link(TOOL, SAME, { input }),
    keyOf(three).link(TOOL, OTHER, { input: other }),
  );
  const { verify } = await stage([one, two, three]);
  assert.deepEqual(shown(await verify([said])), [0, "reproduced", "allow", null, "agrees agrees differs"]);
});

test("verify: builders agree with each other and not with this file; builders who don't even agree", async () => {
  const { verify } = await stage([one, two]);
  const file = await verify([envelopes(says(one, OTHER), says(two, OTHER))]);
  assert.deepEqual(shown(file), [1, "contradicted", "refuse", "file", "contradicts contradicts"]);
  const split = await verify([envelopes(says(one, OTHER), says(two, "yet another"))]);
  assert.deepEqual(shown(split), [1, "contradicted", "refuse", "split", "contradicts contradicts"]);
});

test("verify: one key under two key ids is one vote, and so are two keys of one operator", async () => {
  const key = keyOf(one);
  const twice = envelopes(says(one, SAME), key.link(TOOL, SAME, { keyid: keyIdKha(key.key) }));
  const ids = await (await stage([one, two])).verify([twice]);
  assert.deepEqual(shown(ids), [2, "pending", "refuse", null, "agrees silent"]);
  const keys: Member = { name: "pair", builders: [new Builder(7), new Builder(8)] };
  const both = envelopes(...keys.builders.map((builder) => builder.link(TOOL, SAME)));
  const pair = await (await stage([keys, two])).verify([both]);
  assert.deepEqual(shown(pair), [2, "pending", "refuse", null, "agrees silent"]);
  const [left, right] = [member(4, "uni"), member(5, "uni")];
  const operator = await (
    await stage([left, right, two])
  ).verify([envelopes(says(left, SAME), says(right, SAME))]);
  assert.deepEqual(shown(operator), [2, "pending", "refuse", null, "agrees agrees silent"]);
});

test("verify: a builder that contradicts itself contradicts, until it takes one back", async () => {
  const { verify } = await stage([one, two]);
  const said = [says(one, SAME), says(one, OTHER), says(two, SAME)];
  assert.deepEqual(shown(await verify([envelopes(...said)])), [
    1,
    "contradicted",
    "refuse",
    "split",
    "contradicts agrees",
  ]);
  const taken = keyOf(one).retraction(TOOL, [keyOf(one).verified(says(one, OTHER)).id]);
  const fresh = await stage([one, two]);
  assert.deepEqual(shown(await fresh.verify([envelopes(...said, taken)])), [
    0,
    "reproduced",
    "allow",
    null,
    "agrees agrees",
  ]);
});

test("verify: what was taken back has no vote", async () => {
  const { verify } = await stage([one, two]);
  const taken = keyOf(one).retraction(TOOL, [keyOf(one).verified(says(one, SAME)).id]);
  const ran = await verify([envelopes(says(one, SAME), taken, says(two, SAME))]);
  assert.deepEqual(shown(ran), [2, "pending", "refuse", null, "excluded agrees"]);
});

test("verify: an operator of whom one builder contradicts contradicts", async () => {
  const [left, right] = [member(4, "uni"), member(5, "uni")];
  const { verify } = await stage([left, right, two]);
  const ran = await verify([envelopes(says(left, SAME), says(right, OTHER), says(two, SAME))]);
  assert.deepEqual(shown(ran), [1, "contradicted", "refuse", "split", "contradicts contradicts agrees"]);
});

test("verify: failures and unknown builders by the hundred complete nothing", async () => {
  const { verify } = await stage([one, two]);
  const strangers = Array.from({ length: 100 }, (_, i) => new Builder(100 + i).link(TOOL, SAME));
  const ran = await verify([envelopes(says(one, SAME), keyOf(two).failed(TOOL, "no space"), ...strangers)]);
  assert.deepEqual(shown(ran), [2, "pending", "refuse", null, "agrees failed"]);
});

test("verify: a pending verdict says why, builder by builder, and what to do", async () => {
  const { verify } = await stage([one, two]);
  const feed = new MemoryFeed(2).append(keyOf(two).link(TOOL, SAME, { step: "sign" }));
  const { objects, code } = await verify([envelopes(says(one, SAME)), feedBundle([{ feed, time: NEVER }])]);
  assert.equal(code, 2);
  const votes = objects[0]?.["votes"] as { builder: string; vote: string; reason: string }[];
  assert.equal(votes[1]?.vote, "silent");
  assert.match(votes[1]?.reason ?? "", /not heard since 1 Jan/);
  assert.match(String(objects[0]?.["next"]), /b2/);
});

test("verify: the same bits as another package are shown, and are no vote", async () => {
  const { verify } = await stage([one, two]);
  const other = parseTarget("pkg:generic/other@1.0", TOOL.file);
  const ran = await verify([envelopes(says(one, SAME), keyOf(two).link(other, SAME))]);
  assert.deepEqual(shown(ran), [2, "pending", "refuse", null, "agrees silent"]);
  const votes = ran.objects[0]?.["votes"] as { reason: string | null; sha256: string | null }[];
  assert.match(votes[1]?.reason ?? "", /it got this file as pkg:generic\/other@1\.0, which is no vote$/);
  assert.equal(votes[1]?.sha256, null);
});

test("verify: a builder whose feed has been shrinking for days is stale", async () => {
  const { verify, folder } = await stage([one, two]);
  const large = new MemoryFeed(1).append(says(one, SAME), says(two, SAME));
  const show = (feed: MemoryFeed): Uint8Array[] => [
    feedBundle([{ feed, time: Date.now() }]),
    envelopes(says(two, SAME)),
  ];
  const agreed = [0, "reproduced", "allow", null, "agrees agrees"];
  assert.deepEqual(shown(await verify(show(large))), agreed);
  // Sources may lag behind for a while.
  assert.deepEqual(shown(await verify(show(large.branch(1)))), agreed);
  await makeOlder(join(folder, "data/samebits/seen/test/heads"), 3 * 24 * HOUR_MS);
  assert.deepEqual(shown(await verify(show(large))), agreed);
  const shrunk = await verify(show(large.branch(1)));
  assert.deepEqual(shown(shrunk), [2, "pending", "refuse", null, "stale agrees"]);
  const votes = shrunk.objects[0]?.["votes"] as { reason: string }[];
  assert.match(votes[0]?.reason ?? "", /1 of the 2 entries seen before/);
});

/** Heads are remembered in names of files, the time last. */
async function makeOlder(heads: string, ms: number): Promise<void> {
  for (const name of await readdir(heads)) {
    const at = name.lastIndexOf(".") + 1;
    await rename(join(heads, name), join(heads, `${name.slice(0, at)}${Number(name.slice(at)) - ms}`));
  }
}

test("verify: where nothing can be remembered it works all the same, and says so", async () => {
  const { verify } = await stage([one, two]);
  const said = envelopes(says(one, SAME), says(two, SAME));
  assert.equal((await verify([said])).objects[0]?.["state"], "kept");
  const ran = await verify([said], "--data", "/dev/null/nowhere");
  assert.deepEqual([ran.code, ran.objects[0]?.["state"]], [0, "none"]);
});

test("verify: a fork takes its builder's votes, is proven, and stays known", async () => {
  const { verify } = await stage([one, two]);
  const left = new MemoryFeed(1).append(says(one, SAME));
  const right = new MemoryFeed(1).append(says(one, SAME), says(two, SAME)).branch(0).append(says(two, SAME));
  const time = Date.now();
  const said = envelopes(says(one, SAME), says(two, SAME));
  const ran = await verify([feedBundle([{ feed: left, time }]), feedBundle([{ feed: right, time }]), said]);
  assert.deepEqual(shown(ran), [1, "contradicted", "refuse", "fork", "excluded agrees"]);
  const proofs = ran.objects[0]?.["evidence"] as { kind: string }[];
  assert.deepEqual(
    proofs.map(({ kind }) => kind),
    ["fork"],
  );
  // The proof was kept: the next time one branch alone is shown, and does not help.
  const later = await verify([feedBundle([{ feed: left, time }]), said]);
  assert.deepEqual(shown(later), [1, "contradicted", "refuse", "fork", "excluded agrees"]);
});

test("verify: dissent that was seen once can't be hidden later", async () => {
  const { verify } = await stage([one, two, three]);
  const agreed = [says(one, SAME), says(two, SAME)];
  assert.equal((await verify([envelopes(...agreed, says(three, OTHER))])).code, 1);
  assert.deepEqual(shown(await verify([envelopes(...agreed)])), [
    1,
    "contradicted",
    "refuse",
    "split",
    "agrees agrees contradicts",
  ]);
});

test("verify: with --decide the status is the policy's decision", async () => {
  const { verify } = await stage([one, two], ['mode = "warn"']);
  const said = [envelopes(says(one, SAME))];
  assert.deepEqual(shown(await verify(said)), [2, "pending", "warn", null, "agrees silent"]);
  assert.equal((await verify(said, "--decide")).code, 0);
});
