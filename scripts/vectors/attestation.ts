/**
 * Writes test/vectors/attestation/envelopes.json for `protocol/spec/attestation.md` and `retraction.md`: envelopes with all that is read
 * out of them, and octets that are none, with their codes. Same output every time.
 */
import { readFileSync } from "node:fs";
import {
  buildFailed,
  buildLink,
  buildProvenance,
  buildRetraction,
  debTarget,
  ed25519Key,
  fromUtf8,
  gitId,
  keyIdPlain,
  parseAttestation,
  parseGitCommit,
  parseGitTag,
  parseTarget,
  ProtocolError,
  publicFromSeed,
  sealEnvelope,
  sha256,
  sha256Hex,
  signDomain,
  toHex,
  utf8,
  verifyOwn,
} from "../../protocol/index.ts";
import type { Claim, Descriptor, LinkPredicate, ProtocolCode } from "../../protocol/index.ts";
import { writeVectors } from "./write.ts";

const seed = new Uint8Array(32).fill(1);
const key = ed25519Key(publicFromSeed(seed));
const sign = (message: Uint8Array): Uint8Array => signDomain(seed, message);
const seal = (payload: Uint8Array): Uint8Array => sealEnvelope(payload, sign, keyIdPlain(key));
const digest = (text: string): Uint8Array => sha256(utf8(text));

const hello = debTarget({ namespace: "debian", name: "hello", version: "2.10-3", arch: "amd64" });
const product = { target: hello, file: hello.file, sha256: digest("product") };
const release = (file: string): typeof product => {
  const target = parseTarget("pkg:generic/bitcoin-core/bitcoin@27.0", file);
  return { target, file, sha256: digest(file) };
};
const material = (name: string, said: Partial<Descriptor>): Descriptor => ({
  name,
  uri: null,
  sha256: null,
  gitCommit: null,
  gitTag: null,
  ...said,
});
const link: LinkPredicate = {
  step: "rebuild",
  materials: [
    material("hello_2.10-3.dsc", { sha256: digest("dsc") }),
    material("hello_2.10-3_amd64.buildinfo", { sha256: digest("buildinfo") }),
  ],
  command: ["dpkg-buildpackage", "-us", "-uc", "-b"],
  how: "built",
  time: Date.UTC(2026, 10, 21, 3, 25),
  environment: { architecture: "amd64", packages: digest("packages") },
};
const checkout = material("", {
  uri: "git+https://example.org/hello@v2.10",
  gitCommit: "a".repeat(40),
  gitTag: "b".repeat(40),
});
const octets = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../test/vectors/git/${name}`, import.meta.url)));
const [commit, tag] = [octets("commit-gpg.txt"), octets("tag-ssh-v2.txt")];
const commitId = gitId(parseGitCommit(commit));
const fromGit: readonly Descriptor[] = [
  material("source", {
    uri: `git+https://git.example.org/hello@${commitId}`,
    sha256: sha256(commit),
    gitCommit: commitId,
    gitTree: parseGitCommit(commit).tree,
    content: commit,
    said: { branch: "main", isDirty: false, isSubmodule: false },
  }),
  material("v2", { sha256: sha256(tag), gitTag: gitId(parseGitTag(tag)), content: tag }),
  material("lib/zip", {
    gitCommit: "c".repeat(40),
    said: { branch: null, isDirty: false, isSubmodule: true },
  }),
];
const dirty: readonly Descriptor[] = [
  material("source", {
    gitCommit: commitId,
    said: { branch: null, isDirty: true, isSubmodule: false },
  }),
];
const legacy = {
  _type: "link",
  name: "rebuild hello_2.10-3_amd64.deb",
  materials: {},
  products: { "hello_2.10-3_amd64.deb": { sha256: toHex(digest("product")) } },
  environment: null,
  byproducts: {},
  command: [],
};

const good: readonly [about: string, envelope: Uint8Array][] = [
  ["link", seal(buildLink([product], link))],
  [
    "link, least",
    seal(buildLink([product], { ...link, materials: [], command: [], time: null, environment: null })),
  ],
  ["link, a source", seal(buildLink([product], { ...link, materials: [checkout] }))],
  [
    "link, a commit, a tag and a submodule, with octets",
    seal(buildLink([product], { ...link, materials: fromGit })),
  ],
  ["link, a commit with changed files", seal(buildLink([product], { ...link, materials: dirty }))],
  [
    "link, several files of a release",
    seal(
      buildLink([release("bitcoin-27.0.tar.gz"), release("bitcoin-27.0-win64.zip")], {
        ...link,
        how: "imported",
      }),
    ),
  ],
  [
    "SLSA provenance",
    seal(buildProvenance([product], { ...link, builder: "https://samebits.dev/builder/example" })),
  ],
  [
    "failed: it does not build",
    seal(buildFailed([{ ...product, sha256: null }], { ...link, reason: "a test fails" })),
  ],
  [
    "failed: another file than this",
    seal(buildFailed([product], { ...link, reason: "another year compiled in" })),
  ],
  [
    "retraction",
    seal(
      buildRetraction([product], {
        retracts: ["c".repeat(64)],
        reason: "built from the wrong tag",
        replacedBy: "d".repeat(64),
        time: link.time,
      }),
    ),
  ],
  ["bare legacy link in DSSE", seal(utf8(JSON.stringify(legacy)))],
  [
    "predicate that nobody knows",
    seal(
      utf8(
        '{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"https://example.org/x/v1"}',
      ),
    ),
  ],
  [
    "test result that passed, without subjects",
    seal(
      utf8(
        '{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"https://in-toto.io/attestation/test-result/v0.1","predicate":{"result":"PASSED"}}',
      ),
    ),
  ],
];

function claimJson(claim: Claim): object {
  const { sha256: hash, target, git, ...rest } = claim;
  const objects = git?.objects.map(({ bytes, ...one }) => ({ ...one, bytes: toHex(bytes) }));
  return {
    ...rest,
    ...(git === undefined ? {} : { git: { ...git, objects } }),
    target: target === null ? null : { purl: target.purl, key: target.keyHex },
    sha256: hash === null ? null : toHex(hash),
  };
}

function describe(about: string, envelope: Uint8Array): object {
  const verified = verifyOwn(parseAttestation(envelope), key.raw);
  if (verified === null) throw new Error(`${about} does not verify`);
  return {
    about,
    envelope: fromUtf8(envelope),
    signedSha256: sha256Hex(verified.signedBytes),
    id: verified.id,
    predicateType: verified.predicateType,
    claims: verified.claims.map(claimJson),
  };
}

const [, linkEnvelope] = good[0] ?? [];
if (linkEnvelope === undefined) throw new Error("no envelope");
const envelope = fromUtf8(linkEnvelope);
const payload = (text: string): string => fromUtf8(seal(utf8(text)));
const statement = fromUtf8(buildLink([product], link));
const retraction = fromUtf8(
  buildRetraction([product], { retracts: ["c".repeat(64)], reason: "x", replacedBy: null, time: null }),
);

const bad: readonly [about: string, text: string][] = [
  ["no JSON", "hello"],
  ["a member twice", envelope.replace("{", '{"payload":"",')],
  ["something beside the payload", envelope.replace("{", '{"note":1,')],
  ["another payload type", envelope.replace("vnd.in-toto+json", "json")],
  ["a fraction beside a signature", envelope.replace('"keyid"', '"cert":0.5,"keyid"')],
  ["a signature of 1,025 octets", envelope.replace(/"sig":"[^"]*"/, `"sig":"${"A".repeat(1367)}"`)],
  ["no signature", envelope.replace(/"signatures":.*/, '"signatures":[]}')],
  ["base64 with a line break", envelope.replace('"payload":"', String.raw`"payload":"\n`)],
  ["neither form", "{}"],
  ["a payload of no known type", payload('{"_type":"x"}')],
  ["a name twice in the payload", payload(statement.replace("{", '{"_type":"x",'))],
  ["no subject", payload(statement.replace(/"subject":\[.*?\]/, '"subject":[]'))],
  ["a package URL with another writing", payload(statement.replace("2.10-3?arch", "2%2E10-3?arch"))],
  [
    "a qualifier that names no target",
    payload(statement.replace("arch=amd64", "arch=amd64&distro=bookworm")),
  ],
  [
    "a file of another package",
    payload(statement.replace("hello_2.10-3_amd64.deb", "curl_2.10-3_amd64.deb")),
  ],
  [
    "a digest in capitals",
    payload(statement.replace(toHex(digest("product")), toHex(digest("product")).toUpperCase())),
  ],
  ["a step with a line break", payload(statement.replace('"rebuild"', String.raw`"re\nbuild"`))],
  ["a time with a zone", payload(statement.replace("03:25:00Z", "03:25:00+00:00"))],
  ["unknown in samebits", payload(statement.replace('"how":"built"', '"how":"built","who":"me"'))],
  [
    "a branch that is none",
    payload(
      fromUtf8(buildLink([product], { ...link, materials: fromGit })).replace('"main"', String.raw`"ma\nin"`),
    ),
  ],
  [
    "unknown beside a branch",
    payload(
      fromUtf8(buildLink([product], { ...link, materials: fromGit })).replace(
        '"branch"',
        '"who":"me","branch"',
      ),
    ),
  ],
  [
    "octets of a commit that are no base64",
    payload(
      fromUtf8(buildLink([product], { ...link, materials: fromGit })).replace('"content":"', '"content":"-'),
    ),
  ],
  ["a retraction in an older statement", payload(retraction.replace("Statement/v1", "Statement/v0.1"))],
  ["how that is null", payload(statement.replace('"how":"built"', '"how":null'))],
  ["how that is none", payload(statement.replace('"how":"built"', '"how":"guessed"'))],
  ["a legacy link with an added member", payload(JSON.stringify({ ...legacy, added: 1 }))],
  [
    "a metablock with an added member",
    JSON.stringify({ signatures: [{ keyid: "k", sig: "00" }], signed: { ...legacy, added: 1 } }),
  ],
  [
    "a metablock with a fraction",
    JSON.stringify({
      signatures: [{ keyid: "k", sig: "00" }],
      signed: { ...legacy, byproducts: { x: 1.5 } },
    }),
  ],
];

function codeOf(about: string, text: string): ProtocolCode {
  try {
    parseAttestation(utf8(text));
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  throw new Error(`${about} is read`);
}

const content = {
  seed: toHex(seed),
  key: toHex(key.raw),
  digests: "SHA-256 of the words product, dsc, buildinfo, packages and of file names",
  envelopes: good.map(([about, bytes]) => describe(about, bytes)),
  refused: bad.map(([about, text]) => ({ about, text, code: codeOf(about, text) })),
};
writeVectors("attestation/envelopes.json", content);
