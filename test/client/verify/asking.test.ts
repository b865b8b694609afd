/** Whom `verify` asks: everybody of whom nothing fresh is here, whatever it remembers. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { debTarget, exitOfVerdict, readPolicy, sha256, toHex, utf8 } from "../../../protocol/index.ts";
import type { FindResult, Question } from "../../../protocol/index.ts";
import { openMirrors } from "../../../client/source/mirror/index.ts";
import type { Mirrors, Source } from "../../../client/edges.ts";
import { verify } from "../../../client/verify/index.ts";
import type { Outcome, VerifyOptions } from "../../../client/verify/index.ts";
import { newFolder } from "../../node/folder.ts";
import { writeFeed } from "../../node/mirror/folders.ts";
import {
  FILE,
  keyOf,
  member,
  MemoryFeed,
  NETWORK,
  OTHER,
  policyText,
  SAME,
  timedNote,
  TOOL,
} from "../cli/stage.ts";
import { answerOf } from "./answers.ts";

const [one, two] = [member(1), member(2)];
const POLICY = readPolicy(policyText([one, two], [], 2), "policy.toml");
const NOW = Date.UTC(2026, 0, 2);

/** The mesh, as a light peer sees it: it holds nothing and answers what it is given to say. */
function mesh(...feeds: readonly MemoryFeed[]): { readonly source: Source; readonly asked: Question[] } {
  const asked: Question[] = [];
  const answer = answerOf(...feeds);
  const find = (question: Question): Promise<FindResult> => {
    asked.push(question);
    return Promise.resolve(answer);
  };
  const close = (): Promise<void> => Promise.resolve();
  return { source: { name: "the mesh", holdsFeeds: false, trusted: false, find, close }, asked };
}

function ask(
  dataDir: string,
  source: Source,
  mirrors: Mirrors | null = null,
  bundles: VerifyOptions["bundles"] = [],
): Promise<Outcome> {
  const artifact = { sha256: sha256(utf8(SAME)), name: FILE, target: TOOL, inside: null };
  return verify([{ path: null, artifact, unfit: null }], {
    policy: POLICY,
    network: NETWORK,
    dataDir,
    source,
    bundles,
    mirrors,
    mirrorsMs: 60_000,
    deadlineMs: 1_000,
    now: NOW,
  });
}

test("remembered dissent does not stop verify from asking: its builder may have taken it back since", async () => {
  const folder = await newFolder();
  const says = new MemoryFeed(1).append(keyOf(one).link(TOOL, SAME));
  const dissent = keyOf(two).link(TOOL, OTHER);
  const first = await ask(folder, mesh(says, new MemoryFeed(2).append(dissent)).source);
  assert.deepEqual(
    first.judged.map(({ verdict }) => exitOfVerdict(verdict)),
    [1],
  );

  const same = mesh(says, new MemoryFeed(2).append(dissent));
  const again = await ask(folder, same.source);
  const builders = [one, two].map((who) => toHex(keyOf(who).key.raw));
  assert.deepEqual(same.asked[0]?.builders.map(toHex), builders);
  assert.equal(again.nobodyAsked, false);
  assert.deepEqual(
    again.judged.map(({ verdict }) => exitOfVerdict(verdict)),
    [1],
  );

  const id = keyOf(two).verified(dissent).id;
  const mended = new MemoryFeed(2).append(
    dissent,
    keyOf(two).retraction(TOOL, [id]),
    keyOf(two).link(TOOL, SAME),
  );
  const later = await ask(folder, mesh(says, mended).source);
  assert.deepEqual(
    later.judged.map(({ verdict }) => exitOfVerdict(verdict)),
    [0],
  );
});

test("a bundle beside the file, which nobody named, stops verify from asking nobody", async () => {
  const [says, before] = [one, two].map((who) => keyOf(who).link(TOOL, SAME));
  assert.ok(says !== undefined && before !== undefined);
  const bundle = { made: null, entries: [], envelopes: [says, before], heads: [], evidence: [] };
  const now = mesh(new MemoryFeed(1).append(says), new MemoryFeed(2).append(keyOf(two).link(TOOL, OTHER)));
  const codes = async (isHint: boolean, source: Source): Promise<readonly number[]> => {
    const { judged } = await ask(await newFolder(), source, null, [{ path: "beside", bundle, isHint }]);
    return judged.map(({ verdict }) => exitOfVerdict(verdict));
  };
  assert.deepEqual(await codes(true, now.source), [1], "two says something else by now");
  const builders = [one, two].map((who) => toHex(keyOf(who).key.raw));
  assert.deepEqual(now.asked[0]?.builders.map(toHex), builders);
  assert.deepEqual(await codes(true, mesh().source), [0], "where nobody knows more it counts");
  assert.deepEqual(await codes(false, now.source), [0], "what the user named answers for its builders");
});

test("of a file from nobody knows where, those are asked whom any rule hears that may be for it", async () => {
  const hello = debTarget({ namespace: "debian", name: "hello", version: "1", arch: "all" });
  const rule = (name: string, of: string): string =>
    `[[rules]]\nname = "${name}"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = ["${of}"] }\n`;
  const [builders = ""] = policyText([one, two], [], 2).split("[[rules]]");
  const policy = readPolicy(`${builders}${rule("a", one.name)}apt_origin = "A"\n${rule("b", two.name)}`);
  const says = [one, two].map((who, at) => new MemoryFeed(at + 1).append(keyOf(who).link(hello, SAME)));
  const { source, asked } = mesh(...says);
  const artifact = { sha256: sha256(utf8(SAME)), name: hello.file, target: hello, inside: null };
  const options = {
    policy,
    network: NETWORK,
    dataDir: await newFolder(),
    source,
    bundles: [],
    mirrors: null,
  };
  const { judged } = await verify([{ path: null, artifact, unfit: null }], {
    ...options,
    mirrorsMs: 1_000,
    deadlineMs: 1_000,
    now: NOW,
  });
  assert.deepEqual(
    asked[0]?.builders.map(toHex),
    [one, two].map((who) => toHex(keyOf(who).key.raw)),
  );
  assert.deepEqual(
    judged.map(({ verdict }) => exitOfVerdict(verdict)),
    [0],
  );
});

test("mirrors that hold the feeds in full leave nothing to ask the mesh for, and it is not even joined", async () => {
  let joined = 0;
  const { source, asked } = mesh();
  const ready = (): Promise<void> => {
    joined++;
    return Promise.resolve();
  };
  const folders = await Promise.all(
    [new MemoryFeed(1).append(keyOf(one).link(TOOL, SAME)), new MemoryFeed(2).append("x")].map(mirrorOf),
  );
  const dataDir = await newFolder();
  const read = async (names: readonly string[]): Promise<Outcome> =>
    ask(dataDir, { ...source, ready }, await openMirrors(names, { network: NETWORK, dataDir }));
  const outcome = await read(folders);
  assert.deepEqual(
    outcome.judged[0]?.verdict.votes.map(({ vote }) => vote),
    ["agrees", "absent"],
  );
  assert.deepEqual([joined, asked.length], [0, 0]);
  await read(folders.slice(0, 1));
  assert.deepEqual(
    asked.map(({ builders }) => builders.map(toHex)),
    [[toHex(keyOf(two).key.raw)]],
    "of whom nothing is here the mesh is asked",
  );
  assert.equal(joined, 1);
});

async function mirrorOf(feed: MemoryFeed): Promise<string> {
  const folder = await newFolder();
  await writeFeed(folder, feed);
  await writeFile(join(folder, "timed"), timedNote(feed, NOW));
  return `file:${folder}`;
}
