import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { MirrorAnswers } from "../../../node/mirror/answers.ts";
import { directoryMirror } from "../../../node/mirror/directory.ts";
import {
  MAX_COSIGNED_BYTES,
  parseCheckpoint,
  readTilesAnswer,
  tileWidth,
  withSignatureLine,
  writeCosigned,
  writeTilesRequest,
} from "../../../protocol/index.ts";
import type { TilesAnswer, TilesRequest } from "../../../protocol/index.ts";
import { timedNote } from "../../client/cli/stage.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { cosignedNote } from "../../witness-requests.ts";
import { newFolder } from "../folder.ts";
import { writeFeed } from "./folders.ts";

const SIZE = 900;
const feed = new MemoryFeed(1).append(...Array.from({ length: SIZE }, (_, i) => `entry ${i}`));
const { origin } = feed;

async function mirrorOf(
  ...sizes: readonly number[]
): Promise<{ folder: string; ask: (request: TilesRequest) => Promise<TilesAnswer> }> {
  const folder = await newFolder();
  for (const size of sizes) await writeFeed(folder, feed.branch(size));
  const answers = new MirrorAnswers(directoryMirror("test", folder));
  const signal = AbortSignal.timeout(60_000);
  return {
    folder,
    ask: async (request) => readTilesAnswer(await answers.answer(writeTilesRequest(request), signal)),
  };
}

const hex = (blobs: readonly Uint8Array[]): string[] =>
  blobs.map((blob) => Buffer.from(blob).toString("hex"));

test("mirror: any question is answered as by a peer that holds the feed so far", async () => {
  const { ask } = await mirrorOf(SIZE);
  const index = fc.integer({ min: 0, max: SIZE - 1 });
  const tile = fc
    .tuple(fc.constantFrom(0, 0, 0, 1), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 256 }))
    .map(([level, at, width]) => ({ level, index: level === 0 ? at : 0, width }))
    .filter(({ level, index: at, width }) => width <= tileWidth(level, at, SIZE));
  const request = fc.oneof(
    fc.record({
      kind: fc.constant("entries" as const),
      origin: fc.constant(origin),
      from: index,
      count: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({
      kind: fc.constant("tiles" as const),
      origin: fc.constant(origin),
      tiles: fc.array(tile, { minLength: 1, maxLength: 4 }),
    }),
    fc
      .tuple(fc.integer({ min: 1, max: SIZE - 1 }), fc.integer({ min: 1, max: SIZE }))
      .filter(([from, to]) => from < to)
      .map(([from, to]) => ({ kind: "consistency" as const, origin, from, to })),
  );
  await fc.assert(
    fc.asyncProperty(request, async (one) => {
      const { blobs, next, code } = await ask(one);
      assert.deepEqual(hex(blobs), hex(feed.answer(one)));
      assert.deepEqual([next, code], [one.kind === "entries" ? one.from + blobs.length : 0, ""]);
    }),
    { numRuns: 200 },
  );
});

test("mirror: its head is its checkpoint; of another feed, and beyond its end, it has nothing", async () => {
  const { ask } = await mirrorOf(700);
  const other = new MemoryFeed(2).origin;
  assert.deepEqual(hex((await ask({ kind: "heads", after: "" })).blobs), hex([feed.note(700)]));
  assert.deepEqual((await ask({ kind: "heads", after: origin })).blobs, []);
  const entries = { kind: "entries", from: 0, count: 5 } as const;
  assert.equal((await ask({ ...entries, origin: other })).code, "peer/unknown-feed");
  assert.equal((await ask({ ...entries, origin, from: 700 })).code, "peer/not-held");
  assert.equal((await ask({ kind: "consistency", origin, from: 5, to: 701 })).code, "peer/not-held");
  assert.deepEqual(
    hex((await ask({ kind: "tiles", origin, tiles: [{ level: 0, index: 2, width: 189 }] })).blobs),
    [""],
  );
  assert.deepEqual((await ask({ kind: "evidence", origin })).blobs, []);
});

test("mirror: the newest head whose time is known goes with the newest", async () => {
  const { ask, folder } = await mirrorOf(700);
  const timed = timedNote(feed.branch(650), 9_000);
  await writeFile(join(folder, "timed"), timed);
  const heads = async (): Promise<string[]> => hex((await ask({ kind: "heads", after: "" })).blobs);
  assert.deepEqual(await heads(), hex([feed.note(700), timed]));
  await writeFile(join(folder, "timed"), timedNote(new MemoryFeed(2).append("x"), 9_000));
  assert.deepEqual(await heads(), hex([feed.note(700)]), "of another feed it says nothing");
});

test("mirror: a checkpoint of many lines is told as the feed's own and one for each witness", async () => {
  const { ask, folder } = await mirrorOf(700);
  const witnesses = [31, 32].map((octet) => cosignedNote(feed, 700, new Uint8Array(32).fill(octet), 5_000));
  const lines = witnesses.flatMap((note) => parseCheckpoint(note).signatures.slice(1));
  const long = { name: "junk", keyId4: new Uint8Array(4), signature: new Uint8Array(2_000) };
  const timed = timedNote(feed.branch(700), 9_000);
  await writeFile(join(folder, "checkpoint"), [...lines, long].reduce(withSignatureLine, timed));
  assert.deepEqual(hex((await ask({ kind: "heads", after: "" })).blobs), hex([timed, ...witnesses]));
});

test("mirror: what witnesses cosigned of smaller heads is told too, each once; a file that is none takes nothing away", async () => {
  const { ask, folder } = await mirrorOf(700);
  const cosigned = (size: number, octet: number, of = feed): Uint8Array =>
    cosignedNote(of, size, new Uint8Array(32).fill(octet), 5_000);
  const [smaller, same, larger] = [cosigned(650, 31), cosigned(700, 32), cosigned(701, 33)];
  const notes = [smaller, same, larger];
  const heads = async (): Promise<string[]> => hex((await ask({ kind: "heads", after: "" })).blobs);
  await writeFile(join(folder, "cosigned"), writeCosigned(notes) ?? "");
  assert.deepEqual(await heads(), hex([feed.note(700), ...notes.slice(0, 2)]));
  await writeFile(join(folder, "checkpoint"), same);
  assert.deepEqual(await heads(), hex([feed.note(700), same, smaller]));
  const strange = writeCosigned([cosigned(1, 31, new MemoryFeed(2).append("x"))]) ?? "";
  for (const bad of ["", "nothing", "x".repeat(MAX_COSIGNED_BYTES + 1), strange]) {
    await writeFile(join(folder, "cosigned"), bad);
    assert.deepEqual(await heads(), hex([feed.note(700), same]));
  }
});

test("mirror: long entries come page by page, at most a megabyte each", async () => {
  const long = new MemoryFeed(3).append(...Array.from({ length: 40 }, (_, i) => String(i).repeat(30_000)));
  const folder = await newFolder();
  await writeFeed(folder, long);
  const answers = new MirrorAnswers(directoryMirror("test", folder));
  const got: Uint8Array[] = [];
  while (got.length < 40) {
    const question = writeTilesRequest({ kind: "entries", origin: long.origin, from: got.length, count: 40 });
    const answer = await answers.answer(question, AbortSignal.timeout(60_000));
    assert.ok(answer.length <= 1024 * 1024);
    const { blobs, next } = readTilesAnswer(answer);
    assert.ok(blobs.length > 0);
    got.push(...blobs);
    assert.equal(next, got.length);
  }
  assert.deepEqual(hex(got), hex(long.entries));
});

test("mirror: while the folder grows, full files do where partial ones were deleted", async () => {
  const { ask, folder } = await mirrorOf(700);
  await ask({ kind: "heads", after: "" });
  await writeFeed(folder, feed.branch(SIZE));
  for (const gone of ["tile/entries/002.p", "tile/0/002.p"])
    await rm(join(folder, gone), { recursive: true });
  const entries = { kind: "entries", origin, from: 690, count: 10 } as const;
  assert.deepEqual(hex((await ask(entries)).blobs), hex(feed.answer(entries)));
  const tiles = { kind: "tiles", origin, tiles: [{ level: 0, index: 2, width: 188 }] } as const;
  assert.deepEqual(hex((await ask(tiles)).blobs), hex(feed.answer(tiles)));
});

test("mirror: a file that is too long, and what is no file, are errors and no answers", async () => {
  const { ask, folder } = await mirrorOf(10);
  const checkpoint = join(folder, "checkpoint");
  await writeFile(checkpoint, new Uint8Array(16_385));
  await assert.rejects(ask({ kind: "heads", after: "" }), { code: "mesh/too-big" });
  await rm(checkpoint);
  await mkdir(checkpoint);
  await assert.rejects(ask({ kind: "heads", after: "" }), { code: "mesh/unreachable" });
  await rm(checkpoint, { recursive: true });
  execFileSync("mkfifo", [checkpoint]);
  await assert.rejects(ask({ kind: "heads", after: "" }), { code: "mesh/unreachable" });
});
