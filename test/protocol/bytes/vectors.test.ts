import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { canonicalJson, fromHex, readJson, toHex } from "../../../protocol/bytes/index.ts";
import type { JsonLimits } from "../../../protocol/bytes/index.ts";

interface Vectors {
  readonly limits: JsonLimits;
  readonly valid: readonly { readonly about: string; readonly hex: string; readonly canonical: string }[];
  readonly refused: readonly { readonly about: string; readonly hex: string; readonly code: string }[];
}

const FILE = new URL("../../vectors/json/texts.json", import.meta.url);
const { limits, valid, refused } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

test("our vectors: texts and the canonical JSON of what they say", () => {
  assert.ok(valid.length > 5);
  for (const { about, hex, canonical } of valid) {
    assert.equal(toHex(canonicalJson(readJson(fromHex(hex), limits))), canonical, about);
  }
});

test("our vectors: texts that are refused, with their codes", () => {
  assert.ok(refused.length > 20);
  for (const { about, hex, code } of refused) {
    assert.throws(() => readJson(fromHex(hex), limits), { code }, about);
  }
});
