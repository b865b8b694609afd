/** The stream `query`: attestations by target, digest and signer, with inclusion proofs, and what witnesses have cosigned of the feeds that carry them. */
import { Cursor, toHex, u32be } from "../bytes/index.ts";
import { HASH_BYTES } from "../feed/index.ts";
import {
  ANSWER_FILL_BYTES,
  MAX_ANSWER_ITEMS,
  MAX_PEER_COSIGNED,
  MAX_PEER_JOINS,
  MAX_PEER_PAST,
  PAST_FILL_BYTES,
  WITNESS_FILL_BYTES,
} from "../limits.ts";
import { readQueryAnswer, readQueryRequest, writeQueryAnswer } from "../wire/index.ts";
import type { QueryFound, QueryJoin } from "../wire/index.ts";
import type { Context } from "./context.ts";
import { cosignedOf, feedsOf, joinCosigned } from "./head-joins.ts";
import type { Found, Lookup } from "./lookup.ts";
import type { Past } from "./past.ts";
import type { Reply } from "./serve.ts";
import type { Tiles } from "./tiles.ts";
import type { FoundEntry, HeadJoin } from "./types.ts";

/** Octets that a field of a frame takes beside what is in it, at most. */
const FIELD_BYTES = 8;

export class QueryServer {
  readonly #ctx: Context;
  readonly #lookup: Lookup;
  readonly #tiles: Tiles;

  readonly #past: Past;

  constructor(ctx: Context, lookup: Lookup, tiles: Tiles, past: Past) {
    this.#ctx = ctx;
    this.#past = past;
    this.#lookup = lookup;
    this.#tiles = tiles;
  }

  serve(bytes: Uint8Array, reply: Reply): void {
    const { targets, digests, builders, page, since = [] } = readQueryRequest(bytes);
    const from = page.length === 0 ? 0 : readMark(page);
    // Who asks for no time may not know that there could be more.
    const [beside, fill] = since.length === 0 ? [0, WITNESS_FILL_BYTES] : [MAX_PEER_PAST, PAST_FILL_BYTES];
    this.#lookup.find(
      { targets, digests, builders },
      { from, maxBytes: ANSWER_FILL_BYTES - fill },
      "strangers",
      (found) =>
        this.#past.at(feedsOf(found.heads), since, (past) => {
          const { heads } = found;
          const cosigned = cosignedOf(heads, past, MAX_PEER_COSIGNED + beside);
          joinCosigned(this.#ctx, this.#tiles, heads, past, MAX_PEER_JOINS + beside, (joins) =>
            reply.send(answer(found, cosigned, joins, fill)),
          );
        }),
      (code) => reply.refuse(code),
    );
  }
}

/** What an answer says; nothing of it is verified. */
export interface QueryResult {
  readonly entries: readonly FoundEntry[];
  readonly cosigned: readonly Uint8Array[];
  readonly joins: readonly HeadJoin[];
  /** The mark of the next page. */
  readonly next: Uint8Array;
}

/** Reads an answer. Throws `wire/…`. */
export function readFound(bytes: Uint8Array): QueryResult {
  const { found, checkpoints, cosigned, joins, next } = readQueryAnswer(bytes);
  const heads = [...checkpoints, ...cosigned];
  const note = (number: number): Uint8Array => heads[number] ?? new Uint8Array(0);
  const entries = found.map(({ entry, signer, index, path, checkpoint }) => {
    return { entry, signer, index, path, checkpoint: note(checkpoint) };
  });
  return {
    entries,
    cosigned,
    joins: joins.map(({ small, large, proof }) => ({ small: note(small), large: note(large), proof })),
    next,
  };
}

/** Each checkpoint goes once, and is named by its number. Of what witnesses cosigned only what fits. */
function answer(
  { entries, next }: Found,
  cosigned: readonly Uint8Array[],
  joined: readonly HeadJoin[],
  fill: number,
): Uint8Array {
  const numbers = new Map<string, number>();
  const checkpoints: Uint8Array[] = [];
  const number = (note: Uint8Array): number => {
    const name = toHex(note);
    const known = numbers.get(name) ?? checkpoints.push(note) - 1;
    numbers.set(name, known);
    return known;
  };
  const found: QueryFound[] = entries
    .slice(0, MAX_ANSWER_ITEMS)
    .map(({ checkpoint, ...entry }) => ({ ...entry, checkpoint: number(checkpoint) }));
  let left = fill;
  const fits = (octets: number): boolean => (left -= octets) >= 0;
  const lines = cosigned.filter(({ length }) => fits(length + FIELD_BYTES));
  const joins: QueryJoin[] = joined
    .filter(({ small, large, proof }) =>
      fits(small.length + large.length + (proof.length + 1) * (HASH_BYTES + FIELD_BYTES)),
    )
    .map(({ small, large, proof }) => ({ small: number(small), large: number(large), proof }));
  return writeQueryAnswer({
    found,
    checkpoints,
    cosigned: lines,
    joins,
    next: next === null ? new Uint8Array(0) : u32be(next),
    code: "",
  });
}

function readMark(page: Uint8Array): number {
  const cursor = new Cursor(page);
  const from = cursor.u32();
  cursor.done();
  return from;
}
