import { Key } from "interface-datastore";

/** Where libp2p's rows lie among those of the engine, which begin with a letter. */
const PREFIX = "!libp2p!";

export function nameOf(key: Key): Uint8Array {
  return new TextEncoder().encode(PREFIX + key.toString());
}

export function keyOf(name: Uint8Array): Key {
  return new Key(new TextDecoder().decode(name).slice(PREFIX.length), false);
}

/** All rows whose names begin with `start`; no name has the octet 255. */
export function rangeOf(start: string): { readonly gte: Uint8Array; readonly lt: Uint8Array } {
  const gte = new TextEncoder().encode(PREFIX + start);
  return { gte, lt: Uint8Array.from([...gte, 255]) };
}
