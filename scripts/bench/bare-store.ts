/**
 * What nobody who takes in a feed can save: the SHA-256 of each leaf, and level writing the same octets. In a process of its own with Node's own
 * settings, as a newcomer is one too: in that of the benchmark its code would be compiled already, and its memory there or not, by what ran before.
 *
 * `node bare-store.ts FEED COUNT FOLDER`: the feed as static files, how many entries it has, and where the store comes; prints entries a second.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Level } from "level";
import {
  entriesPath,
  leafHash,
  readBundle,
  STORE_WRITE_BUFFER_BYTES,
  TILE_WIDTH,
} from "../../protocol/index.ts";

/** Entries of one write: about as many as an answer carries. */
const PORTION = 1_024;

const [feed = "", given = "", folder = ""] = process.argv.slice(2);
const count = Number(given);
const entries: Uint8Array[] = [];
for (let from = 0; from < count; from += TILE_WIDTH) {
  const width = Math.min(TILE_WIDTH, count - from);
  entries.push(...readBundle(readFileSync(join(feed, entriesPath(from / TILE_WIDTH, width))), width));
}
const level = new Level<Uint8Array, Uint8Array>(folder, {
  keyEncoding: "view",
  valueEncoding: "view",
  writeBufferSize: STORE_WRITE_BUFFER_BYTES,
});
await level.open();
const began = performance.now();
for (let from = 0; from < count; from += PORTION) {
  const rows = entries.slice(from, from + PORTION).map((value, i) => {
    leafHash(value);
    const key = new Uint8Array(9);
    new DataView(key.buffer).setUint32(5, from + i);
    return { type: "put" as const, key, value };
  });
  await level.batch(rows, { sync: from + PORTION >= count });
}
const ms = performance.now() - began;
await level.close();
process.stdout.write(`${(1_000 * count) / ms}\n`);
