/** Chains of roots: what is pinned, what may follow, and what may not. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  fingerprintOf,
  firstRoot,
  isSplit,
  keyIdKha,
  keyIdPlain,
  MAX_TRUST_SIGNATURES,
  nextRoot,
  parseFingerprint,
  toHex,
} from "../../../protocol/index.ts";
import type { ProtocolCode, Root } from "../../../protocol/index.ts";
import { throwsCode } from "../attestation/made.ts";
import { changed, closed, LATER, opened, owner, rootOf, signedBy } from "./domains.ts";
import type { Owner } from "./domains.ts";

const [alice, bob, carol, dave] = [owner(1), owner(2), owner(3), owner(4)];
const OWNERS = [alice, bob, carol];
const FIRST = signedBy(rootOf(1, OWNERS, 2), "root", alice, bob);
const PIN = fingerprintOf(FIRST);

function vector(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../vectors/tuf-root/${name}`, import.meta.url)));
}

function first(): Root {
  return firstRoot(FIRST, PIN);
}

test("the good chain of the vectors is walked, the bad roots are refused", () => {
  const one = firstRoot(vector("1.root.json"), fingerprintOf(vector("1.root.json")));
  const two = nextRoot(one, vector("2.root.json"));
  assert.deepEqual([two.version, two.domain, two.root.threshold], [2, one.domain, 2]);
  throwsCode(() => nextRoot(one, vector("2.root.BAD-dup-sig.json")), "trust/bad-signatures");
  throwsCode(() => nextRoot(one, vector("2.root.BAD-only-new-keys.json")), "trust/not-signed");
  throwsCode(() => nextRoot(one, vector("3.root.BAD-skips-version.json")), "trust/wrong-version");
  throwsCode(() => nextRoot(two, vector("2.root.json")), "trust/wrong-version");
});

test("a fingerprint pins the first root, whoever has signed it by then, and 160 bits are enough", () => {
  assert.equal(firstRoot(FIRST, PIN.slice(0, 40)).domain, PIN);
  assert.equal(firstRoot(FIRST, PIN.toUpperCase()).domain, PIN);
  assert.equal(fingerprintOf(signedBy(FIRST, "root", carol)), PIN);
  assert.equal(fingerprintOf(rootOf(1, OWNERS, 2)), PIN, "nobody has to have signed yet");
  const other = PIN.startsWith("0") ? `1${PIN.slice(1)}` : `0${PIN.slice(1)}`;
  throwsCode(() => firstRoot(FIRST, other), "trust/wrong-fingerprint");
  for (const bad of [PIN.slice(0, 39), `${PIN}0`, "", `${PIN.slice(0, 63)}g`, ` ${PIN}`])
    throwsCode(() => parseFingerprint(bad), "trust/bad-fingerprint");
  const second = signedBy(rootOf(2, OWNERS, 2), "root", alice, bob);
  throwsCode(() => firstRoot(second, fingerprintOf(second)), "trust/wrong-version");
  const alone = signedBy(rootOf(1, OWNERS, 2), "root", alice);
  throwsCode(() => firstRoot(alone, PIN), "trust/not-signed");
});

test("a root needs enough of the old keys and enough of its own", () => {
  const rotated = [bob, carol, dave];
  const next = (...by: Owner[]): Root => nextRoot(first(), signedBy(rootOf(2, rotated, 2), "root", ...by));
  assert.equal(next(bob, carol).version, 2, "who is in both counts for both");
  assert.equal(next(alice, bob, dave).version, 2);
  throwsCode(() => next(alice, bob), "trust/not-signed");
  throwsCode(() => next(carol, dave), "trust/not-signed");
  throwsCode(() => next(bob), "trust/not-signed");
  const raised = signedBy(rootOf(2, OWNERS, 3), "root", alice, bob);
  throwsCode(() => nextRoot(first(), raised), "trust/not-signed");
  assert.equal(nextRoot(first(), signedBy(raised, "root", carol)).root.threshold, 3);
});

test("one key is one signer, under however many ids", () => {
  const twice = changed(
    rootOf(2, OWNERS, 2),
    "root",
    (signed) => {
      const keys = signed["keys"] as Record<string, unknown>;
      keys[keyIdKha(alice.key)] = keys[keyIdPlain(alice.key)];
      const roles = signed["roles"] as { root: { keyids: string[] } };
      roles.root.keyids.push(keyIdKha(alice.key));
    },
    alice,
  );
  const document = opened(twice);
  const [signature] = document.signatures as { sig: string }[];
  document.signatures.push({ keyid: keyIdKha(alice.key), sig: signature?.sig });
  throwsCode(() => nextRoot(first(), closed(document)), "trust/not-signed");
  assert.equal(nextRoot(first(), signedBy(closed(document), "root", bob)).version, 2);
});

test("what is signed cannot be changed, and nothing travels beside it", () => {
  const second = signedBy(rootOf(2, OWNERS, 2), "root", alice, bob);
  const { signatures, signed } = opened(second);
  throwsCode(() => nextRoot(first(), closed({ signatures, signed, note: "hello" })), "shape/unknown-member");
  const [one] = signatures as object[];
  throwsCode(
    () => nextRoot(first(), closed({ signatures: [{ ...one, by: "me" }], signed })),
    "shape/unknown-member",
  );
  throwsCode(
    () => nextRoot(first(), closed({ signatures, signed: { ...signed, expires: "2031-01-01T00:00:00Z" } })),
    "trust/not-signed",
  );
  const laidOut = new TextEncoder().encode(JSON.stringify({ signed, signatures }, null, 2));
  assert.equal(nextRoot(first(), laidOut).version, 2, "blanks and order of members are no part of it");
  const more = changed(rootOf(2, OWNERS, 2), "root", (one) => (one["x-other-tool"] = [1]), alice, bob);
  assert.equal(nextRoot(first(), more).version, 2, "members that others add are signed, and let be");
});

test("roles that could never sign, and keys that nobody lists, are refused", () => {
  interface Said {
    keyids: string[];
    threshold: number;
  }
  const bad = (role: string, change: (said: Said) => void): Uint8Array => {
    const inRole = (signed: Record<string, unknown>): void => {
      const said = (signed["roles"] as Record<string, Said>)[role];
      assert.ok(said);
      change(said);
    };
    return changed(rootOf(2, OWNERS, 2), "root", inRole, alice, bob);
  };
  const cases: readonly [ProtocolCode, Uint8Array][] = [
    ["trust/bad-role", bad("root", (said) => (said.threshold = 4))],
    ["shape/out-of-range", bad("root", (said) => (said.threshold = 0))],
    ["trust/bad-role", bad("root", (said) => said.keyids.push("00"))],
    ["trust/bad-role", bad("targets", (said) => said.keyids.push(keyIdPlain(alice.key)))],
    ["trust/bad-role", bad("targets", (said) => (said.keyids = []))],
    ["shape/missing", changed(rootOf(2, OWNERS, 2), "root", (signed) => delete signed["roles"], alice, bob)],
  ];
  for (const [code, bytes] of cases) throwsCode(() => nextRoot(first(), bytes), code);
});

test("keys of other kinds are let be, and do not count", () => {
  const withRsa = changed(
    rootOf(2, OWNERS, 2),
    "root",
    (signed) => {
      const keys = signed["keys"] as Record<string, unknown>;
      keys["an rsa key"] = { keytype: "rsa", scheme: "rsassa-pss-sha256", keyval: { public: "…" } };
      (signed["roles"] as { root: { keyids: string[] } }).root.keyids.push("an rsa key");
    },
    alice,
    bob,
  );
  assert.equal(nextRoot(first(), withRsa).root.keys.size, 3);
});

test("hostile documents: their size, depth, numbers and signatures are bounded", () => {
  const { signed } = opened(FIRST);
  const many = Array.from({ length: MAX_TRUST_SIGNATURES + 1 }, (_, i) => ({ keyid: `${i}`, sig: "" }));
  const cases: readonly [ProtocolCode, Uint8Array][] = [
    ["bytes/too-big", new Uint8Array(65_537)],
    ["json/too-deep", new TextEncoder().encode("[".repeat(1_000))],
    ["trust/bad-signatures", closed({ signatures: many, signed })],
    ["bytes/bad-hex", closed({ signatures: [{ keyid: "a", sig: "AB" }], signed })],
    ["trust/unsupported", closed({ signatures: [], signed: { ...signed, spec_version: "2.0.0" } })],
    ["shape/out-of-range", closed({ signatures: [], signed: { ...signed, version: 0 } })],
    ["shape/out-of-range", closed({ signatures: [], signed: { ...signed, _type: "targets" } })],
    [
      "attestation/bad-time",
      closed({ signatures: [], signed: { ...signed, expires: "2030-02-30T00:00:00Z" } }),
    ],
    ["json/bad-number", closed({ signatures: [], signed: { ...signed, version: 1.5 } })],
  ];
  for (const [code, bytes] of cases) throwsCode(() => fingerprintOf(bytes), code);
});

test("two roots of one version are told from one that was signed by more", () => {
  const second = signedBy(rootOf(2, OWNERS, 2), "root", alice, bob);
  const a = nextRoot(first(), second);
  assert.ok(!isSplit(a, nextRoot(first(), signedBy(second, "root", carol))));
  const other = signedBy(rootOf(2, OWNERS, 2, { expires: LATER + 1_000 }), "root", alice, bob);
  assert.ok(isSplit(a, nextRoot(first(), other)));
  assert.ok(!isSplit(first(), a));
});

test("whoever signs, a root follows exactly where enough of both sets of keys are among them", () => {
  const people = [1, 2, 3, 4, 5].map(owner);
  const some = fc.subarray(people, { minLength: 1 });
  fc.assert(
    fc.property(some, some, some, fc.nat(), fc.nat(), (before, after, signers, m, n) => {
      const old = 1 + (m % before.length);
      const own = 1 + (n % after.length);
      const root = signedBy(rootOf(1, before, old), "root", ...before);
      const one = firstRoot(root, fingerprintOf(root));
      const two = signedBy(rootOf(2, after, own), "root", ...signers);
      const among = (keys: readonly Owner[]): number =>
        keys.filter((each) => signers.some(({ key }) => toHex(key.raw) === toHex(each.key.raw))).length;
      const may = among(before) >= old && among(after) >= own;
      if (may) assert.equal(nextRoot(one, two).version, 2);
      else throwsCode(() => nextRoot(one, two), "trust/not-signed");
    }),
    { numRuns: 100 },
  );
});
