/** Writing JSON: OLPC canonical JSON, which legacy links sign, and plain JSON for envelopes of our own (`protocol/spec/json.md`). */
import { ProtocolError } from "../errors.ts";
import { isJsonArray, isJsonObject } from "./json.ts";
import type { JsonValue } from "./json.ts";
import { quote, utf8 } from "./text.ts";

/**
 * OLPC canonical JSON as securesystemslib and in-toto-golang write it: names sorted by code point, no space, integers only, strings
 * escape nothing but `\` and `"`. Throws `json/not-canonical` for what it cannot carry (fractions, -0, unsafe integers).
 */
export function canonicalJson(value: JsonValue): Uint8Array {
  return utf8(write(value, CANONICAL));
}

/** Plain JSON in one line: members in the order of their Map, so equal values give equal octets. */
export function writeJson(value: JsonValue): Uint8Array {
  return utf8(write(value, PLAIN));
}

/** An object of our own, members in the order given; undefined ones are left out. Foreign names belong into a Map, not here. */
export function jsonObject(
  members: Readonly<Record<string, JsonValue | undefined>>,
): ReadonlyMap<string, JsonValue> {
  const object = new Map<string, JsonValue>();
  for (const [name, value] of Object.entries(members)) if (value !== undefined) object.set(name, value);
  return object;
}

/**
 * Throws `json/not-canonical` for values on whose canonical octets the implementations disagree, so that what we sign verifies
 * everywhere: C0 controls and backslashes in any string (in-toto-rs escapes the first and corrupts the second), names that are not
 * ASCII (canonical-json of npm sorts by UTF-16), numbers other than safe integers.
 */
export function assertEmittable(value: JsonValue): void {
  if (typeof value === "string") assertPlainText(value);
  else if (typeof value === "number") writeInteger(value);
  else if (isJsonArray(value)) value.forEach(assertEmittable);
  else if (isJsonObject(value)) {
    for (const [name, member] of value) {
      assertPlainText(name);
      // oxlint-disable-next-line no-control-regex -- controls were refused above; this is ASCII as a range
      if (!/^[\u0000-\u007f]*$/.test(name)) {
        throw new ProtocolError(
          "json/not-canonical",
          `the name ${quote(name)} is not ASCII; in-toto tools sort it differently`,
        );
      }
      assertEmittable(member);
    }
  }
}

/** Order of code points. UTF-16 order, which `<` gives, puts U+10000 and up before U+E000: surrogates go last here. */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = codePointRank(a.charCodeAt(i)) - codePointRank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

interface Dialect {
  readonly string: (text: string) => string;
  readonly number: (value: number) => string;
  readonly members: (object: ReadonlyMap<string, JsonValue>) => Iterable<readonly [string, JsonValue]>;
}

const CANONICAL: Dialect = {
  string: (text) => `"${/["\\]/.test(text) ? text.replace(/["\\]/g, String.raw`\$&`) : text}"`,
  number: writeInteger,
  // What others wrote is mostly in order: large links are, to which sorting again would cost more than reading them.
  members: (object) =>
    isInOrder(object.keys()) ? object : [...object].sort(([a], [b]) => compareCodePoints(a, b)),
};
const PLAIN: Dialect = { string: writeString, number: writeNumber, members: (object) => object };

function isInOrder(names: Iterable<string>): boolean {
  let last: string | null = null;
  for (const name of names) {
    if (last !== null && !isBefore(last, name)) return false;
    last = name;
  }
  return true;
}

/** Whether one comes before the other by code point: without surrogates and what is above them that is UTF-16's order, which the engine compares. */
function isBefore(a: string, b: string): boolean {
  return /[\ud800-\uffff]/.test(b) ? compareCodePoints(a, b) < 0 : a < b;
}

function write(value: JsonValue, dialect: Dialect): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return dialect.string(value);
  if (typeof value === "number") return dialect.number(value);
  let text = "";
  if (isJsonObject(value)) {
    for (const [name, member] of dialect.members(value)) {
      text += `${text === "" ? "{" : ","}${dialect.string(name)}:${write(member, dialect)}`;
    }
    return text === "" ? "{}" : `${text}}`;
  }
  for (const item of value) text += (text === "" ? "[" : ",") + write(item, dialect);
  return text === "" ? "[]" : `${text}]`;
}

function writeInteger(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    throw new ProtocolError("json/not-canonical", `${value} is not an integer that canonical JSON carries`);
  }
  return String(value);
}

function writeString(text: string): string {
  // JSON.stringify would escape half a surrogate pair, which no strict reader takes back.
  if (!text.isWellFormed())
    throw new ProtocolError("json/not-canonical", `${quote(text)} holds an unpaired surrogate`);
  return JSON.stringify(text);
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new ProtocolError("json/not-canonical", `JSON has no ${value}`);
  return Object.is(value, -0) ? "-0" : String(value);
}

function assertPlainText(text: string): void {
  // oxlint-disable-next-line no-control-regex -- the very characters to refuse
  if (/[\u0000-\u001f\\]/.test(text)) {
    throw new ProtocolError(
      "json/not-canonical",
      `${quote(text)} holds a control character or a backslash, which in-toto tools sign differently`,
    );
  }
}
