/** Which entries of feeds are one, wherever they were found. */
import { toHex } from "../bytes/index.ts";
import { sha256Hex } from "../crypto/index.ts";
import type { RawEntry } from "./types.ts";

/** With its proof: a bad one takes no good one's place. */
export function entryId({ entry, signer, index, path, checkpoint }: RawEntry): string {
  return `${sha256Hex(entry)} ${toHex(signer)} ${index} ${sha256Hex(checkpoint)} ${sha256Hex(...path)}`;
}

/** The last of those that have the same id. */
export function unique<Item>(items: readonly Item[], id: (item: Item) => string): readonly Item[] {
  return [...new Map(items.map((item) => [id(item), item])).values()];
}
