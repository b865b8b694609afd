/** Two good roots of one version are evidence; nothing less is, so that no honest domain is framed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  beginsAsSplit,
  checkSplit,
  describeSplit,
  fingerprintOf,
  firstRoot,
  fromUtf8,
  idOfSplit,
  keyIdPlain,
  MAX_SPLIT_BYTES,
  nextRoot,
  proveSplit,
  signersOfBoth,
  toBase64,
  utf8,
  writeSplit,
} from "../../../protocol/index.ts";
import type { Root } from "../../../protocol/index.ts";
import { throwsCode } from "../attestation/made.ts";
import { LATER, owner, rootOf, signedBy } from "./domains.ts";
import type { Owner } from "./domains.ts";

const [alice, bob, carol, dave] = [owner(1), owner(2), owner(3), owner(4)];
const OWNERS = [alice, bob, carol];
const FIRST = signedBy(rootOf(1, OWNERS, 2), "root", alice, bob);
const PIN = fingerprintOf(FIRST);
const one = firstRoot(FIRST, PIN);

/** Root `version` by its day of expiry, so that each is another one. */
const root = (version: number, day: number, owners: readonly Owner[], ...by: readonly Owner[]): Uint8Array =>
  signedBy(rootOf(version, owners, 2, { expires: LATER + 86_400_000 * day }), "root", ...by);
const SECOND = root(2, 0, OWNERS, alice, bob);
const CHAIN: readonly [Root, Root] = [one, nextRoot(one, SECOND)];
const [X, Y] = [root(3, 1, OWNERS, alice, bob), root(3, 2, [bob, carol, dave], bob, carol)];

const proof = (): Uint8Array => writeSplit(proveSplit(CHAIN, X, Y));

/** A file as a liar would write it. */
function said(change: Record<string, unknown>): Uint8Array {
  const base64 = (bytes: Uint8Array): string => toBase64(bytes);
  return utf8(
    JSON.stringify({
      samebits: 1,
      type: "evidence",
      kind: "split",
      domain: PIN,
      roots: [FIRST, SECOND].map(base64),
      a: base64(X),
      b: base64(Y),
      ...change,
    }),
  );
}

test("a proof holds on its own, whichever root was seen first, and says who signed both", () => {
  const bytes = proof();
  assert.deepEqual(writeSplit(proveSplit(CHAIN, Y, X)), bytes);
  assert.ok(beginsAsSplit(bytes));
  const evidence = checkSplit(bytes);
  assert.deepEqual([evidence.a.version, evidence.b.version, evidence.roots.length], [3, 3, 2]);
  assert.deepEqual(signersOfBoth(evidence).map(keyIdPlain), [keyIdPlain(bob.key)]);
  assert.deepEqual(checkSplit(utf8(`${fromUtf8(bytes)}\n`)).a.signedBytes, evidence.a.signedBytes);
  assert.match(
    describeSplit(evidence).join("\n"),
    new RegExp(`two roots 3[^]*${PIN}[^]*Proven: [^]*Not proven: `),
  );
  const other = proveSplit([one], root(2, 5, OWNERS, alice, carol), SECOND);
  assert.equal(idOfSplit(other), idOfSplit(evidence), "one matter");
  assert.deepEqual(checkSplit(writeSplit(other)).roots.length, 1);
});

test("an honest domain can't be framed", () => {
  const good = fromUtf8(proof());
  const at = (bytes: Uint8Array): string => toBase64(bytes);
  const { a, b } = JSON.parse(good) as { a: string; b: string };
  const MALLORY = [owner(7), owner(8), owner(9)];
  const own = signedBy(rootOf(1, MALLORY, 2), "root", ...MALLORY);
  for (const [what, change, code] of [
    [
      "one root lacks a signature of the old threshold",
      { b: at(root(3, 2, OWNERS, bob)) },
      "trust/not-signed",
    ],
    ["one root lacks its own threshold", { b: at(root(3, 2, MALLORY, alice, bob)) }, "trust/not-signed"],
    ["one root is signed by strangers", { b: at(root(3, 2, MALLORY, ...MALLORY)) }, "trust/not-signed"],
    ["one root is of another version", { b: at(root(4, 2, OWNERS, alice, bob)) }, "trust/wrong-version"],
    ["both are of a version that does not follow", { a: at(SECOND), b: at(SECOND) }, "trust/wrong-version"],
    ["both are the same", { b: at(X), a: at(X) }, "evidence/no-split"],
    [
      "both are the same, signed by others",
      { a: at(X), b: at(signedBy(X, "root", carol)) },
      "evidence/no-split",
    ],
    ["a chain of other owners", { roots: [at(own)] }, "trust/wrong-fingerprint"],
    ["a chain with a gap", { roots: [at(FIRST), at(X)] }, "trust/wrong-version"],
    ["no chain", { roots: [] }, "evidence/no-split"],
    ["a fingerprint cut short", { domain: PIN.slice(0, 40) }, "bytes/bad-hex"],
    ["another order", { a: b, b: a }, "evidence/not-canonical"],
    ["a member more", { more: 1 }, "shape/unknown-member"],
    ["what is no root", { a: at(utf8("{}")) }, "shape/missing"],
  ] as const) {
    assert.throws(
      () => checkSplit(said(change)),
      (error: { code?: string }) => {
        assert.equal(error.code, code, what);
        return true;
      },
    );
  }
  throwsCode(() => checkSplit(utf8(`${good} `)), "evidence/not-canonical");
  throwsCode(() => checkSplit(utf8(good.padEnd(MAX_SPLIT_BYTES + 1))), "evidence/too-big");
});
