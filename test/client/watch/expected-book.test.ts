/** What is waited for, and that it comes back from the disk as it was, however the machine stopped. */
import assert from "node:assert/strict";
import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ExpectedBook, pauseAfter } from "../../../client/watch/expected/book.ts";
import { rowId } from "../../../client/watch/expected/rows.ts";
import type { FileRow } from "../../../client/watch/expected/rows.ts";
import { ExpectedJournal } from "../../../client/watch/expected/journal.ts";
import type { FileSighting, KeySighting } from "../../../client/watch/expected/sightings.ts";
import {
  MAX_EXPECTED_KEYS,
  MAX_EXPECTED_PAUSE_MS,
  MIN_EXPECTED_PAUSE_MS,
  origin,
  readPolicy,
  sha256Hex,
  toSpkiPem,
  utf8,
} from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";

const archive = new Builder(81);
const FEED = origin("test", archive.key.raw);
const OTHER = origin("test", new Builder(82).key.raw);
const rule =
  readPolicy(
    `version = 1\n[builders.a]\nkey = ${JSON.stringify(toSpkiPem(archive.key))}\n[[rules]]\nname = "r"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = "a" }\n`,
  ).rules[0] ?? assert.fail("no rule");

function sighting(number: number): FileSighting {
  const target = packageNumber(number);
  const sha256 = sha256Hex(utf8(`${number}`));
  const claim = sha256Hex(utf8(`claim ${number}`));
  const said = { step: "publish", claim, key: archive.key.raw, rule } as const;
  return { kind: "file", target, sha256, ...said, isPublished: true, isTraced: false };
}

function add(book: ExpectedBook, number: number, due = number, feed = FEED): FileRow {
  const where = { origin: feed, index: number };
  assert.ok(book.await("unreproduced", sighting(number), where, { seen: 0, due }));
  return rowOf(book, number);
}

function rowOf(book: ExpectedBook, number: number): FileRow {
  const { target, sha256 } = sighting(number);
  const row = book.row(rowId("unreproduced", target.keyHex, sha256));
  assert.ok(row !== null && row.kind === "unreproduced", `row ${number}`);
  return row;
}

test("what is due comes first that is due longest, and what lacked waits longer each time", () => {
  const book = new ExpectedBook();
  for (const number of [3, 1, 2]) add(book, number);
  add(book, 1, 99);
  assert.equal(book.count, 3, "the same file is waited for once");
  const due = (now: number, most = 9): number[] => book.due(now, most).map(({ index }) => index);
  assert.deepEqual([due(0), due(2), due(9), due(9, 1)], [[], [1, 2], [1, 2, 3], [1]]);
  book.postpone(rowOf(book, 1), 10);
  book.postpone(rowOf(book, 1), 10);
  const { due: next, looked, tries } = rowOf(book, 1);
  assert.deepEqual([next, looked, tries], [10 + 2 * MIN_EXPECTED_PAUSE_MS, 10, 2]);
  assert.deepEqual([pauseAfter(0), pauseAfter(60)], [MIN_EXPECTED_PAUSE_MS, MAX_EXPECTED_PAUSE_MS]);
});

test("what somebody says of a file has it looked at soon, where it was told of", () => {
  const book = new ExpectedBook();
  add(book, 1);
  const { purl, file } = packageNumber(1);
  book.nudge({ purl, file }, 0);
  assert.equal(rowOf(book, 1).due, 1, "what nobody was told of has its time");
  book.postpone({ ...rowOf(book, 1), isTold: true, tries: 9 }, 1_000);
  book.nudge({ purl, file }, 2_000);
  assert.deepEqual(
    [rowOf(book, 1).due, rowOf(book, 1).tries],
    [2_000, 0],
    "and soon again, should it lack still",
  );
  const where = { origin: FEED, index: 7 };
  assert.ok(book.await("unexpected-release", sighting(7), where, { seen: 0, due: 0 }));
  const release = (): FileRow => {
    const row = book.files.find(({ kind }) => kind === "unexpected-release");
    assert.ok(row);
    return row;
  };
  book.postpone({ ...release(), isTold: true, tries: 5 }, 0);
  const pause = pauseAfter(6);
  book.nudgeReleases(1);
  book.nudgeReleases(1);
  assert.equal(
    release().due,
    pause / 8,
    "who states a source again and again has nothing judged all the time",
  );
});

test("a feed with more than ever comes waits for room, which what was told of gives, and leaves others theirs", () => {
  const more = 9;
  const book = new ExpectedBook({ most: more + 2, mostOfFeed: more });
  for (let number = 0; number < more; number++) add(book, number, 5);
  const where = { origin: FEED, index: more };
  assert.equal(book.await("unreproduced", sighting(more), where, { seen: 0, due: 5 }), false);
  add(book, more + 1, 5, OTHER);
  book.put({ ...rowOf(book, 4), isTold: true });
  book.put({ ...rowOf(book, 2), isTold: true });
  add(book, more);
  assert.equal(book.row(rowId("unreproduced", packageNumber(4).keyHex, sighting(4).sha256)), null);
  assert.equal(rowOf(book, 2).isTold, true, "the one told of longest ago went");
  add(book, more + 2, 5, OTHER);
  const last = { origin: OTHER, index: more + 3 };
  assert.equal(
    book.await("unreproduced", sighting(more + 3), last, { seen: 0, due: 5 }),
    false,
    "of all feeds",
  );
});

test("of a builder so many keys are told of, and each once", () => {
  const book = new ExpectedBook();
  const meet = (byte: number, builder = "a"): boolean => {
    const key = new Uint8Array(32).fill(byte);
    const met: KeySighting = {
      kind: "unknown-key",
      builder,
      key,
      isProven: false,
      target: packageNumber(1),
      step: "rebuild",
    };
    return book.meet(met, { origin: FEED, index: byte }, 0);
  };
  for (let byte = 0; byte < MAX_EXPECTED_KEYS; byte++) assert.ok(meet(byte));
  assert.deepEqual([meet(0), meet(200), meet(200, "b")], [true, false, true]);
  assert.equal(book.keys.length, MAX_EXPECTED_KEYS + 1);
});

test("only keys of the builder take a claim of it back", () => {
  const book = new ExpectedBook();
  const { claim, key } = add(book, 1);
  assert.deepEqual(book.takenBack([{ claims: [claim], by: ["ff"] }]), []);
  assert.deepEqual(book.takenBack([{ claims: ["ee"], by: [key] }]), []);
  assert.deepEqual(
    book.takenBack([{ claims: [claim], by: ["ff", key] }]).map(({ index }) => index),
    [1],
  );
});

test("the book comes back from the disk, without a line that was cut short", async () => {
  const path = join(await newFolder(), "book.jsonl");
  const first = await ExpectedJournal.open(path);
  for (const number of [1, 2, 3]) add(first.book, number);
  first.book.meet(
    {
      kind: "revoked-key",
      builder: "a",
      key: archive.key.raw,
      isProven: true,
      target: packageNumber(9),
      step: "rebuild",
    },
    { origin: OTHER, index: 4 },
    7,
  );
  first.book.move(FEED, { next: 4, caughtUpAt: null });
  first.book.move(OTHER, { next: 5, caughtUpAt: 6 });
  await first.save();
  first.book.postpone({ ...rowOf(first.book, 2), isTold: true }, 100);
  first.book.drop(rowOf(first.book, 1).id);
  await first.save();
  const whole = await readFile(path, "utf8");
  const again = await ExpectedJournal.open(path);
  assert.deepEqual(new Set(again.book.files), new Set(first.book.files));
  assert.deepEqual([again.book.keys, [...again.book.cursors]], [first.book.keys, [...first.book.cursors]]);
  await again.save();
  assert.equal(await readFile(path, "utf8"), whole, "nothing changed, nothing is written");

  await appendFile(path, '{"kind":"unrepro');
  const cut = await ExpectedJournal.open(path);
  assert.equal(cut.book.count, 2);
  add(cut.book, 8);
  await cut.save();
  assert.equal((await ExpectedJournal.open(path)).book.count, 3, "what is added stands on a line of its own");

  await writeFile(path, `${whole}{"kind":"other"}\n${whole}`);
  await assert.rejects(ExpectedJournal.open(path), { code: "input/unreadable" });
  await writeFile(path, `${"x".repeat(10_000)}\n`);
  await assert.rejects(ExpectedJournal.open(path), { code: "input/unreadable" });
  await writeFile(path, "x".repeat(10_000));
  await assert.rejects(ExpectedJournal.open(path), { code: "input/too-big" });
});

test("the file grows by what changes, and is written anew before it is long", async () => {
  const path = join(await newFolder(), "book.jsonl");
  const journal = await ExpectedJournal.open(path);
  for (let number = 0; number < 2_000; number++) add(journal.book, number);
  await journal.save();
  const { size } = await stat(path);
  let largest = size;
  for (let round = 0; round < 12; round++) {
    for (let number = 0; number < 600; number++) journal.book.postpone(rowOf(journal.book, number), round);
    await journal.save();
    largest = Math.max(largest, (await stat(path)).size);
  }
  assert.ok(largest > 1.3 * size && largest < 2.6 * size, `${largest} of ${size}`);
  assert.deepEqual(new Set((await ExpectedJournal.open(path)).book.files), new Set(journal.book.files));
  for (let start = 0; start < 6; start++) {
    const again = await ExpectedJournal.open(path);
    for (let number = 0; number < 1_500; number++) again.book.postpone(rowOf(again.book, number), start);
    await again.save();
    assert.ok((await stat(path)).size < 3.2 * size, "no start has it grow for ever");
  }
});
