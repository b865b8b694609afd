/**
 * Bundles: offline proof for many artefacts, one JSON object a line (protocol/spec/verdict.md). Bundles and files of envelopes can be
 * concatenated. A bundle says nothing of what its maker left out: what is read from one is never a complete view (RULES R24).
 */
import {
  fromBase64,
  fromUtf8,
  jsonObject,
  quote,
  readJson,
  record,
  toBase64,
  toHex,
  utf8,
  concat,
  writeJson,
} from "../bytes/index.ts";
import type { JsonValue, RecordShape, Shape } from "../bytes/index.ts";
import { formatTime, parseTime } from "../attestation/index.ts";
import { ProtocolError } from "../errors.ts";
import {
  MAX_BUNDLE_BYTES,
  MAX_BUNDLE_LINES,
  MAX_ENTRY_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_FEED_SIZE,
  MAX_LINK_PATH_BYTES,
  MAX_NOTE_BYTES,
  MAX_PROOF_HASHES,
  MAX_SIGNER_BYTES,
} from "../limits.ts";
import type { RawDocument, RawEntry, RawFindings, RawHead, RawJoin } from "./types.ts";

export interface Bundle extends RawFindings {
  /** Who made it and when, by the maker's own words; null for a bare file of envelopes. Of concatenated ones, the last. */
  readonly made: { readonly network: string; readonly time: number } | null;
}

const LINE_FEED = 0x0a;
const FORMAT = 1;

/** Octets of a bundle file. */
export function writeBundleFile(
  found: RawFindings,
  made: { readonly network: string; readonly time: number },
): Uint8Array {
  const notes = new Map<string, number>();
  const lines: Uint8Array[] = [];
  const put = (value: JsonValue): void => {
    lines.push(writeJson(value), Uint8Array.of(LINE_FEED));
  };
  const note = (octets: Uint8Array): number => {
    const text = fromUtf8(octets);
    const known = notes.get(text);
    if (known !== undefined) return known;
    put(jsonObject({ type: "checkpoint", note: text }));
    notes.set(text, notes.size);
    return notes.size - 1;
  };
  put(jsonObject({ samebits: FORMAT, type: "bundle", network: made.network, time: formatTime(made.time) }));
  for (const { checkpoint, timed } of found.heads) {
    const head = note(checkpoint);
    put(jsonObject({ type: "head", checkpoint: head, timed: timed === null ? null : note(timed) }));
  }
  for (const { entry, signer, index, path, checkpoint } of found.entries) {
    const head = note(checkpoint);
    put(
      jsonObject({
        type: "entry",
        checkpoint: head,
        index,
        path: path.map(toBase64),
        signer: toHex(signer),
        envelope: toBase64(entry),
      }),
    );
  }
  for (const { small, large, proof } of found.joins ?? []) {
    const [from, to] = [note(small), note(large)];
    put(jsonObject({ type: "join", small: from, large: to, proof: proof.map(toBase64) }));
  }
  for (const envelope of found.envelopes) put(jsonObject({ type: "envelope", envelope: toBase64(envelope) }));
  for (const { path, bytes } of found.documents ?? [])
    put(jsonObject({ type: "document", path, document: toBase64(bytes) }));
  for (const evidence of found.evidence) lines.push(evidence, Uint8Array.of(LINE_FEED));
  return concat(...lines);
}

/**
 * Reads a bundle, a file of envelopes a line, or one envelope written over many lines. Nothing is verified: hand it to `collectFound`,
 * strict. Throws `bytes/too-big`, `verdict/bad-bundle` and what `bytes/` throws, with the line.
 */
export function readBundleFile(bytes: Uint8Array): Bundle {
  if (bytes.length > MAX_BUNDLE_BYTES) {
    throw new ProtocolError(
      "bytes/too-big",
      `a bundle of ${bytes.length} octets; at most ${MAX_BUNDLE_BYTES} are read`,
    );
  }
  if (isOneEnvelope(bytes)) {
    return { made: null, entries: [], envelopes: [bytes], heads: [], evidence: [] };
  }
  const reader = new BundleReader();
  let number = 0;
  for (let from = 0; from < bytes.length;) {
    const found = bytes.indexOf(LINE_FEED, from);
    const end = found === -1 ? bytes.length : found;
    number++;
    if (number > MAX_BUNDLE_LINES) throw bad(number, `at most ${MAX_BUNDLE_LINES} lines are read`);
    if (end > from) reader.line(bytes.subarray(from, end), number);
    from = end + 1;
  }
  return reader.bundle();
}

/** in-toto writes its links indented: one document over many lines. */
function isOneEnvelope(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_ENTRY_BYTES) return false;
  try {
    return isEnvelope(record(readJson(bytes, { maxBytes: MAX_ENTRY_BYTES }), "envelope"));
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function isEnvelope(fields: RecordShape): boolean {
  return ["payload", "signed", "sums"].some((member) => fields.optional(member) !== undefined);
}

class BundleReader {
  #made: Bundle["made"] = null;
  readonly #entries: RawEntry[] = [];
  readonly #envelopes: Uint8Array[] = [];
  readonly #heads: RawHead[] = [];
  readonly #evidence: Uint8Array[] = [];
  readonly #joins: RawJoin[] = [];
  readonly #documents: RawDocument[] = [];
  /** Numbered from the header on: so that bundles can be concatenated. */
  #notes: Uint8Array[] = [];

  line(bytes: Uint8Array, number: number): void {
    const fields = record(readJson(bytes, { maxBytes: MAX_EVIDENCE_BYTES }), `bundle line ${number}`);
    if (isEnvelope(fields)) {
      this.#envelopes.push(bytes);
      return;
    }
    const type = fields.string("type");
    if (type === "evidence") {
      this.#evidence.push(bytes);
      return;
    }
    this.#ours(type, fields, number);
    fields.done();
  }

  bundle(): Bundle {
    return {
      made: this.#made,
      entries: this.#entries,
      envelopes: this.#envelopes,
      heads: this.#heads,
      evidence: this.#evidence,
      joins: this.#joins,
      documents: this.#documents,
    };
  }

  #ours(type: string, fields: RecordShape, number: number): void {
    switch (type) {
      case "bundle":
        fields.integer("samebits", FORMAT, FORMAT);
        this.#made = {
          network: fields.string("network", MAX_NOTE_BYTES),
          time: parseTime(fields.string("time")),
        };
        this.#notes = [];
        return;
      case "checkpoint":
        this.#notes.push(utf8(fields.string("note", MAX_NOTE_BYTES)));
        return;
      case "head": {
        const timed = fields.member("timed");
        this.#heads.push({
          checkpoint: this.#note(fields.member("checkpoint")),
          timed: timed.value === null ? null : this.#note(timed),
          complete: false,
        });
        return;
      }
      case "entry":
        this.#entries.push({
          checkpoint: this.#note(fields.member("checkpoint")),
          index: fields.integer("index", 0, MAX_FEED_SIZE),
          path: fields.list("path", MAX_PROOF_HASHES).map((hash) => fromBase64(hash.string())),
          signer: readSigner(fields.member("signer")),
          entry: fromBase64(fields.string("envelope")),
        });
        return;
      case "join":
        this.#joins.push({
          small: this.#note(fields.member("small")),
          large: this.#note(fields.member("large")),
          proof: fields.list("proof", MAX_PROOF_HASHES).map((hash) => fromBase64(hash.string())),
        });
        return;
      case "envelope":
        this.#envelopes.push(fromBase64(fields.string("envelope")));
        return;
      case "document":
        this.#documents.push({
          path: fields.string("path", MAX_LINK_PATH_BYTES),
          bytes: fromBase64(fields.string("document")),
        });
        return;
      default:
        throw bad(number, `${quote(type)} is no kind of line that is known here`);
    }
  }

  #note(shape: Shape): Uint8Array {
    const number = shape.integer(0, MAX_BUNDLE_LINES);
    return this.#notes[number] ?? shape.fail("verdict/bad-bundle", `no checkpoint ${number} stands above`);
  }
}

function readSigner(shape: Shape): Uint8Array {
  shape.string(2 * MAX_SIGNER_BYTES);
  return shape.hex();
}

function bad(line: number, problem: string): ProtocolError {
  return new ProtocolError("verdict/bad-bundle", `bundle line ${line}: ${problem}`);
}
