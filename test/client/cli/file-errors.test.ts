/** Codes of what is wrong with files that the user names, each provoked by a command that people could type. */
import assert from "node:assert/strict";
import { cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { proveContradiction, writeEvidence } from "../../../protocol/index.ts";
import { tar } from "../artifact/archives.ts";
import { Bench, fails } from "./failing.ts";
import { runCommand } from "./run.ts";
import { envelopes, keyOf, member, OTHER, PURL, SAME, TOOL } from "./stage.ts";

const DEB = join(import.meta.dirname, "../../vectors/rebuilderd/librust-as-slice-dev_0.2.1-1+b2_amd64.deb");
const [one, two] = [member(1), member(2)];

let bench: Bench;
before(async () => {
  bench = await Bench.open();
});

test("artifact/not-a-package, artifact/bad-package: what a file does not say of itself", async () => {
  await fails(3, "artifact/not-a-package", /say it with --purl/, ...bench.attestFile("tool.bin"));
  const code = "artifact/bad-package";
  await bench.write("junk.deb", "junk");
  await fails(3, code, /junk\.deb: it is not an ar archive; fetch/, ...bench.attestFile("junk.deb"));
  await bench.write("junk-1-1-any.pkg.tar.zst", "junk");
  await fails(3, code, /cannot be unpacked/, ...bench.attestFile("junk-1-1-any.pkg.tar.zst"));
  await bench.write("text-1-1-any.pkg.tar", tar({ name: ".PKGINFO", contents: new Uint8Array([0xff]) }));
  await fails(3, code, /its \.PKGINFO is not UTF-8/, ...bench.attestFile("text-1-1-any.pkg.tar"));
});

test("artifact/mismatch: a file that is not what it is called, or another build's", async () => {
  const code = "artifact/mismatch";
  await cp(DEB, bench.at("curl_1.0_amd64.deb"));
  const named = /is named curl_1\.0_amd64\.deb, but inside/;
  await fails(3, code, named, ...bench.attestFile("curl_1.0_amd64.deb"));
  const purl = "pkg:deb/debian/curl@1.0?arch=amd64";
  const said = ["attest", DEB, "--purl", purl, ...bench.signing()];
  await fails(3, code, /--purl says pkg:deb\/debian\/curl@1\.0/, ...said);
  const fields = "Format: 1.0\nSource: tool\nVersion: 1\nArchitecture: amd64\nBuild-Architecture: amd64\n";
  const listed = `Checksums-Sha256:\n ${"ab".repeat(32)} 1 tool.bin\nInstalled-Build-Depends:\n gcc (= 1)\n`;
  await bench.write("tool.buildinfo", fields + listed);
  const buildinfo = bench.attest("--buildinfo", bench.at("tool.buildinfo"));
  await fails(3, code, /the \.buildinfo says abab/, ...buildinfo);
});

test("what is wrong inside a file keeps its code, with the file in front", async () => {
  await bench.write("bad.buildinfo", "Source: x\n");
  const buildinfo = bench.attest("--buildinfo", bench.at("bad.buildinfo"));
  await fails(4, "buildinfo/bad-syntax", /bad\.buildinfo: /, ...buildinfo);
  await bench.write("SUMS", "no sums\n");
  const sums = ["attest", "--sums", bench.at("SUMS"), "--purl", PURL, ...bench.signing()];
  await fails(4, "sums/bad-line", /SUMS: line 1/, ...sums);
});

test("key/bad-file: which key, and which would do", async () => {
  const code = "key/bad-file";
  const withKey = (name: string): string[] => bench.attest("--key", bench.at(name));
  await bench.write("junk.key", "-----BEGIN PRIVATE KEY-----\njunk\n-----END PRIVATE KEY-----\n");
  await fails(66, code, /junk\.key: not an Ed25519 private key/, ...withKey("junk.key"));
  await fails(66, code, /tool\.bin: no key that builders have/, ...withKey("tool.bin"));
  await fails(66, code, /tu\.pub is a public key: sign with the private one/, ...withKey("tu.pub"));
  const show = ["show", bench.at("tool.bin"), "--key", bench.at("tool.bin")];
  await fails(66, code, /tool\.bin: no key that builders have/, ...show);
});

test("key/bad-file: a signature from elsewhere that does not fit", async () => {
  const code = "key/bad-file";
  const publicKey = ["--key", bench.at("tu.pub")];
  const emitted = await runCommand(bench.attest(...publicKey, "--emit-unsigned", "-o", bench.at("gap")));
  assert.equal(emitted.code, 0, emitted.err);
  const [name = ""] = await readdir(bench.at("gap"));
  const attach = (signature: string): string[] =>
    bench.attestFile(join("gap", name), ...publicKey, "--attach", bench.at(signature));
  await bench.write("short.sig", "short");
  await fails(66, code, /a signature has 64 octets, raw or in base64; this has 5/, ...attach("short.sig"));
  await bench.write("wrong.sig", new Uint8Array(64));
  await fails(66, code, /the signature does not hold .* nothing was written/, ...attach("wrong.sig"));
  const changed = bench.attestFile("tool.bin", ...publicKey, "--attach", bench.at("wrong.sig"));
  await fails(4, "bundle/bad-file", /not what `attest --emit-unsigned` wrote/, ...changed);
});

test("key/wrong-passphrase: it is missing, wrong, or empty", async () => {
  const code = "key/wrong-passphrase";
  const safe = ["--key", bench.at("safe.key")];
  await fails(66, code, /--passphrase-file/, ...bench.attest(...safe));
  await bench.write("wrong", "battery staple\n");
  const wrong = bench.attest(...safe, "--passphrase-file", bench.at("wrong"));
  await fails(66, code, /does not open it/, ...wrong);
  await bench.write("empty", "\n");
  const empty = bench.keygen("x", "--passphrase-file", bench.at("empty"));
  await fails(66, code, /its first line is empty/, ...empty);
});

test("attest/conflicts: a second digest of one key is not signed", async () => {
  const first = await runCommand(bench.attest("-o", bench.at("first")));
  assert.equal(first.code, 0, first.err);
  await mkdir(bench.at("later"));
  await bench.write("later/tool.bin", OTHER);
  const later = bench.attestFile("later/tool.bin", "--purl", PURL, "-o", bench.at("second"));
  await fails(4, "attest/conflicts", /in the same step with --replace; nothing was signed/, ...later);
  await assert.rejects(readdir(bench.at("second")), { code: "ENOENT" });
});

test("bundle/bad-file: what is no file of ours, or somebody else's", async () => {
  const code = "bundle/bad-file";
  const file = bench.at("tool.bin");
  await fails(4, code, /tool\.bin \(it begins "these bits"\): .*\(note\/malformed\)/, "show", file);
  await fails(4, code, /tool\.bin: not an attestation: /, "publish", file);
  await bench.write("latin", new Uint8Array([0x7b, 0xff]));
  await fails(4, code, /latin: not an attestation: it is not UTF-8/, "publish", bench.at("latin"));
  await fails(4, code, /tool\.bin: /, ...bench.verify("--bundle", file));
  await bench.write("ours.jsonl", envelopes(keyOf(one).link(TOOL, SAME)));
  const retract = ["retract", bench.at("ours.jsonl"), ...bench.signing(), "--reason", "x"];
  await fails(4, code, /no claim signed by .*tu\.key; only the signer/, ...retract);
});

test("evidence/does-not-hold: with the code of what is wrong", async () => {
  const [a, b] = [keyOf(one).link(TOOL, SAME), keyOf(two).link(TOOL, OTHER)];
  const proof = proveContradiction(keyOf(one).verified(a), keyOf(two).verified(b), TOOL.key, []);
  assert.ok(proof !== null);
  const text = new TextDecoder().decode(writeEvidence(proof));
  await bench.write("proof.json", text.replace('"disagreement"', '"self-contradiction"'));
  const words = /proof\.json: it proves nothing: .*\(evidence\/wrong-kind\)$/;
  await fails(4, "evidence/does-not-hold", words, "evidence", "check", bench.at("proof.json"));
});
