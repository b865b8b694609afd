import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { fromHex, toHex, utf8 } from "../../../protocol/bytes/index.ts";
import {
  assertUsableKey,
  isSmallOrder,
  precheck,
  publicFromSeed,
  signEd25519,
  verifyEd25519,
} from "../../../protocol/crypto/ed25519.ts";
import * as native from "../../../protocol/crypto/native.ts";
import * as portable from "../../../protocol/crypto/portable.ts";

const VECTORS = new URL("../../vectors/ed25519/", import.meta.url);

interface Case {
  readonly number: number;
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

function load(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, VECTORS), "utf8"));
}

type Row = { number: number; key: string; sig: string; msg: string; result?: string };

function rows(name: string, message: (text: string) => Uint8Array): Case[] {
  return (load(name) as Row[]).map(({ number, key, sig, msg }) => ({
    number,
    key: fromHex(key),
    message: message(msg),
    signature: fromHex(sig),
  }));
}

const zip215 = load("zip215") as { message: string; canonical: string[]; nonCanonical: string[] };
const smallOrders = [...zip215.canonical, ...zip215.nonCanonical];

/** Every pair of small-order encodings as key and R, S = 0. */
const zip215Cases: Case[] = smallOrders.flatMap((key, i) =>
  smallOrders.map((r, j) => ({
    number: i * smallOrders.length + j,
    key: fromHex(key),
    message: utf8(zip215.message),
    signature: fromHex(r + "00".repeat(32)),
  })),
);

const sets: Readonly<Record<string, readonly Case[]>> = {
  cctv: rows("cctv", utf8),
  speccheck: rows("speccheck", fromHex),
  wycheproof: rows("wycheproof", fromHex),
  zip215: zip215Cases,
};

type Verify = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
type Verdicts = Record<string, { cases: number; accepted: number[] }>;

function verdictsOf(verify: Verify): Verdicts {
  return Object.fromEntries(
    Object.entries(sets).map(([name, cases]) => [
      name,
      {
        cases: cases.length,
        accepted: cases.filter((c) => verify(c.key, c.message, c.signature)).map((c) => c.number),
      },
    ]),
  );
}

/** The rule with the equation of one implementation. */
const ruleWith =
  (equation: Verify): Verify =>
  (key, message, signature) =>
    precheck(key, signature) && equation(key, message, signature);

// After a deliberate change of the rule: SAMEBITS_RECORD=1 node --test test/protocol/crypto/ed25519.test.ts
if (process.env["SAMEBITS_RECORD"] === "1") {
  const recorded = JSON.stringify(verdictsOf(verifyEd25519));
  writeFileSync(new URL("verdicts.json", VECTORS), `${recorded.replaceAll('},"', '},\n"')}\n`);
}

test("the sets hold 914, 12, 151 and 196 cases", () => {
  const sizes = Object.fromEntries(Object.entries(sets).map(([name, cases]) => [name, cases.length]));
  assert.deepEqual(sizes, { cctv: 914, speccheck: 12, wycheproof: 151, zip215: 196 });
});

for (const [name, verify] of Object.entries({
  "verifyEd25519()": verifyEd25519,
  "the rule on node:crypto": ruleWith(native.equation),
  "the rule on noble's points": ruleWith(portable.equation),
})) {
  test(`${name} gives the recorded verdicts`, () => {
    assert.deepEqual(verdictsOf(verify), load("verdicts"));
  });
}

test("verifyEd25519() agrees with Wycheproof's results", () => {
  const wanted = (load("wycheproof") as Row[])
    .filter((row) => row.result === "valid")
    .map((row) => row.number);
  assert.deepEqual(verdictsOf(verifyEd25519)["wycheproof"]?.accepted, wanted);
});

test("verifyEd25519() refuses every key and R of small order, also where the equation holds", () => {
  for (const text of smallOrders) {
    assert.equal(isSmallOrder(fromHex(text)), true, text);
    assert.throws(() => assertUsableKey(fromHex(text)), { code: "key/small-order" });
  }
  const identity = fromHex(`01${"00".repeat(31)}`);
  const signature = fromHex(`01${"00".repeat(63)}`);
  assert.equal(portable.equation(identity, utf8("x"), signature), true, "the equation alone would accept");
  assert.equal(verifyEd25519(identity, utf8("x"), signature), false);
});

test("verifyEd25519() is false, and does not throw, for lengths other than 32 and 64", () => {
  const seed = new Uint8Array(32).fill(7);
  const key = publicFromSeed(seed);
  const signature = signEd25519(seed, utf8("x"));
  for (let length = 0; length <= 80; length++) {
    const longer = new Uint8Array(length);
    longer.set(signature.subarray(0, length));
    assert.equal(verifyEd25519(key, utf8("x"), longer), length === 64);
    const other = new Uint8Array(length);
    other.set(key.subarray(0, length));
    assert.equal(verifyEd25519(other, utf8("x"), signature), length === 32);
  }
});

test("a key that is no point of the curve verifies nothing, in either implementation", () => {
  const off = fromHex(`02${"00".repeat(31)}`);
  const signature = signEd25519(new Uint8Array(32), utf8("x"));
  for (const { equation } of [native, portable]) assert.equal(equation(off, utf8("x"), signature), false);
  assert.doesNotThrow(() => assertUsableKey(off));
});

test("S + L in place of S is refused (malleability)", () => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const seed = new Uint8Array(32).fill(9);
  const signature = signEd25519(seed, utf8("x"));
  let s = signature.subarray(32).reduceRight((value, octet) => (value << 8n) | BigInt(octet), 0n) + order;
  const shifted = signature.slice();
  for (let i = 32; i < 64; i++, s >>= 8n) shifted[i] = Number(s & 255n);
  assert.equal(verifyEd25519(publicFromSeed(seed), utf8("x"), signature), true);
  assert.equal(verifyEd25519(publicFromSeed(seed), utf8("x"), shifted), false);
});

test("native and portable make the same keys and signatures, and each verifies them", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 200 }),
      (seed, message) => {
        const key = native.publicFromSeed(seed);
        assert.deepEqual(portable.publicFromSeed(seed), key);
        const signature = native.sign(seed, message);
        assert.deepEqual(portable.sign(seed, message), signature);
        assert.equal(native.equation(key, message, signature), true);
        assert.equal(portable.equation(key, message, signature), true);
      },
    ),
    { numRuns: 20 },
  );
});

test("a seed that is overwritten signs as what it is then", () => {
  const seed = new Uint8Array(32).fill(1);
  const before = native.sign(seed, utf8("x"));
  assert.deepEqual(native.sign(seed, utf8("x")), before);
  seed.fill(2);
  assert.deepEqual(native.sign(seed, utf8("x")), portable.sign(new Uint8Array(32).fill(2), utf8("x")));
  seed.fill(1);
  assert.deepEqual(native.sign(seed, utf8("x")), before);
});

test("every changed octet of key, message and signature is noticed", () => {
  const seed = new Uint8Array(32).fill(1);
  const key = publicFromSeed(seed);
  const message = utf8("DSSEv1 hello");
  const signature = signEd25519(seed, message);
  const tampered = (bytes: Uint8Array): Uint8Array[] =>
    Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const copy = bytes.slice();
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return copy;
    });
  for (const bad of tampered(key)) assert.equal(verifyEd25519(bad, message, signature), false, toHex(bad));
  for (const bad of tampered(message)) assert.equal(verifyEd25519(key, bad, signature), false, toHex(bad));
  for (const bad of tampered(signature)) assert.equal(verifyEd25519(key, message, bad), false, toHex(bad));
});

test("a seed of another length than 32 is refused", () => {
  assert.throws(() => publicFromSeed(new Uint8Array(31)), { code: "der/bad-key" });
  assert.throws(() => signEd25519(new Uint8Array(64), utf8("x")), { code: "der/bad-key" });
});
