import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ProtocolError } from "../../../protocol/errors.ts";
import { readPolicy } from "../../../protocol/policy/index.ts";
import { enough } from "./enough.ts";
import type { Enough } from "./enough.ts";

interface Vectors {
  readonly valid: readonly {
    readonly about: string;
    readonly text: string;
    readonly for: readonly (Enough & { readonly purl: string })[];
  }[];
  readonly refused: readonly {
    readonly about: string;
    readonly text: string;
    readonly code: string;
    readonly at: string | null;
  }[];
}

const FILE = new URL("../../vectors/policy/policies.json", import.meta.url);
const { valid, refused } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

for (const { about, text, for: asked } of valid) {
  test(`our vectors: ${about}`, () => {
    for (const { purl, ...answer } of asked) assert.deepEqual(enough(text, purl), answer, purl);
  });
}

for (const { about, text, code, at } of refused) {
  test(`our vectors refuse ${about}`, () => {
    assert.throws(
      () => readPolicy(text),
      (error) => {
        assert.ok(error instanceof ProtocolError);
        assert.equal(error.code, code);
        if (at !== null) assert.ok(error.message.startsWith(`policy.toml:${at}:`), error.message);
        return true;
      },
    );
  });
}
