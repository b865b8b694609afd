/** Origins: a feed's name, which is its key (RULES R1). */
import { fromHex, quote, reading, toHex, utf8 } from "../bytes/index.ts";
import { KEY_BYTES, sha256 } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { isNetworkName } from "../names.ts";

/** What an origin says. Frozen. */
export interface OriginParts {
  readonly network: string;
  /** The feed's raw Ed25519 key; taken from here and from nowhere else. */
  readonly key: Uint8Array;
}

/** `samebits/<network>/<lowercase hex of the key>`. Throws `checkpoint/bad-origin`. */
export function origin(network: string, key: Uint8Array): string {
  if (!isNetworkName(network)) throw badOrigin(`${quote(network)} is no name of a network`);
  if (key.length !== KEY_BYTES) throw badOrigin(`a feed's key has ${KEY_BYTES} octets, not ${key.length}`);
  return `samebits/${network}/${toHex(key)}`;
}

/** Reads an origin, exactly as `origin` writes it. Throws `checkpoint/bad-origin`. */
export function parseOrigin(text: string): OriginParts {
  const [scheme, network = "", hex = "", ...rest] = text.split("/", 4);
  if (scheme !== "samebits" || rest.length > 0 || !isNetworkName(network)) {
    throw badOrigin(`${quote(text)} is not samebits/<network>/<hex of the feed's key>`);
  }
  const key = reading(
    "checkpoint/bad-origin",
    () => quote(text),
    () => fromHex(hex, KEY_BYTES),
  );
  return Object.freeze({ network, key });
}

/** SHA-256 of the origin: names the feed in URLs, to witnesses, and in DHT keys. */
export function originHash(origin: string): Uint8Array {
  return sha256(utf8(origin));
}

function badOrigin(what: string): ProtocolError {
  return new ProtocolError("checkpoint/bad-origin", what);
}
