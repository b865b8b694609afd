import { MAX_FEEDS, originHash, toHex } from "../../protocol/index.ts";

/** By origin: made once, as each request for a file looks through all feeds for its own, and strangers can have a thousand of them kept. */
const names = new Map<string, string>();

/** How a feed is named in URLs: the hex SHA-256 of its origin line. */
export function nameOfFeed(origin: string): string {
  const known = names.get(origin);
  if (known !== undefined) return known;
  const name = toHex(originHash(origin));
  // Feeds that went are forgotten with all others: these are made again.
  if (names.size >= 2 * MAX_FEEDS) names.clear();
  names.set(origin, name);
  return name;
}
