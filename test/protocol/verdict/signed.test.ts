/** Commits and tags that attestations bring: what git itself made, what is none, and what a verdict says of who signed them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readCertificate } from "../../../client/keys/index.ts";
import { buildLink, sealEnvelope } from "../../../protocol/attestation/index.ts";
import type { Descriptor } from "../../../protocol/attestation/index.ts";
import { fromUtf8, toBase64, utf8, writeJson } from "../../../protocol/bytes/index.ts";
import { keyIdKha, sha256, sha256Hex, toSpkiPem } from "../../../protocol/crypto/index.ts";
import { gitId, parseGitCommit, parseGitTag } from "../../../protocol/git/index.ts";
import { readPolicy } from "../../../protocol/policy/index.ts";
import type { Policy } from "../../../protocol/policy/index.ts";
import { collectFound, judge, verdictJson } from "../../../protocol/verdict/index.ts";
import type { Collected, Verdict } from "../../../protocol/verdict/index.ts";
import { schemaOf } from "../../json-schemas.ts";
import { digest, HELLO, NETWORK, NOW, signer } from "./cast.ts";
import { Scene } from "./scene.ts";

const read = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../vectors/git/${name}`, import.meta.url)));
const COMMIT = read("commit-gpg.txt");
const GPG_TAG = read("tag-gpg-v1.txt");
const SSH_TAG = read("tag-ssh-v2.txt");
const ID = gitId(parseGitCommit(COMMIT));
const SSH = fromUtf8(read("allowed_signers")).trim().split(" ").slice(2).join(" ");
const [certificate] = (await readCertificate(read("spike-builder.pub.asc"))).keys;
const GPG = `openpgp:${toBase64(certificate?.raw ?? assert.fail())}`;

const commitMaterial: Descriptor = {
  name: "source",
  uri: null,
  sha256: sha256(COMMIT),
  gitCommit: ID,
  gitTag: null,
  content: COMMIT,
};
const tagMaterial = (bytes: Uint8Array): Descriptor => ({
  name: "tag",
  uri: null,
  sha256: sha256(bytes),
  gitCommit: null,
  gitTag: gitId(parseGitTag(bytes)),
  content: bytes,
});

function policyOf(source: string): Policy {
  const names = ["gpg", "ssh"] as const;
  const keys = { gpg: GPG, ssh: SSH };
  const maintainers = names.map((name) => `[builders.${name}]\nkey = ${JSON.stringify(keys[name])}\n`);
  const builder = `[builders.a]\nkey = ${JSON.stringify(toSpkiPem(signer("a").key))}\n`;
  const rule = `[[rules]]\nname = "r"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = "a" }\nsource = { ${source} }\n`;
  return readPolicy(`version = 1\n${maintainers.join("")}${builder}${rule}`);
}

async function collect(
  policy: Policy,
  strict: boolean,
  ...materials: readonly Descriptor[]
): Promise<Collected> {
  const { key, sign } = signer("a");
  const product = { target: HELLO, file: HELLO.file, sha256: digest("F") };
  const said = { step: "rebuild", command: [], how: "built", time: NOW, environment: null } as const;
  const envelope = sealEnvelope(buildLink([product], { ...said, materials }), sign, keyIdKha(key));
  const raw = { entries: [], envelopes: [envelope], heads: [], evidence: [] };
  return collectFound(raw, { policy, network: NETWORK, strict });
}

function judged(policy: Policy, collected: Collected): Verdict {
  const asked = { local: 1, mirrors: 0, peers: 0, dht: 0 };
  const artifact = { sha256: digest("F"), name: HELLO.file, target: HELLO, inside: HELLO };
  return judge(artifact, { ...collected, settled: "all", asked, memory: new Map() }, policy, NOW);
}

const TWO = 'signed = { k = 2, of = ["gpg", "ssh"] }';

test("tags that git made with GnuPG's and OpenSSH's keys are signed by these builders", async () => {
  const policy = policyOf(TWO);
  const collected = await collect(policy, true, commitMaterial, tagMaterial(GPG_TAG), tagMaterial(SSH_TAG));
  const verdict = judged(policy, collected);
  assert.equal(verdict.verdict, "reproduced");
  const { signed } = verdict;
  assert.deepEqual([signed?.commit, signed?.sha256, signed?.taken], [ID, sha256Hex(COMMIT), 2]);
  assert.deepEqual(
    signed?.objects.map(({ kind, tag, signers, reason }) => [
      kind,
      tag,
      signers.map((one) => one.builder),
      reason,
    ]),
    [
      ["tag", "v1", ["gpg"], null],
      ["tag", "v2", ["ssh"], null],
      ["commit", null, ["gpg"], null],
    ],
  );
  assert.equal(signed?.objects[1]?.signers[0]?.keyid.length, 64);
  assert.equal(verdict.attestations.length, 1);
  assert.equal(collected.junk.size, 0);
  const named = policyOf(`${TWO}, tag = "v1"`);
  const one = judged(
    named,
    await collect(named, true, commitMaterial, tagMaterial(GPG_TAG), tagMaterial(SSH_TAG)),
  );
  assert.deepEqual([one.verdict, one.signed?.taken, one.signed?.tags], ["pending", 1, ["v1"]]);
});

test("the JSON of a verdict says who signed what, as its schema has it", async () => {
  const validate = schemaOf("verdict");
  const scene = new Scene();
  for (const line of [
    "builder a",
    "builder m role=maintainer",
    'rule require={ k = 1, of = "a" } source={ signed = { k = 1, of = "m" } }',
    "a gives F git=C1 tags=v1:m,v2:m@C2,v3:",
  ])
    scene.tell(line);
  const verdict = await scene.verdict();
  const json = JSON.parse(
    fromUtf8(writeJson(verdictJson(verdict, { path: null, state: "none", elapsedMs: 0 }))),
  ) as { readonly signed?: { readonly objects: readonly object[] } };
  assert.ok(validate(json), JSON.stringify(validate.errors));
  assert.equal(json.signed?.objects.length, 3);
  assert.match(verdict.reasons.join("\n"), /tag "v2" does not count: it is of another commit, [0-9a-f]{8}…/);
  assert.doesNotMatch(
    verdict.reasons.join("\n"),
    /"v3"/,
    "what is not odd is said only where something lacks",
  );
});

test("octets that are not those of their id, or no object, are dropped and counted; the claim holds", async () => {
  const policy = policyOf(`${TWO}, tag = ["v1", "v2"]`);
  const other = utf8(`tree ${"1".repeat(40)}\n\nm\n`);
  const faults: readonly (readonly [Descriptor, string])[] = [
    [{ ...commitMaterial, content: other }, "git/wrong-octets"],
    [{ ...tagMaterial(GPG_TAG), content: SSH_TAG }, "git/wrong-octets"],
    [{ ...tagMaterial(GPG_TAG), sha256: digest("x") }, "git/wrong-octets"],
    [{ ...tagMaterial(GPG_TAG), content: COMMIT }, "git/bad-object"],
    [{ ...commitMaterial, content: utf8("x") }, "git/bad-object"],
  ];
  for (const [fault, code] of faults) {
    // In a bundle that the user named too: what is wrong inside is its signer's fault, and not the bundle's.
    const collected = await collect(
      policy,
      true,
      { ...commitMaterial, sha256: null },
      fault,
      tagMaterial(SSH_TAG),
    );
    assert.deepEqual([...collected.junk], [[code, 1]], code);
    const verdict = judged(policy, collected);
    assert.deepEqual([verdict.votes[0]?.vote, verdict.verdict], ["agrees", "pending"]);
    assert.deepEqual(
      verdict.signed?.objects.flatMap(({ kind, tag }) => (kind === "tag" ? (tag ?? "") : [])),
      ["v2"],
    );
  }
  const bad = utf8(fromUtf8(SSH_TAG).replace(/-----BEGIN SSH[^]*$/, "-----BEGIN SSH SIGNATURE-----\n!\n"));
  const collected = await collect(policy, true, commitMaterial, tagMaterial(bad));
  assert.deepEqual([...collected.junk], [["git/bad-signature", 1]]);
});

test("no octets are looked at where no rule asks who signed them", async () => {
  const policy = policyOf('branch = "main"');
  const collected = await collect(policy, true, { ...commitMaterial, content: utf8("x") });
  assert.deepEqual([collected.junk.size, collected.entries[0]?.objects], [0, undefined]);
});
