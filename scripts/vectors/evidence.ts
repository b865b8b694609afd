/**
 * Writes test/vectors/evidence/evidence.json for `protocol/spec/evidence.md`: evidence of every kind with its id and the keys that it
 * concerns, and files that prove nothing, with their codes. Same output every time.
 */
import {
  checkEvidenceSync,
  concat,
  EMPTY_ROOT,
  fromUtf8,
  headBody,
  idOfEvidence,
  keyIdPlain,
  keysOfEvidence,
  NOTE_ED25519,
  noteKeyId,
  origin,
  ProtocolError,
  proveBadLeaf,
  proveContradiction,
  proveFork,
  publicFromSeed,
  signCheckpoint,
  signDomain,
  signedCheckpoint,
  toHex,
  u32be,
  utf8,
  verifyEntryUnder,
  writeEvidence,
} from "../../protocol/index.ts";
import type { Evidence } from "../../protocol/index.ts";
import { Builder, digestOf, packageNumber } from "../../test/sim/builder.ts";
import { MemoryFeed } from "../../test/sim/memory-feed.ts";
import { writeVectors } from "./write.ts";

const [alice, bob] = [new Builder(1), new Builder(2)];
const target = packageNumber(0);

const trunk = new MemoryFeed(1).append("a", "b", "c", "d", "e");
const branch = trunk.branch(3).append("x", "y", "z", "w");
const join = { root: branch.root(5), proof: branch.consistency(5) };
const common = { size: 3, root: trunk.root(3), toA: trunk.consistency(3), toB: branch.consistency(3) };
const forged = bob.link(target, "bits", { keyid: keyIdPlain(alice.key) });
const withForged = new MemoryFeed(1).append("before", forged, "after");
const leaf = verifyEntryUnder(withForged.head(), forged, 1, withForged.inclusion(1));
const one = alice.verified(alice.link(target, "one"));
const two = alice.verified(alice.link(target, "two"));
const bobs = bob.verified(bob.link(target, "two"));

const fromOthers = [
  alice.verified(alice.link(target, "one", { input: digestOf("source") })),
  bob.verified(bob.link(target, "two", { input: digestOf("another source") })),
] as const;

const early = { root: branch.root(4), proof: branch.consistency(4) };

/** Two feeds whose keys have one id of 4 octets, found among 75,000 seeds: a key id is a hint. */
const [first, second] = [twin(73_227), twin(74_313)];
if (first.keyId !== second.keyId) throw new Error("these two are no twins");

interface Twin {
  readonly seed: Uint8Array;
  readonly origin: string;
  readonly keyId: string;
}

function twin(number: number): Twin {
  const seed = concat(new Uint8Array(28), u32be(number));
  const key = publicFromSeed(seed);
  const name = origin("test", key);
  return { seed, origin: name, keyId: toHex(noteKeyId(name, NOTE_ED25519, key)) };
}

/** A head of one in the hand of the same or of the other. */
function twinNote(of: Twin, by: Twin, root: Uint8Array): string {
  return fromUtf8(signCheckpoint(of.origin, 5, root, (body) => signDomain(by.seed, body)));
}

const valid: readonly (readonly [string, Evidence | null])[] = [
  ["fork of equal size", proveFork(trunk.head(), branch.head(5), null, null)],
  ["fork of different sizes", proveFork(trunk.head(), branch.head(), join, null)],
  ["fork at a power of two", proveFork(trunk.head(4), branch.head(), early, null)],
  ["fork with a common tree", proveFork(trunk.head(), branch.head(), join, common)],
  ["bad leaf", proveBadLeaf(leaf, withForged.inclusion(1))],
  ["self-contradiction", proveContradiction(one, two, target.key, [])],
  ["disagreement", proveContradiction(one, bobs, target.key, [])],
  ["disagreement that other inputs explain", proveContradiction(...fromOthers, target.key, [])],
];

type File = Readonly<Record<string, unknown>>;

function fileOf(name: string): File {
  const evidence = valid.find(([other]) => other === name)?.[1] ?? null;
  if (evidence === null) throw new Error(`not proven: ${name}`);
  return JSON.parse(fromUtf8(writeEvidence(evidence))) as File;
}

const fork = fileOf("fork of different sizes");
const self = fileOf("self-contradiction");
const bad = fileOf("bad leaf");
const honest = {
  root: Buffer.from(trunk.root(3)).toString("base64"),
  proof: trunk.consistency(3).map((hash) => Buffer.from(hash).toString("base64")),
};
const refused: readonly (readonly [string, unknown])[] = [
  ["honest growth", { ...fork, a: fromUtf8(trunk.note(3)), b: fromUtf8(trunk.note(5)), join: honest }],
  ["a proof that leads elsewhere", { ...fork, join: { ...(fork["join"] as File), root: honest.root } }],
  ["different sizes without a proof", { ...fork, join: undefined }],
  ["a head of size 0", { ...fork, a: emptyHead() }],
  [
    "two feeds that share a key id",
    {
      ...fork,
      a: twinNote(first, first, trunk.root()),
      b: twinNote(second, second, branch.root(5)),
      join: undefined,
    },
  ],
  [
    "a head signed by the other key of its key id",
    {
      ...fork,
      a: twinNote(first, first, trunk.root()),
      b: twinNote(first, second, branch.root(5)),
      join: undefined,
    },
  ],
  ["one head twice", { ...fork, b: fork["a"], join: undefined }],
  ["a good leaf", { ...bad, ...goodLeaf() }],
  ["another signer", { ...self, a: { ...(self["a"] as File), signer: toHex(bob.key.raw) } }],
  ["one claim twice", { ...self, b: self["a"] }],
  ["another target", { ...self, target: { purl: packageNumber(1).purl, file: packageNumber(1).file } }],
  ["another kind", { ...self, kind: "disagreement" }],
  ["sides in the other order", { ...self, a: self["b"], b: self["a"] }],
  ["a member that nobody knows", { ...self, comment: "" }],
];

/** No feed signs this (RULES R15): every tree extends the empty one. */
function emptyHead(): string {
  const head = { origin: trunk.origin, size: 0, root: EMPTY_ROOT };
  return fromUtf8(signedCheckpoint(head.origin, 0, head.root, signDomain(trunk.seed, headBody(head))));
}

function goodLeaf(): File {
  const feed = new MemoryFeed(1).append("before", one.bytes, "after");
  return {
    checkpoint: fromUtf8(feed.note()),
    entry: Buffer.from(one.bytes).toString("base64"),
    path: feed.inclusion(1).map((hash) => Buffer.from(hash).toString("base64")),
  };
}

function codeOf(text: string): string {
  try {
    checkEvidenceSync(utf8(text));
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  throw new Error(`not refused: ${text}`);
}

const vectors = {
  valid: valid.map(([name, evidence]) => {
    if (evidence === null) throw new Error(`not proven: ${name}`);
    const text = fromUtf8(writeEvidence(evidence));
    return { name, text, id: idOfEvidence(evidence), keys: keysOfEvidence(evidence).map(toHex) };
  }),
  refused: refused.map(([name, file]) => {
    const text = JSON.stringify(file);
    return { name, text, code: codeOf(text) };
  }),
};
writeVectors("evidence/evidence.json", vectors);
