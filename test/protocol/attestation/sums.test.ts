import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { compareSums, parseSums } from "../../../protocol/attestation/index.ts";
import type { Sums } from "../../../protocol/attestation/index.ts";
import { toHex, utf8 } from "../../../protocol/bytes/index.ts";
import { throwsCode, vector } from "./made.ts";

function manifests(release: string, list = "noncodesigned"): ReadonlyMap<string, Sums> {
  const folder = new URL(`../../vectors/guix-sigs/${release}/`, import.meta.url);
  const read = (name: string): Sums => parseSums(vector(`guix-sigs/${release}/${name}/${list}.SHA256SUMS`));
  const has = (name: string): boolean => existsSync(new URL(`${name}/${list}.SHA256SUMS`, folder));
  return new Map(readdirSync(folder).flatMap((name) => (has(name) ? [[name, read(name)]] : [])));
}

function disagreements(all: ReadonlyMap<string, Sums>): string[] {
  const pairs: string[] = [];
  for (const [nameA, a] of all) {
    for (const [nameB, b] of all) {
      if (nameA < nameB && compareSums(a, b).length > 0) pairs.push(`${nameA} ${nameB}`);
    }
  }
  return pairs;
}

test("23.0rc1: each list has one name twice with two digests, and nobody contradicts anybody, not even himself", () => {
  const all = manifests("23.0rc1");
  assert.equal(all.size, 11);
  for (const sums of all.values()) {
    const several = [...sums.digests].filter(([, digests]) => digests.size > 1).map(([file]) => file);
    assert.deepEqual(several, ["bitcoin-23.0rc1-osx-unsigned.dmg", "bitcoin-23.0rc1-osx-unsigned.tar.gz"]);
    assert.equal(sums.rows.length, sums.digests.size + 2);
    assert.deepEqual(compareSums(sums, sums), []);
  }
  assert.deepEqual(disagreements(all), []);
});

test("27.0: one dissenter, in 21 of 23 files", () => {
  const all = manifests("27.0-dissent");
  assert.deepEqual(disagreements(all), ["0xb10c achow101", "0xb10c fanquake", "0xb10c hebasto"]);
  const [dissenter, other] = [all.get("0xb10c"), all.get("fanquake")];
  assert.ok(dissenter !== undefined && other !== undefined);
  const differences = compareSums(dissenter, other);
  assert.equal(differences.length, 21);
  assert.equal(dissenter.rows.length, 23);
  for (const { onlyA, onlyB } of differences) assert.deepEqual([onlyA.length, onlyB.length], [1, 1]);
});

test("30.2: all agree, on what they built and on what was signed later", () => {
  const [built, signed] = [manifests("30.2"), manifests("30.2", "all")];
  assert.deepEqual([built.size, signed.size], [17, 15]);
  assert.deepEqual([disagreements(built), disagreements(signed)], [[], []]);
  const [one, other] = [built.get("fanquake"), signed.get("fanquake")];
  assert.ok(one !== undefined && other !== undefined);
  assert.deepEqual(compareSums(one, other), []);
});

test("a name with several digests agrees only where all are the same", () => {
  const list = (...rows: [string, string][]): Sums =>
    parseSums(utf8(rows.map(([digit, name]) => `${digit.repeat(64)}  ${name}\n`).join("")));
  assert.deepEqual(compareSums(list(["a", "f"], ["b", "f"]), list(["b", "f"], ["a", "f"])), []);
  assert.deepEqual(compareSums(list(["a", "f"], ["b", "f"]), list(["a", "f"], ["c", "f"])), [
    { file: "f", onlyA: ["b".repeat(64)], onlyB: ["c".repeat(64)] },
  ]);
  assert.deepEqual(
    compareSums(list(["a", "f"]), list(["b", "g"])),
    [],
    "different files are no disagreement",
  );
});

test("what is written reads back", () => {
  const row = fc.tuple(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.stringMatching(/^[!-~é][ -~é]{0,40}$/),
  );
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), fc.boolean(), (rows, binary) => {
      const text = rows.map(([octets, file]) => `${toHex(octets)} ${binary ? "*" : " "}${file}\n`).join("");
      assert.deepEqual(
        parseSums(utf8(text)).rows,
        rows.map(([sha256, file]) => ({ file, sha256 })),
      );
    }),
  );
});

test("anything else has a code", () => {
  const digest = "a".repeat(64);
  const bad = [
    "",
    "\n",
    `${digest}  f`,
    `${digest}  f\r\n\n`,
    `${digest} f\n`,
    `${digest}  \n`,
    `${digest.slice(1)}  f\n`,
    `${digest.toUpperCase()}  f\n`,
    `\\${digest}  a\\nb\n`,
    `${digest}  f\n\n`,
    `${digest}  a\u0000b\n`,
    `${digest}  ${"x".repeat(5000)}\n`,
    `${digest}  ${"é".repeat(2_049)}\n`,
    `SHA256 (f) = ${digest}\n`,
  ];
  for (const text of bad) throwsCode(() => parseSums(utf8(text)), "sums/bad-line", JSON.stringify(text));
  throwsCode(() => parseSums(new Uint8Array(2_000_000)), "bytes/too-big");
  throwsCode(() => parseSums(Uint8Array.of(0xff, 0x0a)), "bytes/bad-utf8");
});
