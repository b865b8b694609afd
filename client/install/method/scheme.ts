/** `samebits+http` for apt is `http` for the method that apt brings, in every field that holds a place. */
import type { Message } from "./message.ts";

/** Of a method that is wrapped. */
export type Scheme = "http" | "https";
export const SCHEMES: readonly Scheme[] = ["http", "https"];

const OURS = "samebits+";

/** What apt calls the method that wraps this one. */
export function methodName(scheme: Scheme): string {
  return `${OURS}${scheme}`;
}

/** Those that hold a place, or lie below one; a method passes the others on, or none knows them. */
const PLACES: ReadonlySet<string> = new Set([
  "uri",
  "new-uri",
  "usedmirror",
  "target-repo-uri",
  "target-base-uri",
  "target-site",
]);

/** As the stock method knows its places. */
export function toStock(message: Message): Message {
  return withPlaces(message, (value) =>
    value.startsWith(OURS) && isWrapped(value.slice(OURS.length)) ? value.slice(OURS.length) : value,
  );
}

/** As apt knows them: what a server redirects to comes back to us. */
export function toApt(message: Message): Message {
  return withPlaces(message, (value) => (isWrapped(value) ? `${OURS}${value}` : value));
}

/** Whether a place is one that we come to see again: of the two schemes that are wrapped. */
export function isWrapped(uri: string): boolean {
  return SCHEMES.some((scheme) => uri.startsWith(`${scheme}://`));
}

function withPlaces(message: Message, change: (value: string) => string): Message {
  const fields = message.fields.map(
    ([name, value]) => [name, PLACES.has(name.toLowerCase()) ? change(value) : value] as const,
  );
  return { ...message, fields };
}
