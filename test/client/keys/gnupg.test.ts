/** Keys of GnuPG's, the real one: what `attest` writes with them, and GnuPG as the judge of it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import {
  openPgpPacket,
  parseAttestation,
  toOpenPgpLine,
  verifyOwn,
  verifyWith,
} from "../../../protocol/index.ts";
import type { PublicKey } from "../../../protocol/index.ts";
import { seal } from "../../../client/attest/index.ts";
import { openAnyKey } from "../../../client/keys/index.ts";
import { lacks } from "../../programs.ts";
import { openWorld, PURL, refused, STATEMENT } from "./world.ts";
import type { World } from "./world.ts";

const run = promisify(execFile);
const skip = lacks("gpg", "gpgconf");
let world: World;

before(async () => {
  world = await openWorld();
  process.env["GNUPGHOME"] = world.at("gnupg");
  await mkdir(process.env["GNUPGHOME"], { mode: 0o700 });
});

after(async () => {
  // Its agent is a process of its own.
  if (skip === false) await run("gpgconf", ["--kill", "all"]);
  await world.close();
});

async function gpg(...args: readonly string[]): Promise<string> {
  const { stdout } = await run("gpg", ["--batch", "--quiet", ...args]);
  return stdout;
}

let keysMade = 0;

async function makeKey(algorithm: string, passphrase = ""): Promise<string> {
  const user = `tester ${++keysMade} <tester@example.org>`;
  const how = ["--pinentry-mode", "loopback", "--passphrase", passphrase];
  await gpg(...how, "--quick-generate-key", user, algorithm, "sign", "never");
  const listed = await gpg("--with-colons", "--list-keys", user);
  return /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? "";
}

/** What GnuPG says of the signature in an envelope, as the octets that it made. */
async function gpgAgrees(envelope: Uint8Array): Promise<boolean> {
  const { signedBytes, signatures } = parseAttestation(envelope);
  const [signature] = signatures;
  assert.ok(signature?.openPgpHeaders !== null && signature !== undefined);
  const packet = openPgpPacket(signature.openPgpHeaders, signature.sig);
  const [document, detached] = [world.at("document"), world.at("document.sig")];
  await writeFile(document, signedBytes);
  await writeFile(detached, Uint8Array.from([0x88 + 1, packet.length >> 8, packet.length & 0xff, ...packet]));
  return gpg("--verify", detached, document).then(
    () => true,
    () => false,
  );
}

test("GnuPG's keys sign envelopes as in-toto writes them, and GnuPG agrees", { skip }, async () => {
  const keys: PublicKey[] = [];
  for (const algorithm of ["ed25519", "rsa2048", "nistp256"]) {
    const fingerprint = await makeKey(algorithm);
    const { signer, key, keyId } = await openAnyKey(`gpg:${fingerprint}`);
    assert.ok(signer !== null);
    assert.equal(keyId, fingerprint.toLowerCase());
    const { envelope, verified } = await seal(STATEMENT, signer);
    assert.equal(verified.signer.type, "openpgp");
    assert.ok(await gpgAgrees(envelope), algorithm);
    const attestation = parseAttestation(envelope);
    for (const other of keys) assert.equal(await verifyWith(attestation, other), null);
    assert.equal(verifyOwn(attestation, new Uint8Array(32).fill(9)), null);
    keys.push(key);
  }
});

test("an OpenPGP key of a policy meets its rule with what attest writes", { skip }, async () => {
  await writeFile(world.at("words"), "correct horse\n");
  const fingerprint = await makeKey("rsa3072", "correct horse");
  const name = `gpg:${fingerprint}`;
  const { key } = await openAnyKey(name);
  const judge = await world.judging(toOpenPgpLine(key));
  const how = ["--purl", PURL, "--key", name, "--passphrase-file", world.at("words"), "-o", world.at("out")];
  const said = await world.samebits("attest", world.at("tool.bin"), ...how);
  assert.equal(said.code, 0, said.err);
  const { envelope } = JSON.parse(said.out);
  const good = await world.samebits(...judge, "--bundle", String(envelope));
  assert.equal(good.code, 0, good.out + good.err);
  await writeFile(world.at("pub"), `${toOpenPgpLine(key)}\n`);
  const asked = await world.samebits(
    "attest",
    world.at("tool.bin"),
    "--purl",
    PURL,
    "--key",
    world.at("pub"),
    "--emit-unsigned",
    "-o",
    world.at("air"),
  );
  assert.equal(asked.code, 0, asked.err);
  const { unsigned } = JSON.parse(asked.out);
  const loopback = ["--pinentry-mode", "loopback", "--passphrase-file", world.at("words")];
  const [document, detached] = [String(unsigned), world.at("air.sig")];
  await gpg(...loopback, "-u", `${fingerprint}!`, "--armor", "--output", detached, "--detach-sign", document);
  const attached = await world.samebits("attest", unsigned, "--attach", detached, "--key", world.at("pub"));
  assert.equal(attached.code, 0, attached.err);
  const again = await world.samebits(...judge, "--bundle", String(JSON.parse(attached.out).envelope));
  assert.equal(again.code, 0, again.out + again.err);
});

test("what GnuPG does not know, or will not do, is told", { skip }, async () => {
  await refused(openAnyKey("gpg:ABCD"), "key/bad-file", /40 hex digits/);
  await refused(openAnyKey(`gpg:${"A".repeat(40)}`), "key/bad-file", /knows no key/);
  const fingerprint = await makeKey("rsa3072", "words");
  await writeFile(world.at("wrong"), "other words\n");
  await run("gpgconf", ["--kill", "gpg-agent"]);
  const { signer } = await openAnyKey(`gpg:${fingerprint}`, world.at("wrong"));
  assert.ok(signer !== null);
  await refused(seal(STATEMENT, signer), "key/refused", /GnuPG would not/);
  const path = process.env["PATH"];
  process.env["PATH"] = world.at("empty");
  await refused(openAnyKey(`gpg:${fingerprint}`), "key/no-agent", /not installed/);
  process.env["PATH"] = path;
});
