/** Mirrors as `verify` reads them: all that is sought is found, with proofs, and nothing that a feed's key did not sign. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Cache } from "../../../client/source/mirror/cache.ts";
import { StaticMirrors } from "../../../client/source/mirror/mirrors.ts";
import { NodeError } from "../../../node/errors.ts";
import type { Sought } from "../../../client/edges.ts";
import {
  checkEvidence,
  MAX_FIND_RESULTS,
  originHash,
  parseTarget,
  sha256,
  toHex,
  utf8,
} from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { MemoryFeed, TOOL } from "../cli/stage.ts";
import { filesOf } from "./feed-server.ts";
import type { Files } from "./feed-server.ts";
import {
  builder,
  codes,
  complete,
  counted,
  indexes,
  mirrors,
  NETWORK,
  OTHERS,
  PLACES,
  readAll,
  SAID,
  sought,
  whole,
} from "./mirror-rig.ts";

const stranger = new MemoryFeed(9).append("x");

test("mirrors: of any feed all is found that is sought, with its proof, the first time and from what is kept", async () => {
  const size = fc.integer({ min: 1, max: 800 });
  await fc.assert(
    fc.asyncProperty(size, fc.array(fc.nat({ max: 799 }), { maxLength: 5 }), async (count, places) => {
      const feed = new MemoryFeed(2);
      for (let i = 0; i < count; i++) feed.append(places.includes(i) ? SAID : `entry ${i}`);
      const wanted = [...new Set(places)].filter((at) => at < count).toSorted((a, b) => a - b);
      const dataDir = await newFolder();
      for (let time = 0; time < 2; time++) {
        const read = await readAll(dataDir, filesOf(feed));
        assert.deepEqual(indexes(read), wanted);
        assert.deepEqual([complete(read), read.count, read.ended, codes(read)], [[true], 1, true, []]);
      }
    }),
    { numRuns: 15 },
  );
});

test("mirrors: claims are found by target, digest and file name, retractions by what they take back", async () => {
  const other = parseTarget("pkg:generic/other@1.0", "other.tar.gz");
  const feed = new MemoryFeed(1).append(
    builder.link(other, "bits"),
    SAID,
    builder.retraction(TOOL, [builder.verified(SAID).id]),
    builder.links([
      [parseTarget("pkg:generic/third@1.0", "third"), "x"],
      [TOOL, "y"],
    ]),
  );
  const link = new Uint8Array(
    await readFile(
      new URL("../../../client/cli/demo/artefacts/filesystem-2025.10.12-1-any.in-toto.link", import.meta.url),
    ),
  );
  feed.append(link);
  const find = async (what: Partial<Sought>): Promise<readonly number[]> =>
    indexes(
      await mirrors(await newFolder(), filesOf(feed)).read({ ...sought(), targets: [], ...what }, 60_000),
    );
  assert.deepEqual(await find({ targets: [TOOL.key] }), [1, 2, 3]);
  assert.deepEqual(await find({ digests: [sha256(utf8("bits"))] }), [0, 1]);
  assert.deepEqual(await find({ files: ["filesystem-2025.10.12-1-any.pkg.tar.zst"] }), [4]);
  assert.deepEqual(
    await find({ files: ["other.tar.gz"] }),
    [],
    "a claim with a target is not about a file name",
  );
});

test("mirrors: the next time only what is new is read", async () => {
  const dataDir = await newFolder();
  await readAll(dataDir, filesOf(whole.branch(700)));
  const grown = counted(filesOf(whole));
  assert.deepEqual(indexes(await readAll(dataDir, grown.files)), PLACES);
  assert.deepEqual(
    grown.asked.filter((path) => path.startsWith("tile/entries/")),
    ["tile/entries/003.p/232", "tile/entries/002"],
  );
  const again = counted(filesOf(whole));
  assert.deepEqual(indexes(await readAll(dataDir, again.files)), PLACES);
  assert.deepEqual(again.asked.toSorted(), [
    "checkpoint",
    "cosigned",
    "tile/1/000.p/3",
    "tile/entries/003.p/232",
    "timed",
  ]);
});

test("mirrors: of what is kept nothing is believed, and nothing is needed", async () => {
  const dataDir = await newFolder();
  await readAll(dataDir, filesOf(whole));
  const folder = join(dataDir, "mirrored", NETWORK, toHex(builder.key.raw));
  const kept = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  assert.deepEqual(
    kept.map(({ name }) => name.replace(/^(tail\.1000)\..*/, "$1")).toSorted(),
    ["000", "001", "002", "000", "001", "002", "checkpoint", "tail.1000"].toSorted(),
  );
  for (const { parentPath, name } of kept) {
    const path = join(parentPath, name);
    const octets = new Uint8Array(await readFile(path));
    for (const bad of [octets.with(40, (octets[40] ?? 0) ^ 1), octets.subarray(0, -3), new Uint8Array()]) {
      await writeFile(path, bad);
      const read = await readAll(dataDir, filesOf(whole));
      assert.deepEqual([indexes(read), complete(read), codes(read)], [PLACES, [true], []], path);
    }
  }
  const nowhere = await readAll("/dev/null/nowhere", filesOf(whole));
  assert.deepEqual([indexes(nowhere), complete(nowhere)], [PLACES, [true]]);
});

test("mirrors: a feed that grows while it is read, and whose partial files go, is read under the head that was there first", async () => {
  let size = 700;
  const growing: Files = (path) => {
    const octets = filesOf(whole.branch(size))(path);
    if (path === "timed") size = 1_000;
    return size === 1_000 && path.includes(".p/") && !path.endsWith(".p/232") ? null : octets;
  };
  // A level whose tile is not full yet has none to stand in for it.
  const kept: Files = (path) => growing(path) ?? (path.startsWith("tile/1/") ? filesOf(whole)(path) : null);
  const read = await readAll(await newFolder(), kept);
  assert.deepEqual([indexes(read), complete(read), codes(read)], [[5, 300], [true], []]);
});

test("mirrors: one that has several feeds is looked through for those of the policy", async () => {
  const feeds = [whole.branch(300), new MemoryFeed(2).append(SAID), new MemoryFeed(3).append(SAID)];
  const files: Files = (path) => {
    const feed = feeds.find(({ origin }) => path.startsWith(`${toHex(originHash(origin))}/`));
    return feed === undefined ? null : filesOf(feed)(path.slice(65));
  };
  const [one, two] = feeds.map(({ origin }) => origin);
  const many = mirrors(await newFolder(), files);
  const read = await many.read(sought(one ?? "", two ?? "", stranger.origin), 60_000);
  assert.deepEqual([indexes(read), complete(read), codes(read)], [[0, 5], [true, true], []]);
  const none = await many.read(sought(stranger.origin), 60_000);
  assert.deepEqual([codes(none), none.count], [["mirror/unreachable"], 0]);
  assert.match(none.dropped[0]?.message ?? "", /no checkpoint/);
  const swapped = mirrors(await newFolder(), (path) =>
    files(path.replace(/^[^/]+/, toHex(originHash(two ?? "")))),
  );
  const other = await swapped.read(sought(one ?? ""), 60_000);
  assert.deepEqual([codes(other), indexes(other)], [["mirror/bad-files"], []]);
  assert.match(other.dropped[0]?.message ?? "", /checkpoint\/bad-origin/);
});

test("mirrors: two histories that a feed's key signed are a proof, at two mirrors or one after the other", async () => {
  const left = whole.branch(600);
  const right = whole.branch(500).append(...OTHERS.slice(0, 300));
  const both = await readAll(await newFolder(), filesOf(left), filesOf(right));
  const dataDir = await newFolder();
  assert.deepEqual((await readAll(dataDir, filesOf(left))).raw.evidence, []);
  const later = await readAll(dataDir, filesOf(right));
  for (const { raw } of [both, later]) {
    const [proof, ...more] = raw.evidence;
    assert.equal(more.length, 0);
    const { kind } = await checkEvidence(proof ?? new Uint8Array());
    assert.equal(kind, "fork");
  }
  assert.deepEqual((await readAll(dataDir, filesOf(whole.branch(500)))).raw.evidence, []);
});

test("mirrors: what was read before the deadline is kept, and the next time goes on from there", async () => {
  const dataDir = await newFolder();
  const feed = new MemoryFeed(1).append(SAID, ...Array.from({ length: 5_119 }, (_, i) => `entry ${i}`));
  const slow = {
    name: "slow",
    read: async (path: string): Promise<Uint8Array | null> => {
      if (path.startsWith("tile/entries/")) await new Promise((resolve) => setTimeout(resolve, 100));
      return filesOf(feed)(path);
    },
  };
  const many = new StaticMirrors([slow], { network: NETWORK, dataDir });
  let read = await many.read(sought(), 250);
  assert.deepEqual([codes(read), read.ended, complete(read)], [["mirror/unfinished"], false, [false]]);
  for (let tries = 0; !read.ended && tries < 20; tries++) read = await many.read(sought(), 250);
  assert.deepEqual([indexes(read), complete(read), codes(read)], [[0], [true], []]);
  assert.equal(many.progress(), null);
});

test("mirrors: one that hardly answers leaves others of the same feed their time", async () => {
  const stuck = {
    name: "stuck",
    read: (path: string, _: number, signal: AbortSignal): Promise<Uint8Array | null> =>
      path.startsWith("tile/entries/00")
        ? new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(new NodeError("mesh/timeout", "no answer")));
          })
        : Promise.resolve(filesOf(whole)(path)),
  };
  const honest = { name: "honest", read: async (path: string) => filesOf(whole)(path) };
  const both = new StaticMirrors([stuck, honest], { network: NETWORK, dataDir: await newFolder() });
  const read = await both.read(sought(), 2_000);
  assert.deepEqual([indexes(read), codes(read), read.ended], [PLACES, ["mirror/unfinished"], true]);
  assert.ok(complete(read).includes(true));
});

test("mirrors: more than can be held of what is sought is no complete view", async () => {
  const feed = new MemoryFeed(1).append(...Array.from({ length: MAX_FIND_RESULTS + 1 }, () => SAID));
  const read = await readAll(await newFolder(), filesOf(feed));
  assert.equal(read.raw.entries.length, MAX_FIND_RESULTS);
  assert.deepEqual([complete(read), codes(read)], [[false], ["mirror/unfinished"]]);
});

test("mirrors: one that shows less than was seen, or another history of that size, is held against what is kept, and displaces nothing", async () => {
  const seen = whole;
  const branches: readonly [string, MemoryFeed, boolean][] = [
    ["the same, smaller", seen.branch(700), false],
    ["the same, far smaller", seen.branch(3), false],
    [
      "another, smaller",
      seen.branch(650).append(...Array.from({ length: 100 }, (_, i) => `other ${i}`)),
      true,
    ],
    ["another, within the tail", seen.branch(990).append("x", "y"), true],
    ["another, of that size", seen.branch(999).append("other"), true],
    ["another, from the beginning", new MemoryFeed(1).append("x", "y", "z"), true],
  ];
  assert.equal(seen.entries.length, 1_000);
  for (const [name, branch, forks] of branches) {
    const dataDir = await newFolder();
    await readAll(dataDir, filesOf(seen));
    for (let time = 0; time < 2; time++) {
      const { raw } = await readAll(dataDir, filesOf(branch));
      assert.equal(raw.evidence.length, forks ? 1 : 0, name);
      for (const proof of raw.evidence) assert.equal((await checkEvidence(proof)).kind, "fork", name);
    }
    const kept = new Cache(dataDir, NETWORK).feed(seen.head()).head();
    assert.deepEqual([kept?.size, kept?.root], [1_000, seen.root()], `${name}: what was seen stays`);
  }
});
