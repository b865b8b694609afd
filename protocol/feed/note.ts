/** Signed notes: c2sp.org/signed-note. */
import { concat, equalBytes, fromBase64, fromUtf8, quote, reading, toBase64, utf8 } from "../bytes/index.ts";
import { NOTE_ED25519, isKeyName, verifyEd25519 } from "../crypto/index.ts";
import type { Vkey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES } from "../limits.ts";

/** One signature line: `— <name> base64(keyId4 ‖ signature)`. Key ids of 4 octets are hints: anybody can make two keys that share one. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId4: Uint8Array;
  readonly signature: Uint8Array;
}

/** A note as read; nothing in it is verified. Frozen. */
export interface Note {
  /** What is signed, its last line feed included. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const KEY_ID_BYTES = 4;
const LINE_PREFIX = "— "; // U+2014, one space

/**
 * Reads a note: UTF-8 without control characters but line feed, text, empty line, signature lines, nothing else. Writing it
 * again gives the same octets. Throws `note/too-big`, `note/malformed`.
 */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE_BYTES) {
    throw new ProtocolError(
      "note/too-big",
      `a note has at most ${MAX_NOTE_BYTES} octets, not ${bytes.length}`,
    );
  }
  const whole = reading("note/malformed", "note", () => fromUtf8(bytes));
  const control = controlCharacterIn(whole);
  if (control >= 0) throw malformed(`character ${control} is a control character`);
  // The text may hold empty lines itself: the last one ends it.
  const split = whole.lastIndexOf("\n\n");
  if (split < 0) throw malformed("no empty line between text and signatures");
  if (!whole.endsWith("\n") || split + 2 === whole.length) {
    throw malformed("it must end with signature lines, each ended by a line feed");
  }
  const lines = whole.slice(split + 2, -1).split("\n");
  return Object.freeze({ text: whole.slice(0, split + 1), signatures: readLines(lines) });
}

/** Octets of a note. Throws `note/malformed` where `parseNote` would not read it back, `note/too-big`. */
export function writeNote(text: string, signatures: readonly NoteSignature[]): Uint8Array {
  const bytes = utf8(`${text}\n${signatures.map((line) => `${writeSignatureLine(line)}\n`).join("")}`);
  if (parseNote(bytes).text !== text) throw malformed("its text does not end with one line feed");
  return bytes;
}

/** Reads one signature line, without its line feed. Throws `note/malformed`. */
export function parseSignatureLine(line: string): NoteSignature {
  const space = line.indexOf(" ", LINE_PREFIX.length);
  const name = line.slice(LINE_PREFIX.length, space);
  if (!line.startsWith(LINE_PREFIX) || space < 0 || !isKeyName(name)) {
    throw malformed(`${quote(line)} is no signature line: — <name without spaces and +> <base64>`);
  }
  const blob = reading(
    "note/malformed",
    () => `signature of ${quote(name)}`,
    () => fromBase64(line.slice(space + 1)),
  );
  if (blob.length <= KEY_ID_BYTES) throw malformed(`the signature of ${quote(name)} is empty`);
  return Object.freeze({ name, keyId4: blob.slice(0, KEY_ID_BYTES), signature: blob.slice(KEY_ID_BYTES) });
}

/** One signature line, without its line feed. */
export function writeSignatureLine(line: NoteSignature): string {
  return `${LINE_PREFIX}${line.name} ${toBase64(concat(line.keyId4, line.signature))}`;
}

/** The note with one more line, or with this one in the place of an older line of the same key. */
export function withSignatureLine(note: Uint8Array, line: NoteSignature): Uint8Array {
  const { text, signatures } = parseNote(note);
  return writeNote(text, [...signatures.filter((other) => !isOfKey(other, line)), line]);
}

/** Whether the line says that it is of the key with this name and id. */
export function isOfKey(
  line: NoteSignature,
  key: { readonly name: string; readonly keyId4: Uint8Array },
): boolean {
  return line.name === key.name && equalBytes(line.keyId4, key.keyId4);
}

/**
 * The keys among `keys` (Ed25519, vkey type 01) that signed the note, each once. Lines of unknown keys are ignored; a bad line of
 * a known one spoils the note. Where several known keys share name and id, the line must be good for one of them.
 * Throws `note/bad-signature`, and `note/unsigned` if no known key signed.
 */
export function verifyNote(note: Note, keys: readonly Vkey[]): readonly Vkey[] {
  const message = utf8(note.text);
  const signers = new Set<Vkey>();
  for (const line of note.signatures) {
    const known = keys.filter((key) => key.type === NOTE_ED25519 && isOfKey(line, key));
    if (known.length === 0) continue;
    const signer = known.find((key) => verifyEd25519(key.raw, message, line.signature));
    if (signer === undefined) {
      throw new ProtocolError("note/bad-signature", `the signature of ${quote(line.name)} does not hold`);
    }
    signers.add(signer);
  }
  if (signers.size === 0)
    throw new ProtocolError("note/unsigned", "none of the expected keys signed the note");
  return Object.freeze([...signers]);
}

function readLines(lines: readonly string[]): readonly NoteSignature[] {
  if (lines.length > MAX_NOTE_SIGNATURES) {
    throw malformed(`at most ${MAX_NOTE_SIGNATURES} signature lines are read, not ${lines.length}`);
  }
  return Object.freeze(lines.map(parseSignatureLine));
}

function controlCharacterIn(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return i;
  }
  return -1;
}

function malformed(what: string): ProtocolError {
  return new ProtocolError("note/malformed", `signed note: ${what}`);
}
