/** What holds of every file, whatever is in it. */
import assert from "node:assert/strict";
import { equalBytes, startsWith } from "../../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../../protocol/errors.ts";
import { normalForm, readZipTree, runReads } from "../../../../protocol/normal-form/index.ts";
import type { FileRead, NormalForm, TreeEntry } from "../../../../protocol/normal-form/index.ts";
import { editedSize } from "../../../../protocol/normal-form/edits.ts";
import { normal } from "../rig.ts";
import type { Normal } from "../rig.ts";

/** Tables are read at most twice, the end of a zip file beside. */
const readable = (size: number): number => 4 * size + 200_000;

/** A form, or the code with which it is refused. Whatever else it throws is a fault. */
export function formOf(file: Uint8Array, lenient: boolean = false): Normal | string {
  return orCode(() => normal(file, lenient));
}

function orCode<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ProtocolError) || !error.code.startsWith("normal-form/")) throw error;
    assert.ok(error.message.length < 500, error.message);
    assert.match(error.message, /octet \d+|a signed JAR|places of the file/);
    return error.code;
  }
}

/** Throws unless all that normal forms promise holds of this file; answers with `form`, or the code. `places`: octets that are tried. */
export function assertHolds(file: Uint8Array, places: readonly number[]): string {
  const form = formOf(file);
  const lenient = formOf(file, true);
  assertBounded(file);
  if (typeof form === "string") return form;
  assert.ok(typeof lenient !== "string", "leniently it is refused, strictly it is not");
  assert.ok(equalBytes(lenient.bytes, form.bytes), "leniently it has another form");
  assert.deepEqual([lenient.remarks, form.remarks], [[], []]);
  const again = formOf(form.bytes);
  assert.ok(typeof again !== "string", `its form is refused: ${typeof again === "string" ? again : ""}`);
  assert.ok(equalBytes(again.bytes, form.bytes), "N(N(x)) is not N(x)");
  assert.deepEqual(again.signatures, [], "its form has a signature");
  assertCuts(file, form);
  for (const place of places) assertCounts(file, form, place % file.length);
  return "form";
}

/** Reads and edits stay within the file, and reads are few. */
function assertBounded(file: Uint8Array): void {
  let octets = 0;
  let reads = 0;
  const read = ({ offset, length }: FileRead): Uint8Array => {
    octets += length;
    reads++;
    assert.ok(
      offset >= 0 && length > 0 && offset + length <= file.length,
      `a read at ${offset} of ${length}`,
    );
    return file.slice(offset, offset + length);
  };
  const form = orCode(() => runReads(normalForm(file.length, { lenient: true }), read));
  assertTree(
    file.length,
    orCode(() => runReads(readZipTree(file.length), read)),
  );
  assert.ok(octets <= readable(file.length), `${octets} octets are read of ${file.length}`);
  assert.ok(reads <= 200 + file.length / 8, `${reads} reads of ${file.length} octets`);
  if (typeof form !== "string") assertEdits(file.length, form);
}

/** Data of files are within the zip file and apart from each other, and no two paths are one. */
function assertTree(size: number, tree: readonly TreeEntry[] | string): void {
  if (typeof tree === "string") return;
  let end = 0;
  for (const { path, dataAt, packed } of tree) {
    assert.ok(dataAt >= end && dataAt + packed <= size, `data of ${packed} octets at ${dataAt}`);
    assert.ok(!`/${path}/`.includes("/../") && !path.startsWith("/"), path);
    end = dataAt + packed;
  }
  assert.equal(new Set(tree.map(({ path }) => path)).size, tree.length);
}

function assertEdits(size: number, { edits, size: after }: NormalForm): void {
  let end = 0;
  for (const { at, length } of edits) {
    assert.ok(at >= end && at + length <= size, `an edit of ${length} octets at ${at}`);
    end = at + length;
  }
  assert.equal(editedSize(size, edits), after);
  assert.ok(Number.isSafeInteger(after) && after >= 0);
}

/** What is cut was read as a signature, or says nothing: zeros, or what only aligns. */
function assertCuts(file: Uint8Array, { format, edits, signatures }: Normal): void {
  const isSigned = (at: number): boolean =>
    signatures.some((each) => at >= each.at && at < each.at + each.length);
  for (const edit of edits) {
    if (edit.kind !== "cut") continue;
    let at = edit.at;
    const end = edit.at + edit.length;
    while (at < end && isSigned(at)) at++;
    if (at === end) continue;
    const rest = file.subarray(at, end);
    const says = rest.findIndex((octet) => octet !== 0);
    if (says === -1) continue;
    const isAlignment = format === "apk" && startsWith(rest, ALIGNMENT_FIELD) && isZeroFrom(rest, 6);
    // Without a signature the whole of an RPM's header is read all the same.
    const isHeader = format === "rpm" && edit.at === 0;
    const isTable = format === "pe" || format === "mach-o" ? isPadding(file, signatures, at, end) : false;
    assert.ok(isAlignment || isHeader || isTable, `octet ${at + says}: cut, and no signature`);
  }
  for (const { at, length } of signatures)
    assert.ok(
      edits.some((edit) => edit.kind === "cut" && edit.at <= at && edit.at + edit.length >= at + length),
      `a signature at octet ${at} is not cut`,
    );
}

const ALIGNMENT_FIELD = Uint8Array.of(0x35, 0xd9);

function isZeroFrom(octets: Uint8Array, from: number): boolean {
  return octets.subarray(from).every((octet) => octet === 0);
}

/** Between and behind certificates of one table: all zeros but the certificates. */
function isPadding(file: Uint8Array, signatures: Normal["signatures"], from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const inside = signatures.find((each) => at >= each.at && at < each.at + each.length);
    if (inside !== undefined) at = inside.at + inside.length - 1;
    else if (file[at] !== 0) return false;
  }
  return true;
}

/** Whoever changes an octet that stands in the form changes the form, or has the file refused. */
function assertCounts(file: Uint8Array, form: Normal, place: number): void {
  if (form.edits.some(({ at, length }) => place >= at && place < at + length)) return;
  for (const mask of [0x01, 0x80, 0xff]) {
    const tampered = file.slice();
    tampered[place] = (tampered[place] ?? 0) ^ mask;
    const other = formOf(tampered);
    if (typeof other !== "string")
      assert.ok(!equalBytes(other.bytes, form.bytes), `octet ${place} ^ ${mask} changes nothing`);
  }
}

/** Octets of a file that has `gap` zeros before octet `at`, and is never made. */
export function assertFarHolds(file: Uint8Array, at: number, gap: number): void {
  const size = file.length + gap;
  let octets = 0;
  const read = ({ offset, length }: FileRead): Uint8Array => {
    octets += length;
    assert.ok(offset >= 0 && length > 0 && offset + length <= size, `a read at ${offset} of ${length}`);
    assert.ok(octets <= readable(file.length) + 2 ** 26, `${octets} octets are read`);
    const answer = new Uint8Array(length);
    const before = file.subarray(Math.min(offset, at), Math.min(at, offset + length));
    answer.set(before);
    const start = Math.max(offset - gap, at);
    const behind = file.subarray(start, Math.max(start, Math.min(file.length, offset + length - gap)));
    if (behind.length > 0) answer.set(behind, start + gap - offset);
    return answer;
  };
  for (const lenient of [false, true]) {
    octets = 0;
    const form = orCode(() => runReads(normalForm(size, { lenient }), read));
    if (typeof form !== "string") assertEdits(size, form);
  }
  octets = 0;
  assertTree(
    size,
    orCode(() => runReads(readZipTree(size), read)),
  );
}
