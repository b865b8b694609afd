/**
 * Writes test/vectors/feed: trees, checkpoints and proofs of one feed, good ones and bad ones with their codes, for whoever
 * implements `protocol/spec/feed.md`, `checkpoint.md` and `proof.md` anew. Same output every time.
 */
import {
  EMPTY_ROOT,
  NOTE_ED25519,
  appendLeaves,
  cosignatureLine,
  cosignatureMessage,
  emptyRange,
  fromUtf8,
  headBody,
  inclusionProof,
  leafHash,
  noteKeyId,
  origin,
  originHash,
  publicFromSeed,
  rangeRoot,
  rootOf,
  signDomain,
  signedCheckpoint,
  toHex,
  utf8,
  verifyCheckpoint,
  withOwnTime,
  withSignatureLine,
  writeNote,
  writeTlogProof,
} from "../../protocol/index.ts";
import type { NoteSignature, ProtocolCode } from "../../protocol/index.ts";
import { writeVectors } from "./write.ts";

const NETWORK = "test";
const TIME = 1_767_225_600; // 2026-01-01T00:00:00Z

interface Signer {
  readonly seed: Uint8Array;
  readonly key: Uint8Array;
  readonly origin: string;
}

const feed = signer(1);
const stranger = signer(2);
const entries = Array.from({ length: 21 }, (_, i) => utf8(`entry ${i}`));
const leaves = entries.map(leafHash);
const root = rootOf(leaves);

function signer(octet: number): Signer {
  const seed = new Uint8Array(32).fill(octet);
  const key = publicFromSeed(seed);
  return { seed, key, origin: origin(NETWORK, key) };
}

/** A line by `by` over `body`, under the name and key id of `as`. */
function line(body: string, by: Signer = feed, as: Signer = by): NoteSignature {
  return {
    name: as.origin,
    keyId4: noteKeyId(as.origin, NOTE_ED25519, as.key),
    signature: signDomain(by.seed, utf8(body)),
  };
}

function note(body: string, ...lines: readonly NoteSignature[]): string {
  return fromUtf8(writeNote(body, lines.length > 0 ? lines : [line(body)]));
}

function body(size: number | string, of: string = feed.origin, hash: Uint8Array = root): string {
  const [first = "", , last = ""] = fromUtf8(headBody({ origin: of, size: 1, root: hash })).split("\n");
  return `${first}\n${size}\n${last}\n`;
}

function timeLine(time: number, signedTime: number = time): NoteSignature {
  const message = cosignatureMessage(signedTime, utf8(body(21)));
  return cosignatureLine({ name: feed.origin, raw: feed.key }, time, signDomain(feed.seed, message));
}

function goodCheckpoints(): object[] {
  const head = verifyCheckpoint(utf8(note(body(21))), NETWORK);
  const message = cosignatureMessage(TIME, headBody(head));
  const timed = withOwnTime(head, TIME, signDomain(feed.seed, message));
  const witness = { name: "witness.example/w", raw: stranger.key };
  const cosigned = withSignatureLine(
    head.note,
    cosignatureLine(witness, TIME, signDomain(stranger.seed, message)),
  );
  const good = (id: string, octets: Uint8Array) => {
    const { size, root, time } = verifyCheckpoint(octets, NETWORK);
    return { id, note: fromUtf8(octets), code: null, size, root: toHex(root), time };
  };
  return [
    good("one line", head.note),
    good("first entry", utf8(note(body(1, feed.origin, rootOf(leaves.slice(0, 1)))))),
    good("largest size", utf8(note(body(2 ** 40)))),
    good("own time line", timed),
    good("own time line first", utf8(note(body(21), timeLine(TIME), line(body(21))))),
    good("cosigned by a witness", cosigned),
    good(
      "junk line of a stranger",
      utf8(note(body(21), line(body(21)), { ...line(body(21), stranger), signature: utf8("junk") })),
    ),
  ];
}

function badCheckpoints(): object[] {
  const plain = body(21);
  const bad = (id: string, code: ProtocolCode, octets: string) => ({ id, note: octets, code });
  const keyId01 = { ...timeLine(TIME), keyId4: line(plain).keyId4 };
  return [
    bad("size 0", "checkpoint/size-zero", note(body(0, feed.origin, EMPTY_ROOT))),
    bad("size 0, some root", "checkpoint/size-zero", note(body(0))),
    bad("size 2^40 + 1", "checkpoint/too-large", note(body(2 ** 40 + 1))),
    bad("size 2^53", "checkpoint/malformed", note(body("9007199254740992"))),
    bad("size with leading zero", "checkpoint/malformed", note(body("021"))),
    bad("size with sign", "checkpoint/malformed", note(body("+21"))),
    bad(
      "root of 31 octets",
      "checkpoint/malformed",
      note(plain.replace(/[^\n]+\n$/, `${"A".repeat(42)}==\n`)),
    ),
    bad(
      "root in URL-safe base64",
      "checkpoint/malformed",
      note(plain.replace(/[^\n]+\n$/, `${"_".repeat(42)}8=\n`)),
    ),
    bad("extension line", "checkpoint/extension", note(`${plain}extension\n`)),
    bad("other network", "checkpoint/other-network", note(body(21, origin("main", feed.key)))),
    bad(
      "origin in upper case",
      "checkpoint/bad-origin",
      note(body(21, `samebits/test/${toHex(feed.key).toUpperCase()}`)),
    ),
    bad("origin with a path behind it", "checkpoint/bad-origin", note(body(21, `${feed.origin}/x`))),
    bad("origin with a short key", "checkpoint/bad-origin", note(body(21, feed.origin.slice(0, -2)))),
    bad(
      "signed by a stranger in the feed's name",
      "checkpoint/bad-signature",
      note(plain, line(plain, stranger, feed)),
    ),
    bad("signed by a stranger in its own name", "checkpoint/unsigned", note(plain, line(plain, stranger))),
    bad("signature for another size", "checkpoint/bad-signature", note(plain, line(body(20)))),
    bad(
      "signature cut short",
      "checkpoint/bad-signature",
      note(plain, { ...line(plain), signature: line(plain).signature.slice(1) }),
    ),
    bad("two own lines", "checkpoint/repeated-line", note(plain, line(plain), line(plain))),
    bad("two time lines", "checkpoint/repeated-line", note(plain, line(plain), timeLine(1), timeLine(2))),
    bad("time line alone", "checkpoint/unsigned", note(plain, timeLine(TIME))),
    bad(
      "time line with the key id of type 01",
      "checkpoint/repeated-line",
      note(plain, line(plain), keyId01),
    ),
    bad(
      "time line for another time",
      "cosignature/bad-signature",
      note(plain, line(plain), timeLine(TIME, TIME + 1)),
    ),
    bad(
      "time line cut short",
      "cosignature/malformed",
      note(plain, line(plain), { ...timeLine(TIME), signature: new Uint8Array(71) }),
    ),
  ];
}

function badNotes(): object[] {
  const plain = body(21);
  const good = note(plain);
  const bad = (id: string, octets: string) => ({ id, note: octets, code: "note/malformed" });
  const full = note(plain, ...Array<NoteSignature>(64).fill(line(plain)));
  return [
    bad("no line feed at the end", good.slice(0, -1)),
    bad("no empty line", good.replace("\n\n", "\n")),
    bad("hyphen for a dash", good.replace("\u2014", "-")),
    bad("carriage returns", good.replaceAll("\n", "\r\n")),
    bad("signature without padding", good.replace(/=\n$/, "\n")),
    bad("65 lines", full + good.slice(plain.length + 1)),
  ];
}

function trees(): object[] {
  return Array.from({ length: entries.length + 1 }, (_, size) => {
    const range = appendLeaves(emptyRange, leaves.slice(0, size));
    return { size, root: toHex(rangeRoot(range)), frontier: range.hashes.map(toHex) };
  });
}

function proofs(): object[] {
  const read = ({ level, index }: { level: number; index: number }) =>
    rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
  const checkpoint = signedCheckpoint(feed.origin, 21, root, signDomain(feed.seed, utf8(body(21))));
  const proof = (
    id: string,
    code: ProtocolCode | null,
    index: number,
    change: object = {},
    entry: number = index,
  ) => {
    const path = inclusionProof(index, 21, read);
    const octets = writeTlogProof({ index, extra: null, path, checkpoint, ...change });
    return { id, entry: fromUtf8(entries[entry] ?? utf8("")), proof: fromUtf8(octets), code };
  };
  const path = inclusionProof(3, 21, read);
  const zero = signedCheckpoint(
    feed.origin,
    21,
    EMPTY_ROOT,
    signDomain(feed.seed, utf8(body(21, feed.origin, EMPTY_ROOT))),
  );
  const forged = signedCheckpoint(feed.origin, 21, root, signDomain(stranger.seed, utf8(body(21))));
  return [
    ...[0, 3, 15, 16, 19, 20].map((index) => proof(`leaf ${index}`, null, index)),
    proof("with an extra line", null, 3, { extra: utf8("not signed") }),
    proof("another entry", "tree/root-mismatch", 3, {}, 4),
    proof("another index", "tree/root-mismatch", 3, { index: 2 }),
    proof("index outside the tree", "tree/bad-index", 3, { index: 21 }),
    proof("first hash missing", "tree/bad-proof", 3, { path: path.slice(1) }),
    proof("one hash more", "tree/bad-proof", 3, { path: [...path, EMPTY_ROOT] }),
    proof("hashes in reverse", "tree/root-mismatch", 3, { path: path.toReversed() }),
    proof("another root", "tree/root-mismatch", 3, { checkpoint: zero }),
    proof("forged checkpoint", "checkpoint/bad-signature", 3, { checkpoint: forged }),
  ];
}

const about = {
  network: NETWORK,
  seed: toHex(feed.seed),
  key: toHex(feed.key),
  origin: feed.origin,
  originHash: toHex(originHash(feed.origin)),
};
writeVectors("feed/checkpoints.json", {
  ...about,
  checkpoints: [...goodCheckpoints(), ...badCheckpoints(), ...badNotes()],
});
writeVectors("feed/trees.json", { entries: entries.map((entry) => fromUtf8(entry)), trees: trees() });
writeVectors("feed/proofs.json", { ...about, proofs: proofs() });
writeVectors("feed/messages.json", {
  ...about,
  body: body(21),
  time: TIME,
  cosignatureMessage: fromUtf8(cosignatureMessage(TIME, utf8(body(21)))),
  keyId01: toHex(noteKeyId(feed.origin, NOTE_ED25519, feed.key)),
  keyId04: toHex(timeLine(TIME).keyId4),
  timeBlob: toHex(timeLine(TIME).signature),
});
