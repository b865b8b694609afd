/** Parsers of what builders and policies say, of what proves it, and of frames. */
import * as core from "../../../protocol/index.ts";
import { NOTES, PROOFS } from "./feeds.ts";
import { json, octets, onText } from "./parser.ts";
import type { Parser } from "./parser.ts";

const { fromHex, utf8 } = core;
const envelopes: { about: string; envelope: string }[] = json("attestation/envelopes.json")["envelopes"];
const evidence: { text: string }[] = json("evidence/evidence.json")["valid"];
const frames: { kind: string; hex: string }[] = json("wire/frames.json")["valid"];
const targets: { purl: string; file: string }[] = json("attestation/targets.json")["targets"];

const links = [
  "rebuilderd/filesystem-2025.10.12-1-any.in-toto.link",
  "in-toto/third-party/rebuild.5863835e.link",
].map(octets);
const attestations = [...envelopes.map(({ envelope }) => utf8(envelope)), ...links];
const [first = new Uint8Array(0)] = attestations;
const proof = core.readTlogProof(PROOFS[0] ?? new Uint8Array(0));

const BUNDLE = core.writeBundleFile(
  {
    heads: NOTES.slice(0, 2).map((checkpoint) => ({ checkpoint, timed: checkpoint, complete: false })),
    entries: [
      { ...proof, entry: utf8("entry 0"), signer: fromHex("09".repeat(32)), path: proof.path.slice(0, 2) },
    ],
    envelopes: [first],
    evidence: evidence.slice(0, 1).map(({ text }) => utf8(text)),
  },
  { network: "test", time: 0 },
);

const POLICY = `version = 1
[builders.a]
key = ${JSON.stringify(core.toSpkiPem(core.ed25519Key(core.publicFromSeed(new Uint8Array(32)))))}
operator = "An Operator"
roles = ["rebuilder"]
feeds = ["${core.origin("main", core.publicFromSeed(new Uint8Array(32)))}"]
[groups.all]
k = 1
of = ["a", "role:rebuilder"]
[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = [{ k = 1, of = "all", distinct = "operator" }]
max_head_age = "30d"
[default]
mode = "warn"
`;

function frame(
  name: string,
  read: (bytes: Uint8Array) => unknown,
  again: (value: never) => Uint8Array,
): Parser {
  const kind = name.replace(/^read/, "");
  const maxBytes = /^(FeedUpdate|EvidenceNotice|CosignatureNotice)$/.test(kind)
    ? core.MAX_GOSSIP_BYTES
    : core.MAX_STREAM_BYTES;
  const samples = frames.filter((one) => one.kind === kind).map(({ hex }) => fromHex(hex));
  return { name, read, again, samples, codes: ["wire/"], limit: [maxBytes, "wire/too-big"] };
}

const SUMMARY = core.buildVsa(
  {
    target: core.parseTarget("pkg:generic/tool@1.0", "tool.tar.gz"),
    file: "tool.tar.gz",
    sha256: fromHex("ab".repeat(32)),
  },
  {
    verifier: "https://example.org/verifier",
    version: "0.1.0",
    time: 0,
    resource: "pkg:generic/tool@1.0",
    policy: { uri: "https://example.org/policy", sha256: "cd".repeat(32) },
    inputs: [{ claim: "ef".repeat(32), sha256: "01".repeat(32) }],
    passed: true,
    levels: ["SAMEBITS_REPRODUCED"],
    outcome: {
      verdict: "reproduced",
      decision: "allow",
      rule: "tool",
      needed: 1,
      agreeing: 1,
      view: "partial",
      network: "main",
    },
  },
);

const list = "guix-sigs/30.2/maflcko/all.SHA256SUMS";
const [packet = new Uint8Array()] = core.readDetached(octets(`${list}.asc`));
const signedList = core.wrapSums(core.fromUtf8(octets(list)), packet, "");

export const OF_STATEMENTS: readonly Parser[] = [
  {
    name: "readVsa",
    read: core.readVsa,
    samples: [SUMMARY],
    codes: ["statement/", "attestation/", "target/", "shape/", "json/", "bytes/"],
    limit: [core.MAX_ENTRY_BYTES, "bytes/too-big"],
    json: true,
  },
  {
    name: "parseAttestation",
    codes: [
      "attestation/",
      "dsse/",
      "statement/",
      "sums/",
      "openpgp/",
      "target/",
      "bytes/",
      "json/",
      "shape/",
    ],
    read: core.parseAttestation,
    again: ({ bytes }: core.Attestation) => bytes,
    samples: [...attestations, signedList],
    limit: [core.MAX_ENTRY_BYTES, "attestation/too-big"],
    json: true,
  },
  {
    name: "parsePurl",
    codes: ["target/"],
    read: onText(core.parsePurl),
    samples: targets.map(({ purl }) => utf8(purl)),
    limit: [core.MAX_PURL_CHARS, "target/bad-purl"],
  },
  {
    name: "parseTarget",
    codes: ["target/"],
    read: onText((text) => {
      const end = text.indexOf("\n");
      return core.parseTarget(text.slice(0, end), text.slice(end + 1));
    }),
    again: ({ purl, file }: core.Target) => utf8(`${purl}\n${file}`),
    samples: targets.map(({ purl, file }) => utf8(`${purl}\n${file}`)),
  },
  {
    name: "parseTime",
    codes: ["attestation/bad-time"],
    read: onText(core.parseTime),
    again: (ms: number) => utf8(core.formatTime(ms)),
    samples: [utf8("2026-11-21T03:25:00Z")],
  },
  {
    name: "parseSums",
    codes: ["sums/bad-line", "bytes/too-big"],
    read: core.parseSums,
    samples: [utf8(`${"a".repeat(64)}  one.dmg\n${"b".repeat(64)} *two/one.dmg\n`)],
    limit: [core.MAX_SUMS_BYTES, "bytes/too-big"],
  },
  {
    name: "parseBuildinfo",
    codes: ["buildinfo/bad-syntax", "bytes/", "target/bad-file-name"],
    read: core.parseBuildinfo,
    samples: [octets("debian/usrmerge_37~deb12u1_all.buildinfo")],
    limit: [core.MAX_BUILDINFO_BYTES, "bytes/too-big"],
  },
  {
    name: "parseDsc",
    codes: ["dsc/bad-syntax", "bytes/", "target/bad-file-name"],
    read: core.parseDsc,
    samples: [octets("debian/rebuildable/kernel-wedge_2.106~deb12u1.dsc")],
    limit: [core.MAX_DSC_BYTES, "bytes/too-big"],
  },
  {
    name: "checkEvidenceSync",
    codes: [
      "evidence/",
      "json/",
      "shape/",
      "bytes/",
      "note/",
      "checkpoint/",
      "tree/",
      "attestation/",
      "dsse/",
      "statement/",
      "target/",
      "key/",
      "der/",
    ],
    read: core.checkEvidenceSync,
    again: core.writeEvidence,
    lineEnd: true,
    samples: evidence.map(({ text }) => utf8(text)).filter((bytes) => bytes.length < 10_000),
    limit: [core.MAX_EVIDENCE_BYTES, "evidence/too-big"],
    json: true,
  },
  frame("readFeedUpdate", core.readFeedUpdate, core.writeFeedUpdate),
  frame("readEvidenceNotice", core.readEvidenceNotice, core.writeEvidenceNotice),
  frame("readCosignatureNotice", core.readCosignatureNotice, core.writeCosignatureNotice),
  frame("readDomainNotice", core.readDomainNotice, core.writeDomainNotice),
  frame("readTilesRequest", core.readTilesRequest, core.writeTilesRequest),
  frame("readTilesAnswer", core.readTilesAnswer, core.writeTilesAnswer),
  frame("readQueryRequest", core.readQueryRequest, core.writeQueryRequest),
  frame("readQueryAnswer", core.readQueryAnswer, core.writeQueryAnswer),
  frame("readRecordsRequest", core.readRecordsRequest, core.writeRecordsRequest),
  frame("readRecordsAnswer", core.readRecordsAnswer, core.writeRecordsAnswer),
  {
    name: "readPolicy",
    codes: ["toml/", "shape/", "policy/", "bytes/too-big"],
    read: (bytes) => core.readPolicy(bytes),
    samples: [utf8(POLICY)],
    limit: [core.MAX_POLICY_BYTES, "bytes/too-big"],
  },
  {
    name: "readBundleFile",
    codes: ["bytes/", "json/", "shape/", "verdict/bad-bundle", "attestation/bad-time"],
    read: core.readBundleFile,
    samples: [BUNDLE],
    json: true,
  },
];
