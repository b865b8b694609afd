/** Mirrors that hold, or do, what they should not: dropped, with a reason, and nothing made up is taken. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openMirrors } from "../../../client/source/mirror/index.ts";
import { entriesPath, MAX_MIRRORS, tileWidth, writeBundle } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { writeFeed } from "../../node/mirror/folders.ts";
import { serveHttp } from "../../servers.ts";
import { MemoryFeed, timedNote } from "../cli/stage.ts";
import { filesOf } from "./feed-server.ts";
import type { Files } from "./feed-server.ts";
import { codes, complete, indexes, NETWORK, PLACES, readAll, sought, whole } from "./mirror-rig.ts";

const changed =
  (path: string, change: (octets: Uint8Array) => Uint8Array | null, honest = filesOf(whole)): Files =>
  (asked) => {
    const octets = honest(asked);
    return asked === path && octets !== null ? change(octets) : octets;
  };
const flipped = (octets: Uint8Array): Uint8Array => octets.with(30, (octets[30] ?? 0) ^ 1);
const tail = entriesPath(3, tileWidth(0, 3, 1_000));
const stranger = new MemoryFeed(9).append("x");

/** What a mirror does, and the code of what it is dropped for. */
const LIES: Readonly<Record<string, readonly [Files, RegExp]>> = {
  "an entry of a bundle is another": [changed("tile/entries/001", flipped), /tile\/mismatch/],
  "a bundle is cut": [changed("tile/entries/001", (octets) => octets.subarray(0, -3)), /bundle\/malformed/],
  "a bundle lacks an entry": [
    changed("tile/entries/001", () => writeBundle(whole.entries.slice(256, 511))),
    /bundle\/bad-count/,
  ],
  "a bundle is not there": [changed("tile/entries/000", () => null), /tile\/missing/],
  "a bundle is another one": [
    changed("tile/entries/001", () => filesOf(whole)("tile/entries/000")),
    /tile\/mismatch/,
  ],
  "an entry of the last, partial bundle is another": [changed(tail, flipped), /tree\/root-mismatch/],
  "the partial bundle is not there, nor the full one": [changed(tail, () => null), /tile\/missing/],
  "a tile has other hashes": [changed("tile/1/000.p/3", flipped), /tree\/root-mismatch/],
  "a tile is cut": [changed("tile/1/000.p/3", (octets) => octets.subarray(0, 33)), /tile\/bad-width/],
  "a tile is not there": [changed("tile/1/000.p/3", () => null), /tile\/missing/],
  "another branch under the head": [
    (path) => (path === "checkpoint" ? whole.note() : filesOf(whole.branch(999).append("other"))(path)),
    /tree\/root-mismatch/,
  ],
  "the head is not signed": [changed("checkpoint", flipped), /(?:note|checkpoint)\//],
  "the head is of another network": [
    filesOf(new MemoryFeed(1, "other").append("x")),
    /checkpoint\/other-network/,
  ],
  "the time is another feed's": [
    (path) => (path === "timed" ? timedNote(stranger, 1_000) : filesOf(whole)(path)),
    /checkpoint\/not-timed/,
  ],
};

for (const [what, [files, code]] of Object.entries(LIES)) {
  test(`mirrors: dropped with the reason, and nothing made up is taken: ${what}`, async () => {
    const read = await readAll(await newFolder(), files);
    assert.deepEqual(codes(read), ["mirror/bad-files"]);
    assert.match(read.dropped[0]?.message ?? "", /^mirror m0: not used any further: /);
    assert.match(read.dropped[0]?.message ?? "", code);
    assert.ok(indexes(read).every((index) => PLACES.includes(index)));
    assert.ok(!complete(read).includes(true), "nothing is seen in full");
    // Beside an honest one it takes nothing away.
    const both = await readAll(await newFolder(), files, filesOf(whole));
    assert.deepEqual([...new Set(indexes(both))], PLACES);
    assert.ok(complete(both).includes(true));
    assert.ok(codes(both).every((one) => one === "mirror/bad-files"));
  });
}

test("mirrors: what is wrong with a web server is said, and no redirect is followed", async () => {
  const folder = await newFolder();
  await writeFeed(folder, whole.branch(300));
  let elsewhere = 0;
  const base = await serveHttp(({ url = "" }, response) => {
    if (url.startsWith("/elsewhere/")) elsewhere++;
    if (url.startsWith("/moved/"))
      response.writeHead(302, { location: url.replace("moved", "elsewhere") }).end();
    else if (url.startsWith("/broken/")) response.writeHead(500).end();
    else if (url.startsWith("/long/")) response.end("x".repeat(20_000));
    else response.writeHead(404).end();
  });
  const bad = ["moved", "broken", "long", "none"].map((path) => `${base}/${path}/`);
  const options = { network: NETWORK, dataDir: await newFolder() };
  const opened = await openMirrors(
    [...bad, "http://127.0.0.1:1/", `file:${folder}`, "file:/nowhere"],
    options,
  );
  const read = await opened.read(sought(), 60_000);
  assert.deepEqual([indexes(read), read.count], [[5], 1]);
  assert.deepEqual([...new Set(codes(read))], ["mirror/unreachable"]);
  const said = read.dropped.map(({ message }) => message).toSorted();
  assert.equal(said.length, 6);
  for (const why of [
    /\/moved\/: .*status 302$/m,
    /\/broken\/: .*status 500$/m,
    /\/long\/: .*more than 16384 octets$/m,
    /\/none\/: no checkpoint/,
    /127\.0\.0\.1:1\/: .*ECONNREFUSED/,
    /file:\/nowhere: no checkpoint/,
  ])
    assert.match(said.join("\n"), why);
  assert.equal(elsewhere, 0);
  await assert.rejects(openMirrors(["ftp://example.org"], options), { code: "config/bad-address" });
  await assert.rejects(
    openMirrors(
      Array.from({ length: MAX_MIRRORS + 1 }, () => "file:x"),
      options,
    ),
    {
      code: "usage/bad-option",
    },
  );
});
