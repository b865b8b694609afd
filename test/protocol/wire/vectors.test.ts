import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fromHex, toHex } from "../../../protocol/bytes/index.ts";
import { FRAME_KINDS } from "./frames.ts";

interface Vectors {
  readonly valid: readonly { readonly kind: string; readonly value: unknown; readonly hex: string }[];
  readonly refused: readonly {
    readonly kind: string;
    readonly why: string;
    readonly hex: string;
    readonly code: string;
  }[];
}

const FILE = new URL("../../vectors/wire/frames.json", import.meta.url);
const { valid, refused } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

function kindOf(name: string): (typeof FRAME_KINDS)[number] {
  const kind = FRAME_KINDS.find((candidate) => candidate.name === name);
  assert.ok(kind !== undefined, name);
  return kind;
}

/** Octets as hex, as the vectors have them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

describe("vectors of frames", () => {
  for (const [number, { kind, value, hex }] of valid.entries()) {
    it(`reads number ${number}, ${kind}`, () => {
      const { read, again } = kindOf(kind);
      assert.deepEqual(plain(read(fromHex(hex))), value);
      assert.equal(toHex(again(fromHex(hex))), hex);
    });
  }

  for (const { kind, why, hex, code } of refused) {
    it(`refuses ${kind}: ${why}`, () => {
      assert.throws(() => kindOf(kind).read(fromHex(hex)), { code });
    });
  }
});
