/** Rows in little memory: a hundred thousand of them wait for weeks. */
import type { FileRow } from "./rows.ts";

/** Whoever makes up a step for each file has them kept with the files. */
const MAX_SHARED = 1_024;

/** Strings that are put together, or cut out of others, hold on to all that they are made of. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}

export class SharedStrings {
  /** Keys, feeds and steps: as many as there are publishers. */
  readonly #known = new Map<string, string>();

  /** The same row, of strings of their own or, where many have the same, of one. */
  compact(row: FileRow): FileRow {
    return {
      kind: row.kind,
      id: flat(row.id),
      purl: flat(row.purl),
      file: flat(row.file),
      sha256: flat(row.sha256),
      step: this.#shared(row.step),
      claim: flat(row.claim),
      key: this.#shared(row.key),
      origin: this.#shared(row.origin),
      index: row.index,
      seen: row.seen,
      due: row.due,
      looked: row.looked,
      tries: row.tries,
      isTold: row.isTold,
    };
  }

  #shared(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const own = flat(text);
    if (this.#known.size < MAX_SHARED) this.#known.set(own, own);
    return own;
  }
}
