import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HeadTiles, forkSearch, proveFork } from "../../../protocol/evidence/index.ts";
import type { ForkCommon, ForkJoin, SearchStep } from "../../../protocol/evidence/index.ts";
import type { TileId } from "../../../protocol/feed/index.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";

/** The search over two feeds in memory, and how often it asked. */
function search(a: MemoryFeed, b: MemoryFeed): { common: ForkCommon | null; steps: number } {
  const trees = { a: new HeadTiles(a.head()), b: new HeadTiles(b.head()) };
  const run = forkSearch(trees.a, trees.b);
  for (let steps = 0; ; steps++) {
    const step: IteratorResult<SearchStep, ForkCommon | null> = run.next();
    if (step.done === true) return { common: step.value, steps };
    assert.ok(trees.a.take(step.value.a, tilesOf(a, step.value.a)));
    assert.ok(trees.b.take(step.value.b, tilesOf(b, step.value.b)));
  }
}

function tilesOf(feed: MemoryFeed, tiles: readonly TileId[]): Uint8Array[] {
  return feed.answer({ kind: "tiles", origin: feed.origin, tiles });
}

function joinOf(small: MemoryFeed, large: MemoryFeed): ForkJoin | null {
  const [n, m] = [small.entries.length, large.entries.length];
  return n === m ? null : { root: large.root(n), proof: large.consistency(n) };
}

/** Two branches with the same first `common` entries and so many more each. */
function branches(common: number, more: number, others: number): [MemoryFeed, MemoryFeed] {
  const a = new MemoryFeed(3);
  for (let i = 0; i < common; i++) a.append(`entry ${i}`);
  const b = a.branch(common);
  for (let i = 0; i < more; i++) a.append(`one ${i}`);
  for (let i = 0; i < others; i++) b.append(`other ${i}`);
  return [a, b];
}

function check(common: number, more: number, others: number): void {
  const [one, other] = branches(common, more, others);
  const [a, b] = more <= others ? [one, other] : [other, one];
  const found = search(a, b);
  assert.equal(found.common?.size ?? 0, common);
  assert.ok(found.steps <= Math.ceil(Math.log(b.entries.length) / Math.log(256)) + 1, `${found.steps} steps`);
  const evidence = proveFork(a.head(), b.head(), joinOf(a, b), found.common);
  assert.equal(evidence?.common?.size ?? 0, common, "the proofs hold");
}

test("where two histories part is found to the entry, one tile a level (R15, I2)", () => {
  for (const common of [0, 1, 2, 255, 256, 257, 511, 512, 700])
    for (const [more, others] of [
      [1, 1],
      [1, 256],
      [3, 5],
      [256, 255],
      [300, 700],
    ] as const)
      check(common, more, others);
  fc.assert(
    fc.property(fc.nat(900), fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 600 }), check),
    { numRuns: 40 },
  );
});

test("deep in feeds of more than 65,536 entries too (I2)", () => {
  for (const common of [65_535, 65_536, 65_900]) check(common, 700, 300);
  check(70, 66_000, 65_700);
});

test("one history parts nowhere", () => {
  for (const [n, m] of [
    [1, 1],
    [1, 300],
    [256, 256],
    [256, 700],
    [300, 700],
  ] as const) {
    const [whole] = branches(m, 0, 0);
    assert.equal(search(whole.branch(n), whole).common, null);
  }
});

test("tiles that are not the head's are refused, whichever octet is changed (I3)", () => {
  const [feed] = branches(700, 0, 0);
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom("edge", "full"),
      (which, at, flip, where) => {
        const tree = new HeadTiles(feed.head());
        const edge = tree.edge();
        if (where === "full") assert.ok(tree.take(edge, tilesOf(feed, edge)));
        const tiles = where === "edge" ? edge : tree.missing(0, which % 2);
        const octets = tilesOf(feed, tiles);
        const tile = octets[which % octets.length];
        assert.ok(tile !== undefined && tile.length > 0);
        tile[at % tile.length] = (tile[at % tile.length] ?? 0) ^ flip;
        assert.equal(tree.take(tiles, octets), false);
        assert.equal(tree.take(tiles, octets.slice(1)), false);
        assert.equal(
          tree.take(
            tiles,
            octets.map((one) => one.subarray(32)),
          ),
          false,
        );
        assert.ok(tree.take(tiles, tilesOf(feed, tiles)), "the true ones are taken all the same");
      },
    ),
    { numRuns: 60 },
  );
});

test("no join and no common tree makes two heads of one history a fork (I3)", () => {
  const [feed, stranger] = branches(40, 400, 400);
  const hashes = fc.constantFrom(
    ...[1, 7, 40, 64, 256, 399].flatMap((n) => [
      feed.root(n),
      stranger.root(n),
      ...feed.consistency(n),
      ...stranger.consistency(n),
    ]),
  );
  const proof = fc.oneof(
    fc.array(hashes, { maxLength: 12 }),
    fc
      .tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 12 }), hashes)
      .map(([n, at, hash]) => feed.consistency(n).map((own, i) => (i === at ? hash : own))),
  );
  const size = fc.integer({ min: 1, max: feed.entries.length });
  fc.assert(
    fc.property(size, size, hashes, proof, proof, size, fc.boolean(), (n, m, root, path, other, at, bare) => {
      const common = bare ? null : { size: at, root, toA: path, toB: other };
      const join = { root, proof: path };
      const honest = { root: feed.root(Math.min(n, m)), proof: path };
      for (const one of [null, join, honest])
        assert.equal(proveFork(feed.head(n), feed.head(m), one, common), null);
    }),
    { numRuns: 500 },
  );
});
