/** What the tests of `protocol/feed` share: published vectors, a feed's key, and asking for an error by its code. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { publicFromSeed, signEd25519 } from "../../../protocol/crypto/ed25519.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import type { ProtocolCode } from "../../../protocol/errors.ts";
import { origin } from "../../../protocol/feed/index.ts";

const VECTORS = new URL("../../vectors/", import.meta.url);

export function vectorBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, VECTORS)));
}

export function vector(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, VECTORS), "utf8"));
}

/** Base64 of published vectors, whose writing is not what is tested. */
export function base64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

export function text(string: string): Uint8Array {
  return new TextEncoder().encode(string);
}

/** Runs what must throw a ProtocolError with this code. */
export function refused(code: ProtocolCode, run: () => unknown, what?: string): void {
  assert.equal(codeOf(run), code, what);
}

/** The code of the ProtocolError that `run` throws, null if it throws nothing. */
export function codeOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

/** A feed's key made of one octet, for tests alone. */
export interface TestFeed {
  readonly origin: string;
  readonly key: Uint8Array;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

export function testFeed(octet: number, network: string = "test"): TestFeed {
  const seed = new Uint8Array(32).fill(octet);
  const key = publicFromSeed(seed);
  return { origin: origin(network, key), key, sign: (bytes) => signEd25519(seed, bytes) };
}

/** All octets of `bytes`, one after the other, with one bit flipped. */
export function* flipped(bytes: Uint8Array): Generator<{ at: number; bytes: Uint8Array }> {
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    yield { at, bytes: changed };
  }
}
