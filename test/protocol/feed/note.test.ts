import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseVkey, publicFromSeed, toVkey } from "../../../protocol/crypto/index.ts";
import { signEd25519 } from "../../../protocol/crypto/ed25519.ts";
import {
  parseNote,
  parseSignatureLine,
  verifyNote,
  withSignatureLine,
  writeNote,
  writeSignatureLine,
} from "../../../protocol/feed/index.ts";
import type { NoteSignature } from "../../../protocol/feed/index.ts";
import { MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES } from "../../../protocol/limits.ts";
import { codeOf, flipped, refused, text, vector } from "./cases.ts";

interface Notes {
  valid: { src: string; vkeys: string[]; note: string; verified?: number; unverified?: number }[];
  malformed: string[];
  malformedHex: string[];
  invalidSignature: string[];
  badVkeys: string[];
}

const notes = vector("tlog/note/notes.json") as Notes;
const peterNeumann = notes.valid[1]?.vkeys[0] ?? "";

test("the valid notes of C2SP and Go verify and are written again octet for octet", () => {
  assert.equal(notes.valid.length, 3);
  for (const { src, vkeys, note, verified, unverified } of notes.valid) {
    const parsed = parseNote(text(note));
    const signers = verifyNote(parsed, vkeys.map(parseVkey));
    assert.equal(signers.length, verified ?? vkeys.length, src);
    assert.equal(parsed.signatures.length - signers.length, unverified ?? 0, src);
    assert.deepEqual(writeNote(parsed.text, parsed.signatures), text(note));
  }
});

test("the malformed notes of C2SP and Go are refused", () => {
  assert.equal(notes.malformed.length + notes.malformedHex.length, 7);
  for (const note of notes.malformed) refused("note/malformed", () => parseNote(text(note)), note);
  for (const hex of notes.malformedHex) {
    refused("note/malformed", () => parseNote(new Uint8Array(Buffer.from(hex, "hex"))), hex);
  }
});

test("a bad signature of a known key spoils the note; of an unknown one it doesn't", () => {
  for (const note of notes.invalidSignature) {
    refused("note/bad-signature", () => verifyNote(parseNote(text(note)), [parseVkey(peterNeumann)]));
    const other = parseVkey(notes.valid[0]?.vkeys[0] ?? "");
    refused("note/unsigned", () => verifyNote(parseNote(text(note)), [other]));
    refused("note/unsigned", () => verifyNote(parseNote(text(note)), []));
  }
});

test("bad verifier keys are refused", () => {
  for (const vkey of notes.badVkeys)
    assert.notEqual(
      codeOf(() => parseVkey(vkey)),
      null,
      vkey,
    );
});

test("any changed, missing or added octet is refused or signed by nobody known", () => {
  for (const { note, vkeys } of notes.valid.slice(0, 2)) {
    const keys = vkeys.map(parseVkey);
    const bytes = text(note);
    for (const { bytes: changed, at } of flipped(bytes)) {
      const left = codeOf(() => assert.ok(verifyNote(parseNote(changed), keys).length < keys.length));
      assert.ok(
        [null, "note/malformed", "note/bad-signature", "note/unsigned"].includes(left),
        `octet ${at}: ${left}`,
      );
    }
    for (let length = 0; length < bytes.length; length++) {
      const cut = codeOf(() =>
        assert.ok(verifyNote(parseNote(bytes.subarray(0, length)), keys).length < keys.length),
      );
      assert.ok(cut === null || cut === "note/malformed", `${length} octets: ${cut}`);
    }
    for (const more of ["\n", " ", "\0", "x", "— x\n"]) {
      refused("note/malformed", () => parseNote(text(note + more)), more);
    }
  }
});

const line =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

test("one writing for each note", () => {
  const bad = [
    `text\r\n\n${line}\n`, // carriage return
    `text\n\r\n${line}\n`,
    `te\txt\n\n${line}\n`,
    `text\n\n${line}\n\n${line}\r\n`,
    `text\n\n-${line.slice(1)}\n`, // hyphen, en dash
    `text\n\n–${line.slice(1)}\n`,
    `text\n\n—${line.slice(2)}\n`, // no space, two spaces, tab
    `text\n\n— ${line.slice(1)}\n`,
    `text\n\n${line.replace(" x08", "  x08")}\n`,
    `text\n\n${line} \n`,
    `text\n\n${line.slice(0, -1)}\n`, // no padding, URL-safe alphabet, trailing bits
    `text\n\n${line.replace("/", "_")}\n`,
    `text\n\n${line.replace("nAM=", "nAN=")}\n`,
    `text\n\n— PeterNeumann x08gow==\n`, // a key id and no signature
    `text\n\n— Peter+Neumann ${line.slice(15)}\n`,
    `text\n\n— Peter\u00a0Neumann ${line.slice(15)}\n`,
    `text\n\n—  ${line.slice(15)}\n`,
    `text\n${line}\n`, // no empty line
    line,
    "",
  ];
  for (const note of bad) refused("note/malformed", () => parseNote(text(note)), JSON.stringify(note));
  assert.equal(parseNote(text(`text\n\n${line}\n`)).text, "text\n");
});

test("the last empty line ends the text, which may begin with a byte order mark", () => {
  const note = parseNote(text(`\ufeffone\n\ntwo\n\n\n${line}\n`));
  assert.equal(note.text, "\ufeffone\n\ntwo\n\n");
  assert.equal(note.signatures.length, 1);
  assert.equal(parseNote(text(`\n\n${line}\n`)).text, "\n");
});

test("notes and their signature lines are limited", () => {
  const many = Array<string>(MAX_NOTE_SIGNATURES).fill(`${line}\n`).join("");
  assert.equal(parseNote(text(`text\n\n${many}`)).signatures.length, MAX_NOTE_SIGNATURES);
  refused("note/malformed", () => parseNote(text(`text\n\n${many}${line}\n`)));
  const rest = `\n\n${line}\n`;
  const fill = "x".repeat(MAX_NOTE_BYTES - text(rest).length);
  assert.equal(parseNote(text(fill + rest)).text.length, fill.length + 1);
  refused("note/too-big", () => parseNote(text(`x${fill}${rest}`)));
  refused("note/too-big", () => parseNote(new Uint8Array(MAX_NOTE_BYTES + 1)));
});

const name = fc.stringMatching(/^[a-z./é-]{1,20}$/);
const signature: fc.Arbitrary<NoteSignature> = fc.record(
  {
    name,
    keyId4: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  },
  { noNullPrototype: true },
);

test("writing and reading notes and lines", () => {
  const body = fc.string({ unit: "grapheme" }).map((string) => `${string.replace(/\p{Cc}/gu, "\n")}\n`);
  fc.assert(
    fc.property(body, fc.array(signature, { minLength: 1, maxLength: 8 }), (body, signatures) => {
      assert.deepEqual(parseNote(writeNote(body, signatures)), { text: body, signatures });
      for (const one of signatures) assert.deepEqual(parseSignatureLine(writeSignatureLine(one)), one);
    }),
  );
});

test("what would not be read back is not written", () => {
  const one = parseSignatureLine(line);
  refused("note/malformed", () => writeNote("no line feed at its end", [one]));
  refused("note/malformed", () => writeNote("", [one]));
  refused("note/malformed", () => writeNote("a\tb\n", [one]));
  refused("note/malformed", () => writeNote("text\n", []));
  refused("note/malformed", () => writeNote("text\n", [{ ...one, name: "two words" }]));
  refused("note/malformed", () =>
    writeNote("text\n", [{ ...one, keyId4: new Uint8Array(3), signature: text("") }]),
  );
  refused("note/too-big", () => writeNote(`${"x".repeat(MAX_NOTE_BYTES)}\n`, [one]));
});

test("a line takes the place of the older line of its key", () => {
  const note = text(notes.valid[1]?.note ?? "");
  const [first, second] = parseNote(note).signatures;
  assert.ok(first && second);
  const newer = { ...first, signature: text("newer") };
  assert.deepEqual(parseNote(withSignatureLine(note, newer)).signatures, [second, newer]);
  const other = { ...first, name: "Other" };
  assert.deepEqual(parseNote(withSignatureLine(note, other)).signatures, [first, second, other]);
});

test("two keys of one name that share their key id: each is told by its signature", () => {
  // Found by counting: every 2^16 keys or so two share the 4 octets.
  const [a, b] = [13_374, 52_075].map((seed) => {
    const octets = new Uint8Array(32);
    new DataView(octets.buffer).setUint32(28, seed);
    return octets;
  });
  assert.ok(a && b);
  const [keyA, keyB] = [a, b].map((seed) =>
    parseVkey(toVkey("samebits.example/witness", publicFromSeed(seed))),
  );
  assert.ok(keyA && keyB);
  assert.deepEqual(keyA.keyId4, keyB.keyId4);
  const signed = (seed: Uint8Array) => ({ ...keyA, signature: signEd25519(seed, text("text\n")) });
  const byA = parseNote(writeNote("text\n", [signed(a)]));
  assert.deepEqual(verifyNote(byA, [keyA, keyB]), [keyA]);
  assert.deepEqual(verifyNote(byA, [keyB, keyA]), [keyA]);
  refused("note/bad-signature", () => verifyNote(byA, [keyB]));
  const byBoth = parseNote(writeNote("text\n", [signed(b), signed(a), signed(a)]));
  assert.deepEqual(new Set(verifyNote(byBoth, [keyA, keyB])), new Set([keyA, keyB]));
});
