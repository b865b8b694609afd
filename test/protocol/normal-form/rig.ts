/** What every format's tests do: make normal forms, change each octet, and change files at random. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { concat, equalBytes, viewOf } from "../../../protocol/bytes/index.ts";
import { ProtocolError } from "../../../protocol/errors.ts";
import { applyEdits, normalForm, runReads } from "../../../protocol/normal-form/index.ts";
import type { NormalForm } from "../../../protocol/normal-form/index.ts";
import { Random } from "../../sim/random.ts";

const VECTORS = new URL("../../vectors/unsign/", import.meta.url);
/** What is read of a file whose tables stay within their limits, and a second time for zip files. */
const MAX_READ_BYTES = 64 * 1024 * 1024;

export function vector(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, VECTORS)));
}

export interface Normal extends NormalForm {
  readonly bytes: Uint8Array;
}

/** The normal form of a file that is at hand. It comes in pieces of several lengths, and must have the size that is said. */
export function normal(file: Uint8Array, lenient: boolean = false): Normal {
  let read = 0;
  const form = runReads(normalForm(file.length, { lenient }), ({ offset, length }) => {
    read += length;
    assert.ok(read <= MAX_READ_BYTES, `${read} octets were read of a file of ${file.length}`);
    return file.slice(offset, offset + length);
  });
  const bytes = apply(form, file, file.length);
  assert.equal(bytes.length, form.size);
  return { ...form, bytes };
}

function apply({ edits }: NormalForm, file: Uint8Array, chunk: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += chunk) chunks.push(file.subarray(at, at + chunk));
  return concat(...[...applyEdits(edits, chunks)].map((piece) => piece.slice()));
}

/** Edits come out the same however the file is cut into chunks. */
export function assertStreams(file: Uint8Array): void {
  const whole = normal(file);
  for (const chunk of [1, 7, 64, 1_000, 4_097]) {
    assert.ok(equalBytes(apply(whole, file, chunk), whole.bytes), `in chunks of ${chunk}`);
  }
}

/** All have one normal form, which is its own. */
export function assertOneForm(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const [[, first] = assert.fail("no files"), ...rest] = Object.entries(files);
  const { bytes } = normal(first);
  for (const [name, file] of rest) {
    assert.ok(equalBytes(normal(file).bytes, bytes), `${name} has another normal form`);
  }
  assert.ok(equalBytes(normal(bytes).bytes, bytes), "the normal form has another normal form");
  return bytes;
}

/** The code with which a file is refused, and the message. */
export function refusal(file: Uint8Array): { readonly code: string; readonly message: string } {
  try {
    normal(file);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { code: error.code, message: error.message };
  }
  return assert.fail("it is not refused");
}

/** The octets `from` (inclusive) to `to` (exclusive). */
export type Range = readonly [from: number, to: number];

/** Whichever octet outside `except` is changed, and outside of signatures: another normal form, or none. */
export function assertEachCounts(file: Uint8Array, except: readonly Range[], step: number = 1): void {
  const { bytes, signatures } = normal(file);
  const out = [...except, ...signatures.map(({ at, length }): Range => [at, at + length])];
  let counted = 0;
  for (let at = 0; at < file.length; at += step) {
    if (out.some(([from, to]) => at >= from && at < to)) continue;
    for (const mask of [0x01, 0x80, 0xff]) {
      const changed = file.slice();
      changed[at] = (changed[at] ?? 0) ^ mask;
      const form = formOrCode(changed);
      if (form !== null) assert.ok(!equalBytes(form.bytes, bytes), `octet ${at} ^ ${mask} changes nothing`);
    }
    counted++;
  }
  assert.ok(counted > 0);
}

function formOrCode(file: Uint8Array, lenient: boolean = false): Normal | null {
  try {
    return normal(file, lenient);
  } catch (error) {
    if (!(error instanceof ProtocolError) || !error.code.startsWith("normal-form/")) throw error;
    assert.ok(error.message.length < 500, error.message);
    return null;
  }
}

const EXTREMES = [0, 1, 7, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff];

/**
 * Changes files at random: each ends in a normal form that is its own, or in a code, whether strictly or leniently read. Returns how many
 * had a form.
 */
export function fuzz(files: readonly Uint8Array[], rounds: number): number {
  const random = new Random(1);
  const below = (bound: number): number => random.below(bound);
  let formed = 0;
  for (let round = 0; round < rounds; round++) {
    const file = files[round % files.length] ?? assert.fail();
    const changed = mutant(file, files, below);
    const form = formOrCode(changed);
    formOrCode(changed, true);
    if (form === null) continue;
    formed++;
    const again = formOrCode(form.bytes);
    assert.ok(again !== null && equalBytes(again.bytes, form.bytes), `round ${round}: N(N(x)) is not N(x)`);
  }
  return formed;
}

/** That what would be cut is refused as no signature, at that octet and for that reason. */
export function assertNoSignature(file: Uint8Array, at: number, reason: RegExp): void {
  const { code, message } = refusal(file);
  assert.equal(code, "normal-form/not-a-signature", message);
  assert.match(message, reason);
  assert.ok(message.startsWith(`octet ${at}: `), message);
}

function mutant(
  file: Uint8Array,
  files: readonly Uint8Array[],
  below: (bound: number) => number,
): Uint8Array {
  let bytes: Uint8Array = file.slice();
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(bytes.length);
    const view = viewOf(bytes);
    const number = [...EXTREMES, bytes.length, at, bytes.length - at][below(EXTREMES.length + 3)] ?? 0;
    switch (below(7)) {
      case 0:
        bytes[at] = below(256);
        break;
      case 1:
        if (at + 4 <= bytes.length) view.setUint32(at, number, true);
        break;
      case 2:
        if (at + 4 <= bytes.length) view.setUint32(at, number, false);
        break;
      case 3:
        if (at + 2 <= bytes.length) view.setUint16(at, number & 0xffff, true);
        break;
      case 4:
        bytes = bytes.slice(0, Math.max(1, at));
        break;
      case 5: {
        const other = files[below(files.length)] ?? bytes;
        const from = below(other.length);
        bytes = concat(bytes.subarray(0, at), other.subarray(from, from + below(200)), bytes.subarray(at));
        break;
      }
      default:
        bytes = concat(bytes.subarray(0, at), bytes.subarray(at + 1 + below(40)));
    }
    if (bytes.length === 0) return Uint8Array.of(below(256));
  }
  return bytes;
}
