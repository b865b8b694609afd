import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFeed, tilesFor } from "../../../protocol/feed/index.ts";
import type { SignedHead } from "../../../protocol/feed/index.ts";
import { filesOf } from "../../client/source/feed-server.ts";
import type { Files } from "../../client/source/feed-server.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { refused } from "./cases.ts";

const feed = new MemoryFeed(1).append(...Array.from({ length: 65_537 }, (_, i) => `entry ${i}`));

/** Runs the check on these files; the paths that it asked for. */
function check(head: SignedHead, files: Files, ...earlier: readonly SignedHead[]): readonly string[] {
  const asked: string[] = [];
  const asking = checkFeed(head, earlier);
  for (let step = asking.next(); step.done !== true;) {
    asked.push(step.value);
    step = asking.next(files(step.value));
  }
  return asked;
}

const only =
  (files: Files, changed: string, octets: (before: Uint8Array) => Uint8Array | null): Files =>
  (path) => {
    const before = files(path);
    return path === changed && before !== null ? octets(before) : before;
  };

const flip =
  (at: number) =>
  (before: Uint8Array): Uint8Array => {
    const after = Uint8Array.from(before);
    after[at] = (after[at] ?? 0) ^ 1;
    return after;
  };

test("a whole feed is good, at sizes around whole tiles, and every file was read once", () => {
  for (const size of [1, 255, 256, 257, 512, 700, 65_536, 65_537]) {
    const part = size === feed.entries.length ? feed : feed.branch(size);
    const asked = check(part.head(), filesOf(part));
    const tiles = [...tilesFor(size)];
    assert.equal(asked.length, tiles.length + Math.ceil(size / 256), `size ${size}`);
    assert.equal(new Set(asked).size, asked.length);
  }
});

test("under an older head, full files do where those of its size were deleted", () => {
  const [before, grown] = [filesOf(feed.branch(700)), filesOf(feed.branch(1_000))];
  /** A folder as it is after the feed has grown, and the partial files are gone of which there are full ones now. */
  const files: Files = (path) => {
    const full = grown(path.replace(/\.p\/\d+$/, ""));
    return path.includes(".p/") && full !== null ? null : (grown(path) ?? before(path));
  };
  check(feed.branch(1_000).head(), files);
  const asked = check(feed.branch(700).head(), files);
  assert.deepEqual(asked.slice(-5), [
    "tile/entries/002.p/188",
    "tile/entries/002",
    "tile/0/002.p/188",
    "tile/0/002",
    "tile/1/000.p/2",
  ]);
  refused("tile/missing", () => check(feed.branch(1_000).head(), before));
});

test("what is missing, changed, cut or swapped is named", () => {
  const part = feed.branch(700);
  const files = filesOf(part);
  const head = part.head();
  const paths = check(head, files);
  for (const path of paths) {
    refused("tile/missing", () =>
      check(
        head,
        only(files, path, () => null),
      ),
    );
    assert.throws(
      () => check(head, only(files, path, flip(10))),
      (error: Error) => path.includes("entries") || error.message.includes(path),
      path,
    );
    assert.throws(
      () =>
        check(
          head,
          only(files, path, (before) => before.subarray(1)),
        ),
      path,
    );
  }
  const swapped = only(files, "tile/entries/000", () => files("tile/entries/001"));
  refused("tile/mismatch", () => check(head, swapped));
  refused("tile/bad-width", () =>
    check(
      head,
      only(files, "tile/0/001", (before) => before.subarray(32)),
    ),
  );
  refused("bundle/bad-count", () =>
    check(
      head,
      only(files, "tile/entries/002.p/188", () => files("tile/entries/001")),
    ),
  );
});

test("a folder that is another feed's, or another branch's, in itself whole, is not under this head", () => {
  const other = feed.branch(600).append("one", "two");
  const mine = feed.branch(602);
  refused("tree/root-mismatch", () => check(mine.head(), filesOf(other)));
});

test("other heads of the feed have to be of the same history, at every size", () => {
  const part = feed.branch(700);
  const files = filesOf(part);
  const sizes = [1, 255, 256, 257, 512, 513, 699, 700];
  const asked = check(part.head(), files, ...sizes.map((size) => feed.branch(size).head()));
  assert.deepEqual(asked, check(part.head(), files), "no file more is read for them");
  for (const size of sizes) {
    const other = feed
      .branch(size - 1)
      .append("other")
      .head();
    refused("tree/root-mismatch", () => check(part.head(), files, other), `${size}`);
  }
});
