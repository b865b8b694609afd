/** Rows `o` feed number, witness's key: the newest head of the feed that the witness cosigned, as it goes through the mesh. */
import { concat, u32be, utf8 } from "../bytes/index.ts";
import { MAX_FEEDS, MAX_PINNED_WITNESSES, MAX_STRANGE_COSIGNATURES } from "../limits.ts";
import { rowsOf } from "./rows.ts";
import type { Range } from "./types.ts";

const KIND = "o";

/** Key of a row. Whoever drops a feed deletes its rows: another one may get its number. */
export function cosignatureKey(no: number, witness: Uint8Array): Uint8Array {
  return concat(utf8(KIND), u32be(no), witness);
}

/** All of them. */
export function cosignatureRange(): Range {
  return rowsOf(KIND, MAX_FEEDS * (MAX_PINNED_WITNESSES + MAX_STRANGE_COSIGNATURES));
}
