import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat, utf8 } from "../../../protocol/bytes/index.ts";
import * as door from "../../../protocol/crypto/index.ts";

const { publicFromSeed, signDomain, verifyEd25519 } = door;
const SEED = new Uint8Array(32).fill(4);

const OURS = ["DSSEv1 ", "samebits/main/00\n", "cosignature/v1\n", '{"_type"'];

test("signDomain() signs each of our formats", () => {
  for (const prefix of OURS) {
    const message = utf8(`${prefix}anything`);
    assert.equal(verifyEd25519(publicFromSeed(SEED), message, signDomain(SEED, message)), true, prefix);
  }
});

test("signDomain() refuses all else, and every truncation and change of the prefixes", () => {
  const foreign = [
    "",
    "hello",
    "samebits/ without a line end",
    "dssev1 x",
    "DSSEv2 x",
    "cosignature/v1",
    "cosignature/v2\n",
    '{"type"',
    ' {"_type"',
    "subtree/v1\n\u0000",
    "\nsamebits/\n",
  ];
  for (const text of foreign) {
    assert.throws(() => signDomain(SEED, utf8(text)), { code: "key/foreign-domain" }, JSON.stringify(text));
  }
  for (const prefix of ["DSSEv1 ", "samebits/", "cosignature/v1\n", '{"_type"']) {
    const octets = utf8(prefix);
    for (let at = 0; at < octets.length; at++) {
      const bad = octets.slice();
      bad[at] = (bad[at] ?? 0) ^ 0x20;
      assert.throws(() => signDomain(SEED, concat(bad, utf8("x\n"))), { code: "key/foreign-domain" });
    }
  }
});

test("no octets at random are signed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (message) => {
      assert.throws(() => signDomain(SEED, message), { code: "key/foreign-domain" });
    }),
  );
});

test("no prefix of ours begins another: a message belongs to one format", () => {
  for (const a of OURS) for (const b of OURS) assert.equal(a !== b && a.startsWith(b), false);
});

test("the folder's door has no other function that signs", () => {
  const names = Object.keys(door).filter((name) => /^sign/i.test(name));
  assert.deepEqual(
    names,
    ["signDomain"].concat(names.filter((name) => name === "SIGNATURE_BYTES")).toSorted(),
  );
});
