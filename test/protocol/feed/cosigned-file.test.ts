/** The file `cosigned` of a feed's folder: what is written is read back, and nothing else is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseCosigned,
  readCosigned,
  verifyCosigned,
  verifyPast,
  withSignatureLine,
  writeCosigned,
} from "../../../protocol/feed/index.ts";
import {
  MAX_COSIGNED_BYTES,
  MAX_PAST_BYTES,
  MAX_TOLD_COSIGNATURES,
  MAX_TOLD_PAST,
} from "../../../protocol/limits.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { codeOf, flipped, refused, text } from "./cases.ts";

const feed = new MemoryFeed(1).append("a", "b", "c", "d", "e");
const seedOf = (number: number): Uint8Array => new Uint8Array(32).fill(number);
const notes = [3, 5, 3].map((size, i) => cosignedNote(feed, size, seedOf(21 + i), 7));
const file = writeCosigned(notes) ?? new Uint8Array();
const joined = (...parts: readonly (Uint8Array | string)[]): Uint8Array =>
  text(parts.map((part) => (typeof part === "string" ? part : new TextDecoder().decode(part))).join(""));

test("the file is notes with an empty line between each two, and is read back", () => {
  const [a = "", b = "", c = ""] = notes.map((note) => new TextDecoder().decode(note));
  assert.equal(new TextDecoder().decode(file), `${a}\n${b}\n${c}`);
  assert.deepEqual(
    readCosigned(file).map(({ checkpoint }) => checkpoint.note),
    notes,
  );
  assert.equal(writeCosigned([]), null);
});

test("of many heads the first are written, and more than that are not read", () => {
  const many = Array.from({ length: MAX_TOLD_COSIGNATURES + 1 }, (_, i) =>
    cosignedNote(feed, 4, seedOf(30 + i), 7),
  );
  const written = writeCosigned(many) ?? new Uint8Array();
  assert.equal(readCosigned(written).length, MAX_TOLD_COSIGNATURES);
  refused("cosignature/bad-file", () => readCosigned(joined(written, "\n", many.at(-1) ?? "")));
  refused("cosignature/bad-file", () => readCosigned(new Uint8Array(MAX_COSIGNED_BYTES + 1).fill(0x78)));
});

test("of what witnesses cosigned in the past those heads are taken that each of those asked for had cosigned last by each time", () => {
  const [one, two] = [seedOf(21), seedOf(22)];
  const story: readonly (readonly [seed: Uint8Array, size: number, time: number])[] = [
    [one, 1, 100],
    [one, 2, 200],
    [one, 4, 300],
    [two, 3, 250],
    [seedOf(23), 2, 150],
  ];
  const past = writeCosigned(
    story.map(([seed, size, time]) => cosignedNote(feed, size, seed, time)),
    MAX_TOLD_PAST,
  );
  assert.ok(past !== null);
  const witnesses = [one, two].map((seed) => witnessOf(seed));
  const sizes = (size: number, ...times: readonly number[]): readonly number[] =>
    verifyPast(past, feed.branch(size).head(), { witnesses, times }).map((head) => head.size);
  assert.deepEqual(sizes(5, 99), []);
  assert.deepEqual(sizes(5, 200), [2]);
  assert.deepEqual(sizes(5, 299, 260, 1_000), [2, 4, 3], "each once");
  assert.deepEqual(sizes(3, 1_000), [2, 3], "none larger than the folder's head");
  assert.deepEqual(verifyPast(past, feed.head(), { witnesses: [], times: [1_000] }), []);
  const other = new MemoryFeed(2).append("a", "b", "c", "d");
  const options = { witnesses, times: [1_000] };
  refused("checkpoint/bad-origin", () => verifyPast(past, other.head(), options));
  const another = new MemoryFeed(1).append("a", "b", "c", "z");
  const moved = withSignatureLine(feed.note(4), parseCosigned(cosignedNote(another, 4, one, 300)).line);
  const head = verifyPast(writeCosigned([moved], MAX_TOLD_PAST) ?? moved, feed.head(), options);
  assert.equal(head.length, 1, "whether the witness's line holds is for those to see who count it");
  refused("cosignature/bad-file", () => verifyPast(new Uint8Array(MAX_PAST_BYTES + 1), feed.head(), options));
});

test("what is not exactly such a file is refused", () => {
  const [one = "", two = ""] = notes;
  const line = { name: "w", keyId4: new Uint8Array(4), signature: new Uint8Array(900) };
  const long = withSignatureLine(feed.note(3), line);
  for (const bad of ["", "x", joined(one, two), long])
    refused("cosignature/bad-file", () => readCosigned(typeof bad === "string" ? text(bad) : bad));
  refused("cosignature/bad-file", () => readCosigned(Uint8Array.of(0xff, 0xfe)));
  for (const bad of [joined("\n", one), joined(one, "\n\n", two)])
    refused("checkpoint/malformed", () => readCosigned(bad));
  refused("note/malformed", () => readCosigned(joined(one, "\n")));
  refused("cosignature/not-one", () => readCosigned(feed.note(3)));
  // What stands in a witness's line is for those to verify who know its key.
  const own = feed.note(3).length;
  for (const { at, bytes } of flipped(file))
    if (at < own) assert.notEqual(codeOf(() => verifyCosigned(bytes, feed.head())) ?? "", "", `octet ${at}`);
});

test("heads are the feed's, by its key, and no larger than the one beside the file", () => {
  const sizes = (size: number): readonly number[] =>
    verifyCosigned(file, feed.branch(size).head()).map((head) => head.size);
  assert.deepEqual([sizes(5), sizes(4), sizes(2)], [[3, 5, 3], [3, 3], []]);
  const other = new MemoryFeed(2).append("a", "b", "c");
  refused("checkpoint/bad-origin", () => verifyCosigned(file, other.head()));
  const forged = cosignedNote(other, 3, seedOf(21), 7);
  const lies = new TextDecoder().decode(forged).replaceAll(other.origin, feed.origin);
  refused("checkpoint/unsigned", () => verifyCosigned(text(lies), feed.head()));
});
