/**
 * From a foreign value to one of our types: each reader says what is wrong and where (`statement.subject[0].name`), and a record says
 * which members nobody asked for.
 *
 * ```ts
 * const r = record(readJson(bytes, limits), "envelope");
 * const payloadType = r.string("payloadType");
 * const signatures = r.list("signatures", MAX_SIGNATURES).map((item) => item.record());
 * r.done(); // or r.rest(), where unknown members are tolerated
 * ```
 */
import { ProtocolError } from "../errors.ts";
import type { ProtocolCode } from "../errors.ts";
import { isJsonArray, isJsonObject } from "./json.ts";
import type { JsonValue } from "./json.ts";
import { fromDecimal, fromHex, quote, utf8 } from "./text.ts";

/** Where a value stands: member names and list indexes from the root. */
export type ValuePath = readonly (string | number)[];
/** How messages name a place: a document's name, or a function where the document knows better (lines of a TOML file). */
export type Place = string | ((path: ValuePath) => string);

/** The record at the root of a document. Throws `shape/wrong-type`. */
export function record(value: JsonValue, place: Place): RecordShape {
  return new Shape(value, place, []).record();
}

/** One foreign value and where it stands. */
export class Shape {
  readonly value: JsonValue;
  readonly #place: Place;
  readonly #path: ValuePath;

  constructor(value: JsonValue, place: Place, path: ValuePath) {
    this.value = value;
    this.#place = place;
    this.#path = path;
  }

  /** The place in words, e.g. `statement.subject[0].name`. */
  get where(): string {
    return typeof this.#place === "string" ? this.#place + describePath(this.#path) : this.#place(this.#path);
  }

  /** The value of a member or item below this one. */
  below(step: string | number, value: JsonValue): Shape {
    return new Shape(value, this.#place, [...this.#path, step]);
  }

  /** Text of at most `maxBytes` octets of UTF-8, where given. */
  string(maxBytes?: number): string {
    const { value } = this;
    if (typeof value !== "string") return this.#wrong("text");
    // A UTF-16 unit takes at most 3 octets: short text needs no counting.
    if (maxBytes !== undefined && 3 * value.length > maxBytes && utf8(value).length > maxBytes) {
      this.fail("shape/out-of-range", `text of at most ${maxBytes} octets expected`);
    }
    return value;
  }

  /** One of the words listed. */
  oneOf<Word extends string>(words: readonly Word[]): Word {
    const text = this.string();
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) {
      return this.fail("shape/out-of-range", `${quote(text)} is none of ${words.map(quote).join(", ")}`);
    }
    return word;
  }

  /** An integer from `min` to `max`. */
  integer(min: number, max: number): number {
    const { value } = this;
    if (typeof value !== "number") return this.#wrong("an integer");
    if (!Number.isSafeInteger(value) || Object.is(value, -0) || value < min || value > max) {
      this.fail("shape/out-of-range", `an integer from ${min} to ${max} expected, not ${value}`);
    }
    return value;
  }

  /** An integer from 0 to `max` written as text, as protobuf's JSON writes 64 bits. */
  decimal(max?: number): number {
    const text = this.string();
    return this.within(() => fromDecimal(text, max));
  }

  /** Octets written in lowercase hex; with `length`, exactly so many. */
  hex(length?: number): Uint8Array {
    const text = this.string();
    return this.within(() => fromHex(text, length));
  }

  boolean(): boolean {
    const { value } = this;
    return typeof value === "boolean" ? value : this.#wrong("true or false");
  }

  /** The items of a list of at most `max`. */
  list(max: number): readonly Shape[] {
    const { value } = this;
    if (!isJsonArray(value)) return this.#wrong("a list");
    if (value.length > max)
      this.fail("shape/out-of-range", `a list of at most ${max} expected, not ${value.length}`);
    return value.map((item, index) => this.below(index, item));
  }

  /** A record, whose members have names that we chose. */
  record(): RecordShape {
    const { value } = this;
    return isJsonObject(value) ? new RecordShape(this, value) : this.#wrong("an object");
  }

  /** A table of at most `max` members, whose names the stranger chose. */
  table(max: number): ReadonlyMap<string, Shape> {
    const { value } = this;
    if (!isJsonObject(value)) return this.#wrong("an object");
    if (value.size > max)
      this.fail("shape/out-of-range", `at most ${max} members expected, not ${value.size}`);
    return new Map([...value].map(([name, member]) => [name, this.below(name, member)]));
  }

  /** Throws `code` with the place in front of `problem`. */
  fail(code: ProtocolCode, problem: string): never {
    throw new ProtocolError(code, `${this.where}: ${problem}`);
  }

  /** Runs a reader that knows no places and adds this one to what it throws. */
  within<Value>(read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new ProtocolError(error.code, `${this.where}: ${error.message}`, { cause: error });
    }
  }

  #wrong(wanted: string): never {
    return this.fail("shape/wrong-type", `${wanted} expected, not ${nameOfType(this.value)}`);
  }
}

/** An object of members that we name; it remembers which were asked for. */
export class RecordShape {
  readonly shape: Shape;
  readonly #members: ReadonlyMap<string, JsonValue>;
  readonly #asked = new Set<string>();

  /** `members` is the value of `shape`. */
  constructor(shape: Shape, members: ReadonlyMap<string, JsonValue>) {
    this.shape = shape;
    this.#members = members;
  }

  /** A member that may be missing. */
  optional(name: string): Shape | undefined {
    this.#asked.add(name);
    const value = this.#members.get(name);
    return value === undefined ? undefined : this.shape.below(name, value);
  }

  /** A member that must be there: else `shape/missing`. */
  member(name: string): Shape {
    return this.optional(name) ?? this.shape.fail("shape/missing", `the member ${quote(name)} is missing`);
  }

  string(name: string, maxBytes?: number): string {
    return this.member(name).string(maxBytes);
  }

  integer(name: string, min: number, max: number): number {
    return this.member(name).integer(min, max);
  }

  boolean(name: string): boolean {
    return this.member(name).boolean();
  }

  list(name: string, max: number): readonly Shape[] {
    return this.member(name).list(max);
  }

  record(name: string): RecordShape {
    return this.member(name).record();
  }

  table(name: string, max: number): ReadonlyMap<string, Shape> {
    return this.member(name).table(max);
  }

  /** Throws `shape/unknown-member` if there is a member that nobody asked for. */
  done(): void {
    for (const [name, value] of this.#members) {
      if (this.#asked.has(name)) continue;
      this.shape
        .below(name, value)
        .fail("shape/unknown-member", `the member ${quote(name)} is not known here`);
    }
  }

  /** The members that nobody asked for so far. */
  rest(): ReadonlyMap<string, JsonValue> {
    return new Map([...this.#members].filter(([name]) => !this.#asked.has(name)));
  }
}

/** A path as programmers write it; foreign names quoted and cut. */
export function describePath(path: ValuePath): string {
  return path
    .map((step) =>
      typeof step === "number"
        ? `[${step}]`
        : /^[A-Za-z_][\w-]{0,63}$/.test(step)
          ? `.${step}`
          : `[${quote(step)}]`,
    )
    .join("");
}

function nameOfType(value: JsonValue): string {
  if (value === null) return "null";
  if (isJsonArray(value)) return "a list";
  if (isJsonObject(value)) return "an object";
  return typeof value === "string" ? "text" : typeof value === "number" ? "a number" : "true or false";
}
