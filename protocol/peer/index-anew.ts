/**
 * A legacy link is indexed under those of its signers that are followed (RULES R5). Whoever follows a builder later has links of it that are not
 * found under its name, a dissent among them: so the index begins anew where builders came since it was begun.
 */
import { concat, equalBytes, fromHex, toHex, utf8 } from "../bytes/index.ts";
import { sha256 } from "../crypto/index.ts";
import type { Context } from "./context.ts";
import { feedRow } from "./feed-row.ts";
import type { FeedState } from "./feed-state.ts";
import { readOne } from "./reads.ts";
import { jobKey, KEY_PREFIX_BYTES } from "./rows.ts";
import type { StoreOp } from "./types.ts";

/** For which builders feeds are indexed: the beginnings of the hashes of their keys, in order. */
const JOB: Uint8Array = jobKey(utf8("builders"));

/** Once, at start, after the feeds: sets their cursors back, in one write with the note of who is followed now. */
export function indexAnew(ctx: Context, done: () => void, failed: (code: string) => void): void {
  const { turn, config, feeds, counters } = ctx;
  if (config.light) {
    done();
    return;
  }
  const names = new Set(config.follow.builders.map(({ raw }) => toHex(nameOf(raw))));
  const note = concat(...[...names].sort().map((name) => fromHex(name)));
  readOne(
    turn,
    JOB,
    (row) => {
      const known = row ?? new Uint8Array(0);
      if (!equalBytes(known, note)) {
        const before = namesIn(known);
        const hasNew = [...names].some((name) => !before.has(name));
        const rows = hasNew ? [...feeds.all()].flatMap(begunAnew) : [];
        const op: StoreOp = { op: "put", key: JOB, value: note };
        turn.store(
          [...rows, op],
          false,
          () => undefined,
          () => counters.add("store-failed"),
        );
      }
      done();
    },
    failed,
  );
}

function begunAnew(feed: FeedState): readonly StoreOp[] {
  if (!feed.wanted || feed.indexed === 0) return [];
  feed.indexed = 0;
  feed.visible = 0;
  feed.examined = 0;
  feed.claims = 0;
  return feedRow(feed);
}

function nameOf(key: Uint8Array): Uint8Array {
  return sha256(key).subarray(0, KEY_PREFIX_BYTES);
}

function namesIn(note: Uint8Array): ReadonlySet<string> {
  const names = new Set<string>();
  for (let at = 0; at < note.length; at += KEY_PREFIX_BYTES)
    names.add(toHex(note.subarray(at, at + KEY_PREFIX_BYTES)));
  return names;
}
