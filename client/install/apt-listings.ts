/** Where a file is from, by its SHA-256, as apt's lists have it: for rules that ask for an origin or a suite. */
import { MAX_LIST_LINE_CHARS, MAX_PACKAGES_LIST_BYTES } from "../../protocol/index.ts";
import type { AptListing } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { aptLists, printedList } from "./apt-lists.ts";

/** At the beginning of a line it is a field of a stanza: text that goes on begins with a blank. */
const DIGEST = /^SHA256: ([0-9a-f]{64})$/gm;

/** By SHA-256 in hex; what is in no list is not there. */
export type Listings = ReadonlyMap<string, readonly AptListing[]>;

/**
 * What the lists that apt trusts say of these files, or with null of all that they have. Each list is gone through for digests alone, which
 * takes a fifth of the time of reading it. Throws as `aptLists` does, and `input/bad-list`, `input/too-big`.
 */
export async function listingsOf(wanted: ReadonlySet<string> | null): Promise<Listings> {
  const all = new Map<string, AptListing[]>();
  for (const { path, listing } of await aptLists()) {
    if (listing === null) continue;
    for await (const digests of printedList(path, (parts) => digestsIn(parts, path))) {
      for (const digest of digests) {
        if (wanted?.has(digest) === false) continue;
        const some = all.get(digest) ?? [];
        if (some.at(-1) !== listing) all.set(digest, [...some, listing]);
      }
    }
  }
  return all;
}

/** The digests of a list that comes in parts of any size, those of a part together. */
async function* digestsIn(
  parts: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<readonly string[], void, void> {
  let rest = "";
  let octets = 0;
  for await (const part of parts) {
    octets += part.length;
    const text = rest + Buffer.from(part).toString("latin1");
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    if (octets > MAX_PACKAGES_LIST_BYTES || rest.length > MAX_LIST_LINE_CHARS)
      throw new ClientError("input/too-big", `${name}: it is longer than is ever read of a list of packages`);
    yield [...text.slice(0, end).matchAll(DIGEST)].map(([, digest = ""]) => digest);
  }
}
