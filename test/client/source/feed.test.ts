/** A feed read from a node's static files: what its head does not cover is never handed on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openApi, openFeed, parseAddress } from "../../../client/source/index.ts";
import type { FeedReader } from "../../../client/source/index.ts";
import { checkInclusion, leafHash } from "../../../protocol/index.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { filesOf, serveFeed } from "./feed-server.ts";
import type { Files } from "./feed-server.ts";

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

function feedOf(size: number): MemoryFeed {
  return new MemoryFeed(1).append(...Array.from({ length: size }, (_, i) => `entry ${i}`));
}

async function opened(feed: MemoryFeed, files: Files = filesOf(feed)): Promise<FeedReader> {
  const { url } = await serveFeed(feed, files);
  const api = openApi(parseAddress(url), { trusted: false, dataDir: "/none", network: "test" });
  return openFeed(api, feed.origin);
}

async function indexes(reader: FeedReader, from: number, to: number): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { verified } of reader.leaves(from, to)) found.push(verified.index);
  return found;
}

const LIE = { name: "ClientError", code: "api/bad-answer" };

test("every entry comes with a proof that anybody can check, at sizes around whole tiles", async () => {
  for (const size of [1, 2, 255, 256, 257, 600]) {
    const feed = feedOf(size);
    const reader = await opened(feed);
    assert.equal(reader.head.size, size);
    let next = 0;
    for await (const { verified, path } of reader.leaves(0, size)) {
      const { index, entry } = verified;
      assert.deepEqual([index, entry], [next, octets(`entry ${next}`)]);
      checkInclusion(index, size, leafHash(entry), path, feed.root());
      next++;
    }
    assert.equal(next, size);
  }
});

test("a part is read by its bundles alone, and an entry is found by its octets", async () => {
  const feed = feedOf(600);
  const { url, asked } = await serveFeed(feed);
  const api = openApi(parseAddress(url), { trusted: false, dataDir: "/none", network: "test" });
  const reader = await openFeed(api, feed.origin);
  assert.deepEqual(await indexes(reader, 254, 258), [254, 255, 256, 257]);
  assert.deepEqual(
    asked.filter((path) => path.includes("entries")),
    ["tile/entries/000", "tile/entries/001"],
  );
  assert.equal(new Set(asked).size, asked.length, "nothing was asked for twice");
  for (const at of [0, 255, 256, 599]) assert.equal(await reader.find(octets(`entry ${at}`)), at);
  assert.equal(await reader.find(octets("entry 600")), null);
});

test("a feed that the node does not hold, and a head of another one", async () => {
  await assert.rejects(
    opened(feedOf(1), () => null),
    { code: "source/none" },
  );
  const other = new MemoryFeed(2).append("x");
  const lies = [
    other.note(),
    new MemoryFeed(1, "other").append("x").note(),
    octets("no note"),
    new Uint8Array(),
  ];
  for (const note of lies)
    await assert.rejects(
      opened(feedOf(1), () => note),
      LIE,
    );
  await assert.rejects(
    opened(feedOf(1), () =>
      feedOf(1)
        .note()
        .map((octet, i) => (i === 90 ? octet ^ 1 : octet)),
    ),
    LIE,
  );
});

test("a changed octet anywhere in the files is noticed before anything of it is handed on", async () => {
  const feed = feedOf(300);
  const good = filesOf(feed);
  for (const path of ["tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]) {
    const { length } = good(path) ?? assert.fail(path);
    for (let at = 0; at < length; at += 1 + Math.floor(length / 23)) {
      const reader = await opened(feed, (asked) => {
        const file = good(asked);
        return asked === path && file !== null
          ? file.map((octet, i) => (i === at ? octet ^ 1 : octet))
          : file;
      });
      const handed: number[] = [];
      const reading = (async () => {
        for await (const { verified } of reader.leaves(256, 300)) {
          assert.deepEqual(verified.entry, octets(`entry ${verified.index}`), `${path}, octet ${at}`);
          handed.push(verified.index);
        }
      })();
      // Of a hash tile only what a proof needs is looked at: then all that is handed on is right all the same.
      await reading.then(
        () =>
          assert.deepEqual([path.includes("entries"), handed.length], [false, 44], `${path}, octet ${at}`),
        (error: unknown) =>
          assert.ok(error instanceof Error && "code" in error && error.code === LIE.code, String(error)),
      );
    }
  }
});

test("missing, short and swapped files, and hashes that hide an entry", async () => {
  const feed = feedOf(300);
  const good = filesOf(feed);
  const without =
    (part: string): Files =>
    (path) =>
      path.includes(part) ? null : good(path);
  for (const part of ["entries", "tile/0", "tile/1"])
    await assert.rejects(indexes(await opened(feed, without(part)), 0, 300), LIE);
  const swapped: Files = (path) => good(path === "tile/entries/001.p/44" ? "tile/entries/000.p/44" : path);
  await assert.rejects(indexes(await opened(feed, swapped), 256, 300), LIE);
  const short: Files = (path) => good(path)?.slice(0, path.startsWith("tile/0") ? 31 : undefined) ?? null;
  await assert.rejects(indexes(await opened(feed, short), 0, 300), LIE);
  const hidden = new MemoryFeed(1).append(...feed.entries.map((entry, i) => (i === 7 ? "another" : entry)));
  const hiding: Files = (path) => (path === "checkpoint" ? feed.note() : filesOf(hidden)(path));
  await assert.rejects((await opened(feed, hiding)).find(octets("entry 7")), LIE);
});
