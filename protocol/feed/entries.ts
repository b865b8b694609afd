/** Bundles of entries, the truth of a feed: C2SP tlog-tiles, section "Log entries". */
import { Cursor, reading } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_ENTRY_BYTES, TILE_WIDTH } from "../limits.ts";

/** Octets of the length before each entry. */
const LENGTH_BYTES = 2;

/**
 * The entries of a bundle, `(u16be length ‖ entry)*`, as views: copy what is kept longer than the bundle. 1 to 256 of them, or
 * exactly `count`. Throws `bundle/malformed` (cut short, or octets left over), `bundle/bad-count`.
 */
export function readBundle(bytes: Uint8Array, count: number | null = null): Uint8Array[] {
  const cursor = new Cursor(bytes);
  const entries: Uint8Array[] = [];
  while (cursor.left > 0) {
    if (entries.length === TILE_WIDTH) throw badCount(`more than ${TILE_WIDTH}`, count);
    entries.push(reading("bundle/malformed", `entry ${entries.length}`, () => cursor.take(cursor.u16())));
  }
  if (entries.length === 0 || (count !== null && entries.length !== count))
    throw badCount(String(entries.length), count);
  return entries;
}

/** A bundle of 1 to 256 entries. Throws `bundle/bad-count`, `bundle/entry-too-big`. */
export function writeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0 || entries.length > TILE_WIDTH) throw badCount(String(entries.length), null);
  let length = 0;
  for (const entry of entries) {
    assertEntry(entry);
    length += LENGTH_BYTES + entry.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const entry of entries) {
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 0xff;
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
}

/** Throws `bundle/entry-too-big` if a feed can't hold the entry. */
export function assertEntry(entry: Uint8Array): void {
  if (entry.length > MAX_ENTRY_BYTES) {
    throw new ProtocolError(
      "bundle/entry-too-big",
      `an entry has at most ${MAX_ENTRY_BYTES} octets, not ${entry.length}`,
    );
  }
}

function badCount(found: string, count: number | null): ProtocolError {
  return new ProtocolError(
    "bundle/bad-count",
    `the bundle has ${found} entries; ${count ?? `1 to ${TILE_WIDTH}`} expected`,
  );
}
