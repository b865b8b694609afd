/** Every parser of foreign octets behind the door of `protocol/`, with samples that it reads and what holds for it. */
import { readFileSync } from "node:fs";
import * as core from "../../protocol/index.ts";

const VECTORS = new URL("../vectors/", import.meta.url);
const { fromHex, fromUtf8, utf8 } = core;

export interface Parser {
  /** The function's name, as the door has it. */
  readonly name: string;
  /** A function of octets; what takes text is wrapped, and octets that are no text are `bytes/bad-utf8`. */
  readonly read: (bytes: Uint8Array) => unknown;
  /** The octets of what was read, where there is one writing: then no two texts may read as one value. */
  readonly again?: (value: never) => Uint8Array;
  readonly samples: readonly Uint8Array[];
  /** One line feed after it is let be. */
  readonly lineEnd?: true;
  /** More octets are refused by size alone, with one of these codes. */
  readonly limit?: readonly [bytes: number, ...codes: core.ProtocolCode[]];
  /** The format is JSON: its samples are also taken apart and put together wrongly. */
  readonly json?: true;
}

function octets(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, VECTORS)));
}

function json(path: string): never {
  return JSON.parse(readFileSync(new URL(path, VECTORS), "utf8")) as never;
}

function onText<Value>(read: (text: string) => Value): (bytes: Uint8Array) => Value {
  return (bytes) => read(fromUtf8(bytes));
}

const envelopes: { about: string; envelope: string }[] = json("attestation/envelopes.json")["envelopes"];
const evidence: { text: string }[] = json("evidence/evidence.json")["valid"];
const checkpoints: { code: string | null; note: string }[] = json("feed/checkpoints.json")["checkpoints"];
const proofs: { code: string | null; proof: string }[] = json("feed/proofs.json")["proofs"];
const frames: { kind: string; hex: string }[] = json("wire/frames.json")["valid"];
const targets: { purl: string; file: string }[] = json("attestation/targets.json")["targets"];

const notes = checkpoints.filter(({ code }) => code === null).map(({ note }) => utf8(note));
const links = [
  "rebuilderd/filesystem-2025.10.12-1-any.in-toto.link",
  "in-toto/third-party/rebuild.5863835e.link",
].map(octets);
const attestations = [...envelopes.map(({ envelope }) => utf8(envelope)), ...links];
const first = attestations[0] ?? new Uint8Array(0);
const proof = core.readTlogProof(utf8(proofs[0]?.proof ?? ""));

const BUNDLE = core.writeBundleFile(
  {
    heads: notes.slice(0, 2).map((checkpoint) => ({ checkpoint, timed: checkpoint, complete: false })),
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
  const maxBytes = /^(FeedUpdate|EvidenceNotice)$/.test(kind) ? core.MAX_GOSSIP_BYTES : core.MAX_STREAM_BYTES;
  const samples = frames.filter((one) => one.kind === kind).map(({ hex }) => fromHex(hex));
  return { name, read, again, samples, limit: [maxBytes, "wire/too-big"] };
}

const pem = octets("keys/ed25519_public.pem");
const seed = new Uint8Array(32).fill(1);

export const PARSERS: readonly Parser[] = [
  // bytes/
  {
    name: "readJson",
    read: (bytes) => core.readJson(bytes, { maxBytes: 10_000 }),
    samples: [utf8('{"a":[1,-2.5e3,"x\\u00e9\\n",{"__proto__":null}],"b":true}')],
    limit: [10_000, "bytes/too-big"],
    json: true,
  },
  {
    name: "readToml",
    read: (bytes) => core.readToml(bytes, { maxBytes: 10_000, name: "x" }).value,
    samples: [utf8('a = [1, "x", { "b c" = true }]\n[t."u.v"]\nd = """\nline\n"""\n[[l]]\ne = -1.5\n')],
    limit: [10_000, "bytes/too-big"],
  },
  {
    name: "readPem",
    read: onText(core.readPem),
    samples: [pem],
    limit: [core.MAX_PEM_CHARS, "der/bad-pem"],
  },
  {
    name: "readSpki",
    read: core.readSpki,
    again: ({ spki }: core.SpkiKey) => spki,
    samples: ["ed25519", "ecdsa", "rsa"].map(
      (type) => core.readPem(fromUtf8(octets(`keys/${type}_public.pem`))).der,
    ),
  },
  { name: "readPkcs8", read: core.readPkcs8, samples: [core.writePkcs8(seed)] },
  {
    name: "readEcdsaSignature",
    read: (bytes) => core.readEcdsaSignature(bytes, 32),
    samples: [fromHex(`3045022100${"ff".repeat(32)}0220${"7f".repeat(32)}`)],
  },
  // crypto/
  {
    name: "parsePublicKey",
    read: onText(core.parsePublicKey),
    samples: [pem, octets("keys/reproducible-archlinux.pub"), octets("tlog/tiles-15/vkey")],
    limit: [core.MAX_PEM_CHARS, "key/bad-vkey", "der/bad-pem"],
  },
  {
    name: "readPrivateKey",
    read: onText(core.readPrivateKey),
    samples: [utf8(core.toPkcs8Pem(seed))],
    limit: [core.MAX_PEM_CHARS, "der/bad-pem"],
  },
  {
    name: "parseVkey",
    read: onText(core.parseVkey),
    again: ({ name, raw, type }: core.Vkey) => utf8(core.toVkey(name, raw, type)),
    samples: [utf8(core.toVkey("builder.example", core.publicFromSeed(seed)))],
    limit: [core.MAX_VKEY_CHARS, "key/bad-vkey"],
  },
  // feed/
  {
    name: "readRange",
    read: core.readRange,
    again: core.writeRange,
    samples: [
      core.writeRange(
        core.appendLeaves(
          core.emptyRange,
          Array.from({ length: 7 }, () => seed),
        ),
      ),
    ],
  },
  {
    name: "readTile",
    read: (bytes) => core.readTile(bytes),
    again: (hashes: Uint8Array[]) => core.concat(...hashes),
    samples: [octets("tlog/tiles-15/tile/0/000.p/5")],
    limit: [8_192, "tile/bad-width"],
  },
  {
    name: "readBundle",
    read: (bytes) => core.readBundle(bytes),
    again: core.writeBundle,
    samples: [octets("tlog/tiles-15/tile/entries/000.p/5")],
  },
  {
    name: "parseNote",
    read: core.parseNote,
    again: ({ text, signatures }: core.Note) => core.writeNote(text, signatures),
    samples: notes,
    limit: [core.MAX_NOTE_BYTES, "note/too-big"],
  },
  {
    name: "parseSignatureLine",
    read: onText(core.parseSignatureLine),
    again: (line: core.NoteSignature) => utf8(core.writeSignatureLine(line)),
    samples: [
      utf8(core.writeSignatureLine({ name: "a.example", keyId4: seed.slice(0, 4), signature: seed })),
    ],
  },
  {
    name: "parseCheckpoint",
    read: core.parseCheckpoint,
    again: ({ body, signatures }: core.Checkpoint) => core.writeNote(fromUtf8(body), signatures),
    samples: [...notes, octets("tlog/tiles-300/witness-checkpoint-ct-and-cosig.txt")],
    limit: [core.MAX_NOTE_BYTES, "note/too-big"],
  },
  {
    name: "parseCheckpointBody",
    read: onText(core.parseCheckpointBody),
    samples: notes.map((note) => core.parseCheckpoint(note).body),
  },
  {
    name: "verifyCheckpoint",
    read: (bytes) => core.verifyCheckpoint(bytes, "test"),
    again: ({ note }: core.SignedHead) => note,
    samples: notes,
    limit: [core.MAX_NOTE_BYTES, "note/too-big"],
  },
  {
    name: "parseOrigin",
    read: onText(core.parseOrigin),
    again: ({ network, key }: core.OriginParts) => utf8(core.origin(network, key)),
    samples: [utf8(core.origin("main", core.publicFromSeed(seed)))],
  },
  {
    name: "parseTilePath",
    read: onText(core.parseTilePath),
    again: ({ level, index, width }: core.TileId) => utf8(core.tilePath(level, index, width)),
    samples: ["tile/0/000", "tile/3/x001/x234/067.p/12"].map(utf8),
    limit: [core.MAX_TILE_PATH_CHARS, "tile/bad-path"],
  },
  {
    name: "parseEntriesPath",
    read: onText(core.parseEntriesPath),
    again: ({ index, count }: core.BundleId) => utf8(core.entriesPath(index, count)),
    samples: ["tile/entries/000", "tile/entries/x001/067.p/1"].map(utf8),
    limit: [core.MAX_TILE_PATH_CHARS, "tile/bad-path"],
  },
  {
    name: "readTlogProof",
    read: core.readTlogProof,
    again: core.writeTlogProof,
    samples: proofs.filter(({ code }) => code === null).map((one) => utf8(one.proof)),
    limit: [core.MAX_TLOG_PROOF_BYTES, "proof/too-big"],
  },
  // attestation/
  {
    name: "parseAttestation",
    read: core.parseAttestation,
    again: ({ bytes }: core.Attestation) => bytes,
    samples: attestations,
    limit: [core.MAX_ENTRY_BYTES, "attestation/too-big"],
    json: true,
  },
  {
    name: "parsePurl",
    read: onText(core.parsePurl),
    samples: targets.map(({ purl }) => utf8(purl)),
    limit: [core.MAX_PURL_CHARS, "target/bad-purl"],
  },
  {
    name: "parseTarget",
    read: onText((text) => {
      const end = text.indexOf("\n");
      return core.parseTarget(text.slice(0, end), text.slice(end + 1));
    }),
    again: ({ purl, file }: core.Target) => utf8(`${purl}\n${file}`),
    samples: targets.map(({ purl, file }) => utf8(`${purl}\n${file}`)),
  },
  {
    name: "parseTime",
    read: onText(core.parseTime),
    again: (ms: number) => utf8(core.formatTime(ms)),
    samples: [utf8("2026-11-21T03:25:00Z")],
  },
  {
    name: "parseSums",
    read: core.parseSums,
    samples: [utf8(`${"a".repeat(64)}  one.dmg\n${"b".repeat(64)} *two/one.dmg\n`)],
    limit: [core.MAX_SUMS_BYTES, "bytes/too-big"],
  },
  {
    name: "parseBuildinfo",
    read: core.parseBuildinfo,
    samples: [octets("debian/usrmerge_37~deb12u1_all.buildinfo")],
    limit: [core.MAX_BUILDINFO_BYTES, "bytes/too-big"],
  },
  // evidence/
  {
    name: "checkEvidenceSync",
    read: core.checkEvidenceSync,
    again: core.writeEvidence,
    lineEnd: true,
    samples: evidence.map(({ text }) => utf8(text)).filter((bytes) => bytes.length < 10_000),
    limit: [core.MAX_EVIDENCE_BYTES, "evidence/too-big"],
    json: true,
  },
  // wire/
  frame("readFeedUpdate", core.readFeedUpdate, core.writeFeedUpdate),
  frame("readEvidenceNotice", core.readEvidenceNotice, core.writeEvidenceNotice),
  frame("readTilesRequest", core.readTilesRequest, core.writeTilesRequest),
  frame("readTilesAnswer", core.readTilesAnswer, core.writeTilesAnswer),
  frame("readQueryRequest", core.readQueryRequest, core.writeQueryRequest),
  frame("readQueryAnswer", core.readQueryAnswer, core.writeQueryAnswer),
  frame("readRecordsRequest", core.readRecordsRequest, core.writeRecordsRequest),
  frame("readRecordsAnswer", core.readRecordsAnswer, core.writeRecordsAnswer),
  // policy/
  {
    name: "readPolicy",
    read: (bytes) => core.readPolicy(bytes),
    samples: [utf8(POLICY)],
    limit: [core.MAX_POLICY_BYTES, "bytes/too-big"],
  },
  // verdict/
  { name: "readBundleFile", read: core.readBundleFile, samples: [BUNDLE], json: true },
];

/** Readers of the own store's rows: no foreign octets reach them. */
export const OF_ROWS: readonly string[] = ["readFinding", "readNameRow"];
