import { fromUtf8, utf8 } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import type { Database } from "./database.ts";

/** The format that this version writes (2: entries may stand together in a row); a store of an older one is upgraded (`upgrade.ts`), one of a newer one is not opened. */
export const STORE_FORMAT = 2;
/** Before every key of the engine, whose keys begin with a letter, and of libp2p, whose keys begin with `!`. */
export const FORMAT_KEY: Uint8Array = Uint8Array.of(0);
const FORMAT = /^samebits store ([1-9][0-9]{0,5})\n$/;

/** What stands in the row of the format. */
export function formatRow(format: number): Uint8Array {
  return utf8(`samebits store ${format}\n`);
}

/** The format of the store at `path`; null for one that was made this moment. Throws `store/format` for what is none. */
export async function readFormat(database: Database, path: string): Promise<number | null> {
  const found = await database.get(FORMAT_KEY);
  if (found === undefined) return null;
  const [, digits] = FORMAT.exec(textOf(found)) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new NodeError("store/format", `${path} is no store of samebits; choose another --data`);
}

/** Throws `store/format` where a later version has written the store. */
export function assertNotNewer(format: number, known: number, path: string): void {
  if (format <= known) return;
  throw new NodeError(
    "store/format",
    `${path} was written by a newer version of samebits (store format ${format}, this version knows ${known}): install that version ` +
      `again, or go back to the store as it was before the upgrade, ${path}.format-${known}, where that is there (docs/operator.md, "Upgrades"); ` +
      "or choose another --data",
  );
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    return "";
  }
}
