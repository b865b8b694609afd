import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { toHex } from "../../../protocol/bytes/index.ts";
import { keyIdKha, keyIdPlain, parsePublicKey } from "../../../protocol/crypto/index.ts";

interface Vectors {
  readonly valid: readonly {
    readonly about: string;
    readonly text: string;
    readonly type: string;
    readonly raw: string;
    readonly spki: string;
    readonly keyid: string;
    readonly keyidWithHashAlgorithms: string;
  }[];
  readonly refused: readonly { readonly about: string; readonly text: string; readonly code: string }[];
}

const FILE = new URL("../../vectors/keys/keys.json", import.meta.url);
const { valid, refused } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

test("our vectors: one key in every writing, and its names", () => {
  for (const { about, text, type, raw, spki, keyid, keyidWithHashAlgorithms } of valid) {
    const key = parsePublicKey(text);
    assert.deepEqual([key.type, toHex(key.raw), toHex(key.spki)], [type, raw, spki], about);
    assert.deepEqual([keyIdPlain(key), keyIdKha(key)], [keyid, keyidWithHashAlgorithms], about);
  }
  assert.equal(new Set(valid.filter(({ type }) => type === "ed25519").map(({ raw }) => raw)).size, 1);
});

test("our vectors: what is no key is refused with its code", () => {
  assert.ok(refused.length > 15);
  for (const { about, text, code } of refused) {
    assert.throws(() => parsePublicKey(text), { code }, about);
  }
});
