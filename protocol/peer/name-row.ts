/** Rows for searching by name: `q` name, target → purl ‖ 0x0a ‖ file. One for each target, however many claim it. */
import { concat, fromUtf8, utf8 } from "../bytes/index.ts";
import type { Target } from "../attestation/index.ts";
import { MAX_NAME_KEY_BYTES } from "../limits.ts";
import { KEY_PREFIX_BYTES, rowsUnder } from "./rows.ts";
import type { Range, Row, StoreOp } from "./types.ts";

const LETTER = Uint8Array.of("q".charCodeAt(0));
const END = Uint8Array.of(0);

/** The row that lets the target be found by its package's name. */
export function nameRow(target: Target): StoreOp {
  const name = nameKey(packageName(target.purl));
  const key = concat(LETTER, name, END, target.key.subarray(0, KEY_PREFIX_BYTES));
  return { op: "put", key, value: utf8(`${target.purl}\n${target.file}`) };
}

/** All targets whose package's name begins with `prefix`, whatever its case. */
export function nameRange(prefix: string, limit?: number): Range {
  return rowsUnder(concat(LETTER, nameKey(prefix)), limit);
}

/** The beginning of the target's key, by which `targetRange` finds what is claimed of it. */
export function targetOfName(row: Row): Uint8Array {
  return row.key.subarray(-KEY_PREFIX_BYTES);
}

/** Reads a row of `nameRange`. */
export function readNameRow(row: Row): { readonly purl: string; readonly file: string } {
  const [purl = "", file = ""] = fromUtf8(row.value).split("\n");
  return { purl, file };
}

/** The name part of a canonical purl, decoded. */
function packageName(purl: string): string {
  const [path = ""] = purl.split(/[?#]/, 1);
  const [name = ""] = path.slice(path.lastIndexOf("/") + 1).split("@", 1);
  return decodeURIComponent(name);
}

function nameKey(name: string): Uint8Array {
  return utf8(name.toLowerCase()).subarray(0, MAX_NAME_KEY_BYTES);
}
