/** What the name of a link's file says: `STEP.KEYID8.link`, in folders `STEP.KEYID8` of sublayouts (in-toto specification 4.4, 4.3.4). */
import { keyIdKha } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import type { LinkPlace } from "./types.ts";

/** Digits of a key's id in the name of a file. */
export const SHORT_ID = 8;
const LINK_FILE = /^(.+)\.[0-9a-f]{8}\.link$/;

/** The place of a file in a folder of links, by its path in there, with `/` between its parts. */
export function placeOfFile(path: string): LinkPlace {
  const slash = path.lastIndexOf("/");
  const [, step = null] = LINK_FILE.exec(path.slice(slash + 1)) ?? [];
  return Object.freeze({ label: path, step, folder: slash === -1 ? "" : path.slice(0, slash) });
}

/** The name of a link's file, as in-toto's tools look for it. */
export function linkFileName(step: string, key: PublicKey): string {
  return `${step}.${keyIdKha(key).slice(0, SHORT_ID)}.link`;
}
