/** A file with its seams: where numbers stand that say where other things are, and where these begin. What is changed at random is mostly these. */
import fc from "fast-check";
import { concat, viewOf } from "../../../../protocol/bytes/index.ts";

/** A number in a file, or (`text`) one in ASCII that blanks fill up. */
export interface Field {
  readonly at: number;
  readonly length: number;
  readonly order: "le" | "be" | "text";
}

export interface Shape {
  readonly file: Uint8Array;
  readonly fields: readonly Field[];
  /** Where its parts begin and end. */
  readonly marks: readonly number[];
  /** Makes the numbers right by which all of the file hangs, so that what was changed elsewhere is looked at. */
  readonly mend: (file: Uint8Array) => void;
}

/** One change. Numbers that choose among fields or marks are taken modulo. */
export type Change =
  | { readonly kind: "set"; readonly field: number; readonly value: Value }
  | { readonly kind: "copy"; readonly from: number; readonly to: number; readonly before: number }
  | { readonly kind: "drop"; readonly from: number; readonly to: number }
  | { readonly kind: "insert"; readonly before: number; readonly octets: Uint8Array }
  | { readonly kind: "end"; readonly at: number; readonly delta: number }
  | { readonly kind: "flip"; readonly at: number; readonly mask: number }
  | { readonly kind: "mend" };

type Value =
  | { readonly kind: "extreme"; readonly number: number }
  | { readonly kind: "mark"; readonly mark: number; readonly delta: number }
  | { readonly kind: "span"; readonly from: number; readonly to: number; readonly delta: number }
  | { readonly kind: "field"; readonly field: number; readonly delta: number }
  | { readonly kind: "any"; readonly number: number };

const EXTREMES = [
  0, 1, 2, 4, 7, 8, 16, 24, 255, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff,
];
const delta = fc.constantFrom(0, 0, 0, 1, -1, 4, -4, 8, -8, 16, -16);
const mark = fc.nat(255);

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(...EXTREMES).map((number) => ({ kind: "extreme", number }) as const),
  fc.record({ kind: fc.constant("mark" as const), mark, delta }),
  fc.record({ kind: fc.constant("span" as const), from: mark, to: mark, delta }),
  fc.record({ kind: fc.constant("field" as const), field: mark, delta }),
  fc.record({ kind: fc.constant("any" as const), number: fc.nat(0xffff_ffff) }),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("set" as const), field: fc.nat(1_023), value }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("copy" as const), from: mark, to: mark, before: mark }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), from: mark, to: mark }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("insert" as const),
      before: mark,
      octets: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 70 }).map((length) => new Uint8Array(length)),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("end" as const), at: mark, delta }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("flip" as const),
      at: fc.nat(0xf_ffff),
      mask: fc.integer({ min: 1, max: 255 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: "mend" } as const) },
);

/** Changes of one file, few as a rule. */
export const changes: fc.Arbitrary<readonly Change[]> = fc.array(change, { minLength: 1, maxLength: 6 });

/** The file with these changes, one after the other: places are those that the file had at first. */
export function changed(shape: Shape, all: readonly Change[]): Uint8Array {
  let file: Uint8Array = shape.file.slice();
  for (const one of all) file = made(shape, file, one);
  return file;
}

function made(shape: Shape, file: Uint8Array, one: Change): Uint8Array {
  const at = (index: number): number => Math.min(file.length, pick(shape.marks, index));
  switch (one.kind) {
    case "set":
      if (shape.fields.length > 0)
        write(file, pick(shape.fields, one.field), valueOf(shape, file, one.value));
      return file;
    case "copy": {
      const [from, to, before] = [at(one.from), at(one.to), at(one.before)];
      return concat(file.subarray(0, before), file.subarray(from, Math.max(from, to)), file.subarray(before));
    }
    case "drop": {
      const [from, to] = [at(one.from), at(one.to)];
      return concat(file.subarray(0, Math.min(from, to)), file.subarray(Math.max(from, to)));
    }
    case "insert":
      return concat(file.subarray(0, at(one.before)), one.octets, file.subarray(at(one.before)));
    case "end":
      return file.slice(0, Math.max(0, at(one.at) + one.delta));
    case "flip":
      if (file.length > 0) {
        const place = one.at % file.length;
        file[place] = (file[place] ?? 0) ^ one.mask;
      }
      return file;
    case "mend":
      try {
        shape.mend(file);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error; // too short for what would be mended
      }
      return file;
  }
}

function valueOf(shape: Shape, file: Uint8Array, value: Value): number {
  const at = (index: number): number => pick([...shape.marks, file.length], index);
  switch (value.kind) {
    case "extreme":
    case "any":
      return value.number;
    case "mark":
      return at(value.mark) + value.delta;
    case "span":
      return Math.abs(at(value.from) - at(value.to)) + value.delta;
    case "field":
      return read(file, pick(shape.fields, value.field)) + value.delta;
  }
}

function pick<T>(all: readonly T[], index: number): T {
  const one = all[index % all.length];
  if (one === undefined) throw new Error("there is nothing to choose from");
  return one;
}

function write(file: Uint8Array, { at, length, order }: Field, number: number): void {
  if (at + length > file.length) return;
  const big = BigInt(Math.trunc(number));
  if (order === "text") {
    const text = String(number).slice(0, length).padEnd(length, " ");
    for (let i = 0; i < length; i++) file[at + i] = text.charCodeAt(i);
    return;
  }
  for (let i = 0; i < length; i++) {
    const place = order === "le" ? at + i : at + length - 1 - i;
    file[place] = Number((big >> BigInt(8 * i)) & 0xffn);
  }
}

function read(file: Uint8Array, { at, length, order }: Field): number {
  const octets = file.subarray(at, at + length);
  if (order === "text") return Number(new TextDecoder().decode(octets)) || 0;
  const ordered = order === "le" ? octets.toReversed() : octets;
  return Number(ordered.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n));
}

/** A number in the file as it is. */
export function u32(file: Uint8Array, at: number, order: "le" | "be"): number {
  return viewOf(file).getUint32(at, order === "le");
}

export function field(at: number, length: number, order: Field["order"]): Field {
  return { at, length, order };
}
