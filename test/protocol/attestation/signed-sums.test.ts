/** Lists of sums with OpenPGP signatures: what they claim, and that nobody who carries them can change it (RULES R3, R5, R14). */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import {
  namesWhole,
  parseAttestation,
  parseTarget,
  signatureItems,
  verifyOwn,
  verifyWith,
  wrapSums,
} from "../../../protocol/attestation/index.ts";
import type { Attestation, Verified } from "../../../protocol/attestation/index.ts";
import { fromUtf8, toBase64, utf8 } from "../../../protocol/bytes/index.ts";
import { readCertificate } from "../../../client/keys/certificate.ts";
import { keyIdPlain, readDetached } from "../../../protocol/crypto/index.ts";
import { proveContradiction } from "../../../protocol/evidence/index.ts";
import { alice, throwsCode, vector } from "./made.ts";

const FOLDER = new URL("../../vectors/guix-sigs/", import.meta.url);

async function signed(release: string, name: string, list = "noncodesigned"): Promise<Verified> {
  const path = `guix-sigs/${release}/${name}/${list}.SHA256SUMS`;
  const { keys } = await readCertificate(vector(`guix-sigs/builder-keys/${name}.gpg`));
  const [packet] = readDetached(vector(`${path}.asc`));
  assert.ok(packet !== undefined);
  for (const key of keys) {
    const document = wrapSums(fromUtf8(vector(path)), packet, keyIdPlain(key));
    const verified = await verifyWith(parseAttestation(document), key);
    if (verified !== null) return verified;
  }
  return assert.fail(`${name} did not sign ${path}`);
}

const targets = ({ claims }: Attestation): string[] =>
  claims.flatMap(({ target }) => (target === null ? [] : [`${target.purl} ${target.file}`]));

test("a list of Bitcoin Core's builders names targets, and its two stages are two steps", async () => {
  const [built, all] = [await signed("30.2", "laanwj"), await signed("30.2", "laanwj", "all")];
  assert.deepEqual([built.form, built.predicateType], ["sums", "sha256sums"]);
  assert.deepEqual([built.claims.length, all.claims.length], [21, 28]);
  assert.deepEqual(
    [built, all].map(({ claims }) => [
      ...new Set(claims.map(({ step, how, kind }) => `${step} ${how} ${kind}`)),
    ]),
    [["noncodesigned imported positive"], ["all imported positive"]],
  );
  assert.ok(targets(all).includes("pkg:generic/bitcoin-core/bitcoin@30.2 bitcoin-30.2-win64-setup.exe"));
  assert.ok(targets(built).includes("pkg:generic/bitcoin-core/bitcoin@30.2 bitcoin-30.2.tar.gz"));
  assert.equal(targets(built).length, 21);
  const [{ time } = { time: null }] = all.claims;
  assert.equal(new Date(time ?? 0).toISOString().slice(0, 7), "2026-01");
});

test("23.0rc1: a name that stands twice in a list is no target, and contradicts nobody", async () => {
  const names = readdirSync(new URL("23.0rc1/", FOLDER)).filter(
    (name) => !["jamesob", "will8clark"].includes(name),
  );
  const all = await Promise.all(names.map((name) => signed("23.0rc1", name)));
  assert.equal(all.length, 9);
  const twice = ["bitcoin-23.0rc1-osx-unsigned.dmg", "bitcoin-23.0rc1-osx-unsigned.tar.gz"];
  for (const { claims } of all) {
    const loose = claims.filter(({ target }) => target === null).map(({ file }) => file);
    assert.deepEqual([loose.length, [...new Set(loose)].sort()], [4, twice]);
    assert.deepEqual(
      [...new Set(claims.flatMap(({ target }) => target?.purl ?? []))],
      ["pkg:generic/bitcoin-core/bitcoin@23.0rc1"],
    );
  }
  const [one, other] = all;
  assert.ok(one !== undefined && other !== undefined);
  for (const { target } of one.claims) {
    if (target !== null) assert.equal(proveContradiction(one, other, target.key, []), null);
  }
});

test("27.0: whose list differs contradicts the others, by a proof with both signatures", async () => {
  const [one, other] = [await signed("27.0-dissent", "0xb10c"), await signed("27.0-dissent", "fanquake")];
  const proofs = one.claims.flatMap(({ target }) =>
    target === null ? [] : (proveContradiction(one, other, target.key, []) ?? []),
  );
  assert.equal(proofs.length, 21);
  assert.deepEqual(
    [...new Set(proofs.map(({ kind, step }) => `${kind} ${step}`))],
    ["disagreement noncodesigned"],
  );
});

test("who carries a list changes nothing of it: the hint and what is not signed leave the claim id, all else breaks it", async () => {
  const verified = await signed("30.2", "theStack");
  const { sums, openpgp } = JSON.parse(fromUtf8(verified.bytes)) as { sums: string; openpgp: string };
  const read = (document: object): Attestation => parseAttestation(utf8(JSON.stringify(document)));
  const id = async (document: object): Promise<string | null> =>
    (await verifyWith(read(document), verified.signer))?.id ?? null;
  assert.equal(await id({ keyid: "somebody", openpgp, sums }), verified.id);
  assert.equal(await id({ openpgp, sums }), verified.id);
  assert.equal(await id({ openpgp, sums: sums.replace("bitcoin-30.2-", "bitcoin-30.3-") }), null);
  assert.equal(await id({ openpgp, sums: `${sums}${"0".repeat(64)}  more\n` }), null);
  throwsCode(() => read({ openpgp, sums, step: "all" }), "shape/unknown-member");
  throwsCode(() => read({ openpgp: toBase64(utf8("x")), sums }), "openpgp/bad-signature");
  throwsCode(() => read({ openpgp, sums: "no list\n" }), "sums/bad-line");
  throwsCode(() => read({ sums }), "shape/missing");
  assert.deepEqual(signatureItems(verified, alice.key), []);
  assert.equal(verifyOwn(verified, alice.key.raw), null);
});

test("lists of others have no targets; rows beyond a feed's entry are refused", async () => {
  const packet = readDetached(vector("guix-sigs/30.2/laanwj/all.SHA256SUMS.asc"))[0] ?? new Uint8Array();
  const row = (name: string): string => `${"ab".repeat(32)}  ${name}\n`;
  const claims = (...names: string[]): string[] =>
    parseAttestation(wrapSums(names.map(row).join(""), packet, "")).claims.map(
      ({ target, step }) => `${step} ${target?.purl ?? "-"}`,
    );
  assert.deepEqual(claims("bitcoin-30.2.tar.gz"), ["noncodesigned pkg:generic/bitcoin-core/bitcoin@30.2"]);
  // Two versions, or anything else: the list is no list of Bitcoin Core's.
  assert.deepEqual(claims("bitcoin-30.2.tar.gz", "bitcoin-30.1.tar.gz"), ["rebuild -", "rebuild -"]);
  assert.deepEqual(claims("bitcoin-30.2.tar.gz", "README"), ["rebuild -", "rebuild -"]);
  assert.deepEqual(claims("bitcoin-27.1.knots20240801.tar.gz"), ["rebuild -"]);
  assert.deepEqual(claims("x86_64/bitcoin-30.2.tar.gz"), ["rebuild -"]);
  const many = Array.from({ length: 257 }, (_, i) => row(`f${i}`)).join("");
  throwsCode(() => parseAttestation(wrapSums(many, packet, "")), "sums/too-long");
});

test("a file's name binds a list to a package and version only as whole words", () => {
  const whole = (purl: string, file: string): boolean => namesWhole(parseTarget(`pkg:generic/${purl}`, file));
  for (const [purl, file] of [
    ["tor/tor-browser@13.5", "tor-browser-linux-x86_64-13.5.tar.xz"],
    ["tor/tor-browser@13.5", "tor-browser-windows-x86_64-portable-13.5.exe"],
    ["bitcoin@30.2", "bitcoin-30.2.tar.gz"],
    ["x@1.0", "x_1.0"],
  ] as const)
    assert.equal(whole(purl, file), true, file);
  for (const [purl, file] of [
    ["bitcoin@30", "bitcoin-30.2.tar.gz"],
    ["bitcoin@0.2", "bitcoin-30.2.tar.gz"],
    ["bitcoin@23.0", "bitcoin-23.0rc1.tar.gz"],
    ["bit@30.2", "bitcoin-30.2.tar.gz"],
    ["coin@30.2", "bitcoin-30.2.tar.gz"],
    ["bitcoin@2", "bitcoin-30.2.tar.gz"],
    ["bitcoin", "bitcoin-30.2.tar.gz"],
    ["setup@1", "setup.exe"],
  ] as const)
    assert.equal(whole(purl, file), false, file);
});
