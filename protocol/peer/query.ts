/** The stream `query`: attestations by target, digest and signer, with inclusion proofs. */
import { Cursor, toHex, u32be } from "../bytes/index.ts";
import { ANSWER_FILL_BYTES, MAX_ANSWER_ITEMS } from "../limits.ts";
import { readQueryAnswer, readQueryRequest, writeQueryAnswer } from "../wire/index.ts";
import type { QueryFound } from "../wire/index.ts";
import type { Lookup } from "./lookup.ts";
import type { Reply } from "./serve.ts";
import type { FoundEntry } from "./types.ts";

export class QueryServer {
  readonly #lookup: Lookup;

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  serve(bytes: Uint8Array, reply: Reply): void {
    const { targets, digests, builders, page } = readQueryRequest(bytes);
    const from = page.length === 0 ? 0 : readMark(page);
    this.#lookup.find(
      { targets, digests, builders },
      { from, maxBytes: ANSWER_FILL_BYTES },
      ({ entries, next }) => reply.send(answer(entries.slice(0, MAX_ANSWER_ITEMS), next)),
      (code) => reply.refuse(code),
    );
  }
}

/** Reads an answer into found entries, and the mark of the next page. Throws `wire/…`. */
export function readFound(bytes: Uint8Array): { readonly entries: FoundEntry[]; readonly next: Uint8Array } {
  const { found, checkpoints, next } = readQueryAnswer(bytes);
  const entries = found.map(({ entry, signer, index, path, checkpoint }) => {
    return { entry, signer, index, path, checkpoint: checkpoints[checkpoint] ?? new Uint8Array(0) };
  });
  return { entries, next };
}

/** Each checkpoint goes once, the entries name it by number. */
function answer(entries: readonly FoundEntry[], next: number | null): Uint8Array {
  const numbers = new Map<string, number>();
  const checkpoints: Uint8Array[] = [];
  const found: QueryFound[] = entries.map(({ entry, signer, index, path, checkpoint }) => {
    const name = toHex(checkpoint);
    const number = numbers.get(name) ?? checkpoints.push(checkpoint) - 1;
    numbers.set(name, number);
    return { entry, signer, index, path, checkpoint: number };
  });
  return writeQueryAnswer({
    found,
    checkpoints,
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
