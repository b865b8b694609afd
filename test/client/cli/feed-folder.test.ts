/** `feed export` and `feed check`: a feed as static files, taken from a node that is not believed. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { tilesFor, writeCosigned } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { filesOf, serveFeed } from "../source/feed-server.ts";
import type { Files } from "../source/feed-server.ts";
import { cosignedNote } from "../../witness-requests.ts";
import { runCommand } from "./run.ts";
import { timedNote } from "./stage.ts";
import type { Ran } from "./run.ts";

const NETWORK = "test";
const whole = new MemoryFeed(1).append(...Array.from({ length: 700 }, (_, i) => `entry ${i}`));

async function exported(feed: MemoryFeed, folder: string, files?: Files): Promise<Ran> {
  const { url } = await serveFeed(feed, files);
  return runCommand(["feed", "export", folder, feed.origin, "--json", "--api", url, "--network", NETWORK]);
}

const checked = (folder: string): Promise<Ran> => runCommand(["feed", "check", folder, "--json"]);

/** All files below a folder, by their paths. */
function contents(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    entries.map((entry): [string, string] => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path).toString("hex")];
    }),
  );
}

test("what is written is the layout of C2SP tlog-tiles, octet for octet, and whole", async () => {
  const folder = join(await newFolder(), "new", "feed");
  const { code, objects } = await exported(whole, folder);
  assert.equal(code, 0);
  const files = filesOf(whole);
  const bundles = ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/188"];
  const tiles = ["tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"];
  assert.deepEqual([...contents(folder).keys()].sort(), ["checkpoint", ...bundles, ...tiles].sort());
  for (const [path, hex] of contents(folder))
    assert.equal(hex, Buffer.from(files(path) ?? []).toString("hex"), path);
  assert.equal(tiles.length, [...tilesFor(700)].length);
  const { written, ...rest } = objects[0] ?? {};
  assert.equal(written, 7);
  const check = await checked(folder);
  assert.equal(check.code, 0);
  assert.deepEqual(check.objects[0], rest);
});

test("done again it adds what is new, and asks for nothing else; and never takes anything away", async () => {
  const folder = await newFolder();
  await exported(whole.branch(600), folder);
  const { url, asked } = await serveFeed(whole);
  const argv = ["feed", "export", folder, whole.origin, "--json", "--api", url, "--network", NETWORK];
  const { code, objects } = await runCommand(argv);
  assert.equal(code, 0);
  assert.equal(objects[0]?.["written"], 2);
  assert.ok(!asked.includes("tile/entries/000") && !asked.includes("tile/0/001"), asked.join(" "));
  assert.equal((await checked(folder)).objects[0]?.["size"], 700);

  const before = contents(folder);
  const older = await exported(whole.branch(650), folder);
  assert.equal(older.code, 73);
  assert.match(older.err, /output\/exists/);
  const other = await exported(new MemoryFeed(2).append("x"), folder);
  assert.equal(other.code, 73);
  assert.deepEqual(contents(folder), before);
});

test("of what a node makes up nothing stays, and what was there is as it was", async () => {
  const folder = await newFolder();
  await exported(whole.branch(600), folder);
  const before = contents(folder);
  const honest = filesOf(whole);
  const lies: Record<string, Files> = {
    "an entry is another one": (path) =>
      path === "tile/entries/002.p/188" ? filesOf(whole.branch(699).append("other"))(path) : honest(path),
    "a file is not there": (path) => (path === "tile/0/002.p/188" ? null : honest(path)),
    "it is another branch, whole but for the head": (path) =>
      path === "checkpoint" ? honest(path) : filesOf(whole.branch(699).append("other"))(path),
  };
  for (const [what, files] of Object.entries(lies)) {
    const { code, err } = await exported(whole, folder, files);
    assert.equal(code, 69, what);
    assert.match(err, /api\/bad-answer/, what);
    assert.deepEqual(contents(folder), before, what);
  }
  assert.equal((await checked(folder)).code, 0);
});

test("check names the file that is missing, cut or changed, and ends with 4; without a checkpoint with 66", async () => {
  const folder = await newFolder();
  const files = filesOf(whole);
  await exported(whole, folder);
  for (const path of contents(folder).keys()) {
    const octets = Uint8Array.from(files(path) ?? []);
    const where = join(folder, path);
    octets[octets.length - 5] = (octets[octets.length - 5] ?? 0) ^ 1;
    for (const bad of [octets, octets.subarray(0, -1), new Uint8Array(17_000_000), null]) {
      if (bad === null) await rm(where);
      else await writeFile(where, bad);
      const { code, err } = await checked(folder);
      const isGone = bad === null && path === "checkpoint";
      const isHuge = bad !== null && bad.length > 1_000_000;
      assert.equal(code, isGone || isHuge ? 66 : 4, `${path}: ${err}`);
      assert.ok(err.includes(path.replace(/^tile\/(0|entries)\//, "")), `${path}: ${err}`);
    }
    await mkdir(dirname(where), { recursive: true });
    await writeFile(where, files(path) ?? "");
  }
  assert.equal((await checked(folder)).code, 0);
});

test("an export that cannot be written says so, and leaves no checkpoint", async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "tile"), "a file where a folder should be");
  const { code, err } = await exported(whole, folder);
  assert.notEqual(code, 0);
  assert.match(err, /output\/cannot-write|input\/unreadable|input\/missing/);
  assert.deepEqual([...contents(folder).keys()], ["tile"]);
});

test("the time of the feed is exported with it, and checked with the rest; a made-up one is refused", async () => {
  const folder = await newFolder();
  const timed = timedNote(whole.branch(650), 9_000_000);
  const withTime =
    (note: Uint8Array): Files =>
    (path) =>
      path === "timed" ? note : filesOf(whole)(path);
  assert.equal((await exported(whole, folder, withTime(timed))).code, 0);
  assert.deepEqual(new Uint8Array(readFileSync(join(folder, "timed"))), timed);
  assert.equal((await checked(folder)).code, 0);
  const made = new MemoryFeed(2).append("x");
  await writeFile(join(folder, "timed"), timedNote(made, 1));
  const check = await checked(folder);
  assert.equal(check.code, 4);
  assert.match(check.err, /"checkpoint\/not-timed".*\/timed: /);
  const empty = await newFolder();
  const refused = await exported(whole, empty, withTime(timedNote(made, 1)));
  assert.equal(refused.code, 69);
  assert.deepEqual(readdirSync(empty), []);
});

test("what witnesses cosigned is exported with it, and checked with the rest; what is no head of this history is refused", async () => {
  const folder = await newFolder();
  const note = (feed: MemoryFeed, size: number): Uint8Array =>
    cosignedNote(feed, size, new Uint8Array(32).fill(21), 9_000);
  const other = whole.branch(500).append("other", ...whole.entries.slice(501));
  const fileOf = (...notes: readonly Uint8Array[]): Uint8Array => writeCosigned(notes) ?? new Uint8Array();
  const withFile =
    (file: Uint8Array): Files =>
    (path) =>
      path === "cosigned" ? file : filesOf(whole)(path);
  const good = fileOf(note(whole, 500), note(whole, 700));
  const later = new MemoryFeed(1).append(...whole.entries, "more");
  assert.equal(
    (await exported(whole, folder, withFile(fileOf(note(whole, 500), note(whole, 700), note(later, 701)))))
      .code,
    0,
  );
  assert.deepEqual(new Uint8Array(readFileSync(join(folder, "cosigned"))), good, "but what came later");
  assert.equal((await checked(folder)).code, 0);
  const lies: readonly (readonly [Uint8Array, RegExp])[] = [
    [fileOf(note(whole, 500), note(other, 600)), /stands in timed, cosigned or cosigned-past: two histories/],
    [fileOf(note(new MemoryFeed(2).append("x"), 1)), /checkpoint\/bad-origin/],
    [good.subarray(1), /cosignature\/not-one/],
    [good.with(300, (good[300] ?? 0) ^ 1), /cosignature\/|note\/|checkpoint\//],
    [whole.note(), /cosignature\/not-one/],
  ];
  for (const [file, why] of lies) {
    await writeFile(join(folder, "cosigned"), file);
    const check = await checked(folder);
    assert.equal(check.code, 4, check.err);
    assert.match(check.err, why);
    const empty = await newFolder();
    const refused = await exported(whole, empty, withFile(file));
    assert.equal(refused.code, 69, refused.err);
    assert.match(refused.err, why);
    assert.ok(!readdirSync(empty).includes("checkpoint"));
  }
});
