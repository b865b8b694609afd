/** One key material in two guises, by itself and as OpenPGP's: two keys of one builder, and of one builder only. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, u32be } from "../../../protocol/bytes/index.ts";
import {
  NOTE_COSIGNATURE,
  openPgpKey,
  toOpenPgpLine,
  toRebuilderdPem,
  toSpkiPem,
  toVkey,
} from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { readPolicy } from "../../../protocol/policy/index.ts";
import type { Policy } from "../../../protocol/policy/index.ts";
import { KEYS } from "./faults.ts";

const plain: PublicKey = KEYS[0] ?? assert.fail();
const other: PublicKey = KEYS[1] ?? assert.fail();
const VERSION_4 = 4;
/** RFC 9580, 9.1: Ed25519, whose key stands as it is. */
const ED25519 = 27;
/** The same material in OpenPGP keys of two times: three keys. */
const pgp: PublicKey = guise(plain, 1_700_000_000);
const later: PublicKey = guise(plain, 1_700_000_001);

function guise({ raw }: PublicKey, created: number): PublicKey {
  return openPgpKey(concat(Uint8Array.of(VERSION_4), u32be(created), Uint8Array.of(ED25519), raw));
}

function quoted(key: PublicKey): string {
  return JSON.stringify(key.type === "openpgp" ? toOpenPgpLine(key) : toSpkiPem(key));
}

function policyOf(...keys: readonly string[]): Policy {
  const builders = `[builders.a]\nkeys = [${keys.join(", ")}]\n[builders.b]\nkey = ${quoted(other)}\n`;
  const witnesses = `[witnesses.w]\nkey = ${JSON.stringify(toVkey("w", KEYS[2]?.raw ?? new Uint8Array(0), NOTE_COSIGNATURE))}\n`;
  return readPolicy(
    `version = 1\n${witnesses}${builders}[[rules]]\nname = "r"\nmatch = "pkg:deb/*/*"\nrequire = { k = 1, of = ["a", "b"] }\n`,
  );
}

function codeOf(read: () => unknown): string {
  try {
    read();
    return "read";
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error);
  }
}

test("a builder keeps every guise of its key, in any order, and a second writing of one is the same key", () => {
  const orders = [
    [plain, pgp, later],
    [pgp, plain, later],
    [later, pgp, plain],
  ];
  for (const keys of orders) {
    const read = policyOf(...keys.map(quoted)).builders.get("a")?.keys ?? [];
    assert.deepEqual(
      read.map(({ type, raw }) => [type, raw]),
      keys.map(({ type, raw }) => [type, raw]),
    );
  }
  const twice = policyOf(quoted(plain), quoted(pgp), JSON.stringify(toRebuilderdPem(plain)), quoted(pgp));
  assert.deepEqual(
    twice.builders.get("a")?.keys.map(({ type }) => type),
    ["ed25519", "openpgp"],
  );
});

test("no two builders have one material, in whatever guise", () => {
  assert.equal(
    codeOf(() => policyOf(quoted(plain), quoted(guise(other, 1_700_000_000)))),
    "policy/shared-key",
  );
});

test("a witness has the material of no builder, in whatever guise", () => {
  assert.equal(
    codeOf(() => policyOf(quoted(guise(KEYS[2] ?? plain, 1_700_000_000)))),
    "policy/shared-key",
  );
});

test("who holds the material signs in every guise: they are revoked as of one time, or none is", () => {
  const revoked = (key: PublicKey, day: string): string => `{ key = ${quoted(key)}, revoked = "${day}" }`;
  for (const [one, two] of [
    [plain, pgp],
    [pgp, plain],
  ] as const) {
    const both = policyOf(revoked(one, "2026-10-01"), revoked(two, "2026-10-01")).builders.get("a");
    assert.deepEqual(
      both?.revoked.map(({ key }) => key.type),
      [one.type, two.type],
    );
    for (const keys of [
      [quoted(one), revoked(two, "2026-10-01")],
      [revoked(one, "2026-10-01"), quoted(two)],
      [revoked(one, "2026-10-01"), revoked(two, "2026-10-02")],
      [revoked(one, "2026-10-01"), revoked(one, "2026-10-01")],
      [quoted(one), revoked(one, "2026-10-01")],
    ])
      assert.equal(
        codeOf(() => policyOf(...keys)),
        "policy/duplicate-name",
        keys.join(", "),
      );
  }
});
