/** Evidence as one line of JSON (`protocol/spec/evidence.md`): its parts read, none of them checked. */
import {
  equalBytes,
  fromBase64,
  fromUtf8,
  jsonObject,
  quote,
  readJson,
  record,
  toBase64,
  toHex,
  utf8,
  writeJson,
} from "../bytes/index.ts";
import type { JsonValue, RecordShape } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { onlyOwnLine } from "../feed/index.ts";
import {
  MAX_ENTRY_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_FEED_SIZE,
  MAX_FILE_NAME_BYTES,
  MAX_NOTE_BYTES,
  MAX_PROOF_HASHES,
  MAX_PURL_CHARS,
  MAX_SIGNER_BYTES,
} from "../limits.ts";
import type { BadLeafEvidence } from "./bad-leaf.ts";
import type { ContradictionEvidence } from "./contradiction.ts";
import type { ForkCommon, ForkEvidence, ForkJoin } from "./fork.ts";

export type Evidence = ForkEvidence | BadLeafEvidence | ContradictionEvidence;

interface SignedEnvelope {
  /** Raw Ed25519 key or SPKI. */
  readonly signer: Uint8Array;
  readonly envelope: Uint8Array;
}

/** What a file says, unchecked. */
export type EvidenceFile =
  | {
      readonly kind: "fork";
      readonly a: Uint8Array;
      readonly b: Uint8Array;
      readonly join: ForkJoin | null;
      readonly common: ForkCommon | null;
    }
  | {
      readonly kind: "bad-leaf";
      readonly checkpoint: Uint8Array;
      readonly index: number;
      readonly entry: Uint8Array;
      readonly path: readonly Uint8Array[];
    }
  | {
      readonly kind: "self-contradiction" | "disagreement";
      readonly purl: string;
      readonly file: string;
      readonly a: SignedEnvelope;
      readonly b: SignedEnvelope;
    };

const KINDS = ["fork", "bad-leaf", "self-contradiction", "disagreement"] as const;
const LINE_FEED = 0x0a;
const FORMAT = 1;

/** Characters of base64 of the longest entry. */
const MAX_BASE64_CHARS = 4 * Math.ceil(MAX_ENTRY_BYTES / 3);
/** Hex digits of the longest key. */
const MAX_SIGNER_CHARS = 2 * MAX_SIGNER_BYTES;

/** Without the line feed that one may put after it, as one line of a file. At most MAX_EVIDENCE_BYTES. */
export function writeEvidence(evidence: Evidence): Uint8Array {
  return writeJson(
    jsonObject({ samebits: FORMAT, type: "evidence", kind: evidence.kind, ...parts(evidence) }),
  );
}

function parts(evidence: Evidence): Readonly<Record<string, JsonValue | undefined>> {
  switch (evidence.kind) {
    case "fork": {
      const { a, b, join, common } = evidence;
      return {
        a: noteText(onlyOwnLine(a)),
        b: noteText(onlyOwnLine(b)),
        join:
          join === null
            ? undefined
            : jsonObject({ root: toBase64(join.root), proof: join.proof.map(toBase64) }),
        common:
          common === null
            ? undefined
            : jsonObject({
                size: common.size,
                root: toBase64(common.root),
                toA: common.toA.map(toBase64),
                toB: common.toB.map(toBase64),
              }),
      };
    }
    case "bad-leaf": {
      const { leaf, path } = evidence;
      return {
        checkpoint: noteText(onlyOwnLine(leaf.head)),
        index: leaf.index,
        entry: toBase64(leaf.entry),
        path: path.map(toBase64),
      };
    }
    case "self-contradiction":
    case "disagreement": {
      const [a, b] = [evidence.a, evidence.b].map((side) =>
        jsonObject({ signer: toHex(side.signer.raw), envelope: toBase64(side.bytes) }),
      );
      const { purl, file } = evidence.target;
      return { target: jsonObject({ purl, file }), a, b };
    }
  }
}

/** Reads the parts; one line feed at the end is let be. Throws `evidence/too-big`, `evidence/unknown-kind`, `json/…`, `shape/…`, `bytes/…`. */
export function readEvidenceFile(bytes: Uint8Array): EvidenceFile {
  const line = withoutLineFeed(bytes);
  if (line.length > MAX_EVIDENCE_BYTES) {
    throw new ProtocolError(
      "evidence/too-big",
      `evidence of ${line.length} octets; at most ${MAX_EVIDENCE_BYTES} are read`,
    );
  }
  const all = record(readJson(line, { maxBytes: MAX_EVIDENCE_BYTES }), "evidence");
  all.integer("samebits", FORMAT, FORMAT);
  all.member("type").oneOf(["evidence"]);
  const file = readParts(all);
  all.done();
  return file;
}

function readParts(all: RecordShape): EvidenceFile {
  const name = all.string("kind", 64);
  const kind = KINDS.find((candidate) => candidate === name);
  switch (kind) {
    case "fork":
      return {
        kind,
        a: utf8(all.string("a", MAX_NOTE_BYTES)),
        b: utf8(all.string("b", MAX_NOTE_BYTES)),
        join: readJoin(all),
        common: readCommon(all),
      };
    case "bad-leaf":
      return {
        kind,
        checkpoint: utf8(all.string("checkpoint", MAX_NOTE_BYTES)),
        index: all.integer("index", 0, MAX_FEED_SIZE),
        entry: base64(all, "entry"),
        path: hashes(all, "path"),
      };
    case "self-contradiction":
    case "disagreement": {
      const target = all.record("target");
      const purl = target.string("purl", MAX_PURL_CHARS);
      const file = target.string("file", MAX_FILE_NAME_BYTES);
      target.done();
      return { kind, purl, file, a: readSide(all, "a"), b: readSide(all, "b") };
    }
    case undefined:
      throw new ProtocolError("evidence/unknown-kind", `evidence of kind ${quote(name)} is not known here`);
  }
}

function readJoin(all: RecordShape): ForkJoin | null {
  const join = all.optional("join")?.record();
  if (join === undefined) return null;
  const parts = { root: hash(join, "root"), proof: hashes(join, "proof") };
  join.done();
  return Object.freeze(parts);
}

function readCommon(all: RecordShape): ForkCommon | null {
  const common = all.optional("common")?.record();
  if (common === undefined) return null;
  const parts = {
    size: common.integer("size", 1, MAX_FEED_SIZE),
    root: hash(common, "root"),
    toA: hashes(common, "toA"),
    toB: hashes(common, "toB"),
  };
  common.done();
  return Object.freeze(parts);
}

function readSide(all: RecordShape, name: string): SignedEnvelope {
  const side = all.record(name);
  const signer = side.member("signer");
  signer.string(MAX_SIGNER_CHARS);
  const parts = { signer: signer.hex(), envelope: base64(side, "envelope") };
  side.done();
  return parts;
}

function base64(from: RecordShape, name: string): Uint8Array {
  return fromBase64(from.string(name, MAX_BASE64_CHARS));
}

function hash(from: RecordShape, name: string): Uint8Array {
  return fromBase64(from.string(name, 64));
}

function hashes(from: RecordShape, name: string): readonly Uint8Array[] {
  return Object.freeze(from.list(name, MAX_PROOF_HASHES).map((item) => fromBase64(item.string(64))));
}

function withoutLineFeed(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === LINE_FEED ? bytes.subarray(0, -1) : bytes;
}

/** Throws `evidence/not-canonical` unless `bytes` are what we write of what they say. */
export function assertCanonical(evidence: Evidence, bytes: Uint8Array): void {
  if (!equalBytes(writeEvidence(evidence), withoutLineFeed(bytes))) {
    throw new ProtocolError(
      "evidence/not-canonical",
      "the evidence holds, but is not in the one writing of it",
    );
  }
}

function noteText(note: Uint8Array): string {
  return fromUtf8(note);
}
