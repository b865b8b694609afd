/** JSON of strangers, read exactly (RFC 8259, with the strictness of `protocol/spec/json.md`). */
import { ProtocolError } from "../errors.ts";
import type { ProtocolCode } from "../errors.ts";
import { MAX_JSON_DEPTH } from "../limits.ts";
import { fromUtf8, quote, utf8, utf8Length } from "./text.ts";

/** What JSON says. Objects are Maps in the order of the text: a foreign name is never a property name. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | ReadonlyMap<string, JsonValue>;

/** Whether a value is a JSON array. */
export function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Whether a value is a JSON object. */
export function isJsonObject(value: JsonValue): value is ReadonlyMap<string, JsonValue> {
  return value instanceof Map;
}

export interface JsonLimits {
  /** Octets of the whole text; checked before anything is parsed. */
  readonly maxBytes: number;
  /** Nesting of arrays and objects; MAX_JSON_DEPTH unless given. */
  readonly maxDepth?: number;
  /** Only integers, written as such: for texts whose signed octets are canonical JSON. */
  readonly integersOnly?: boolean;
}

/**
 * Reads one JSON text. Refuses invalid UTF-8, a byte order mark, unpaired surrogates (also escaped ones), names that occur twice in
 * one object, numbers that JavaScript would change (integers beyond 2^53 - 1, overflow), nesting beyond the limit and anything after
 * the value. Throws `bytes/too-big`, `bytes/bad-utf8`, `json/…`; the message names the octet.
 */
export function readJson(source: Uint8Array | string, limits: JsonLimits): JsonValue {
  const size = typeof source === "string" ? utf8Length(source, limits.maxBytes) : source.length;
  if (size > limits.maxBytes) {
    throw new ProtocolError("bytes/too-big", `JSON of ${size} octets; at most ${limits.maxBytes} are read`);
  }
  return new Reader(typeof source === "string" ? source : fromUtf8(source), limits).document();
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LETTER_T = 0x74;
const LETTER_F = 0x66;
const LETTER_N = 0x6e;

// Sticky expressions run in the engine's own scanner: several times faster here than a loop over characters.
// oxlint-disable-next-line no-control-regex -- exactly what JSON forbids inside strings
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const HEX4 = /^[0-9a-fA-F]{4}$/;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

class Reader {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #integersOnly: boolean;
  #at = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#maxDepth = limits.maxDepth ?? MAX_JSON_DEPTH;
    this.#integersOnly = limits.integersOnly ?? false;
  }

  document(): JsonValue {
    this.#skipSpace();
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at !== this.#text.length) this.#fail("json/bad-syntax", "nothing may follow the value");
    return value;
  }

  #value(depth: number): JsonValue {
    switch (this.#text.charCodeAt(this.#at)) {
      case QUOTE:
        return this.#string();
      case OPEN_BRACE:
        return this.#object(depth + 1);
      case OPEN_BRACKET:
        return this.#array(depth + 1);
      case LETTER_T:
        return this.#word("true", true);
      case LETTER_F:
        return this.#word("false", false);
      case LETTER_N:
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): ReadonlyMap<string, JsonValue> {
    this.#enter(depth);
    const members = new Map<string, JsonValue>();
    if (this.#skip(CLOSE_BRACE)) return members;
    for (;;) {
      const nameAt = this.#at;
      if (this.#text.charCodeAt(nameAt) !== QUOTE) this.#fail("json/bad-syntax", 'a name in "" expected');
      const name = this.#string();
      this.#skipSpace();
      if (!this.#skip(COLON)) this.#fail("json/bad-syntax", "':' expected");
      const value = this.#value(depth);
      if (members.has(name)) {
        this.#at = nameAt;
        this.#fail("json/duplicate-key", `the name ${quote(name)} occurs twice in one object`);
      }
      members.set(name, value);
      this.#skipSpace();
      if (this.#skip(CLOSE_BRACE)) return members;
      if (!this.#skip(COMMA)) this.#fail("json/bad-syntax", "',' or '}' expected");
    }
  }

  #array(depth: number): readonly JsonValue[] {
    this.#enter(depth);
    const items: JsonValue[] = [];
    if (this.#skip(CLOSE_BRACKET)) return items;
    for (;;) {
      items.push(this.#value(depth));
      this.#skipSpace();
      if (this.#skip(CLOSE_BRACKET)) return items;
      if (!this.#skip(COMMA)) this.#fail("json/bad-syntax", "',' or ']' expected");
    }
  }

  /** Past an opening bracket, if the depth allows. */
  #enter(depth: number): void {
    if (depth > this.#maxDepth) {
      this.#fail("json/too-deep", `nested deeper than ${this.#maxDepth} arrays and objects`);
    }
    this.#at++;
    this.#skipSpace();
  }

  /** Past `code` and the space behind it, if it stands here. */
  #skip(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    // What ends a value is mostly followed by the next token; leave the scanner alone then.
    if (this.#text.charCodeAt(this.#at) <= 0x20) this.#skipSpace();
    return true;
  }

  #skipSpace(): void {
    let code = this.#text.charCodeAt(this.#at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      code = this.#text.charCodeAt(++this.#at);
    }
  }

  #string(): string {
    const start = this.#at + 1;
    PLAIN.lastIndex = start;
    PLAIN.test(this.#text);
    const end = PLAIN.lastIndex;
    if (this.#text.charCodeAt(end) !== QUOTE) return this.#escapedString(start, end);
    this.#at = end + 1;
    return this.#text.slice(start, end);
  }

  /** A string with escapes: `end` is the first character that is not plain. */
  #escapedString(start: number, end: number): string {
    let value = this.#text.slice(start, end);
    this.#at = end;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) break;
      if (code !== BACKSLASH)
        this.#fail("json/bad-syntax", "a string that ends in a quotation mark, controls escaped, expected");
      value += this.#escape();
      PLAIN.lastIndex = this.#at;
      PLAIN.test(this.#text);
      value += this.#text.slice(this.#at, PLAIN.lastIndex);
      this.#at = PLAIN.lastIndex;
    }
    if (!value.isWellFormed()) {
      this.#fail("json/bad-syntax", "the string escapes half a surrogate pair, which is no character");
    }
    this.#at++;
    return value;
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at + 1);
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) {
      this.#at += 2;
      return plain;
    }
    const digits = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter !== "u" || !HEX4.test(digits)) this.#fail("json/bad-syntax", "an unknown escape");
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #word<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#fail("json/bad-syntax", "a value expected");
    this.#at += word.length;
    return value;
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) return this.#fail("json/bad-syntax", "a value expected");
    const [literal, fraction, exponent] = match;
    const value = Number(literal);
    const isInteger = fraction === undefined && exponent === undefined;
    if (this.#integersOnly && (!isInteger || Object.is(value, -0))) {
      this.#fail("json/bad-number", `${quote(literal)} is not written as an integer`);
    }
    if (isInteger ? !Number.isSafeInteger(value) : !Number.isFinite(value)) {
      this.#fail("json/bad-number", `${quote(literal)} exceeds what every reader keeps exactly (2^53 - 1)`);
    }
    this.#at = NUMBER.lastIndex;
    return value;
  }

  #fail(code: ProtocolCode, problem: string): never {
    const octet = utf8(this.#text.slice(0, this.#at).toWellFormed()).length;
    throw new ProtocolError(code, `JSON, octet ${octet}: ${problem}`);
  }
}
