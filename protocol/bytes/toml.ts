/** TOML 1.0 written by people: read into the same values as JSON, with the line of every key for messages. */
import { parse, TomlDate, TomlError } from "smol-toml";
import type { TomlTable, TomlValue } from "smol-toml";
import { ProtocolError } from "../errors.ts";
import { MAX_JSON_DEPTH } from "../limits.ts";
import type { JsonValue } from "./json.ts";
import { describePath } from "./shape.ts";
import type { ValuePath } from "./shape.ts";
import { fromUtf8, utf8Length } from "./text.ts";
import { findKeys } from "./toml-lines.ts";

export interface TomlDocument {
  /** The document's table. Names that are whole numbers come first in a table, all others in the file's order. */
  readonly value: JsonValue;
  /** A place in words, `name:line:column: path`, for `record(value, place)`. */
  readonly place: (path: ValuePath) => string;
}

export interface TomlLimits {
  /** Octets of the whole text; checked before anything is parsed. */
  readonly maxBytes: number;
  /** What messages call the document, e.g. the file's name. */
  readonly name: string;
}

/**
 * Reads a TOML 1.0 document. Dates (none of our formats has one: times are text), `inf`, `nan` and integers beyond 2^53 - 1 are
 * refused. Throws `bytes/too-big`, `bytes/bad-utf8`, `toml/bad-syntax` with `name:line:column`.
 */
export function readToml(source: Uint8Array | string, limits: TomlLimits): TomlDocument {
  const size = typeof source === "string" ? utf8Length(source, limits.maxBytes) : source.length;
  if (size > limits.maxBytes) {
    throw new ProtocolError(
      "bytes/too-big",
      `${limits.name}: ${size} octets of TOML; at most ${limits.maxBytes} are read`,
    );
  }
  const text = typeof source === "string" ? source : fromUtf8(source);
  const table = parseTable(text, limits.name);
  const find = findKeys(text);
  const place = (path: ValuePath): string => {
    const { line, column } = find(path);
    return `${limits.name}:${line}:${column}: ${describePath(path).replace(/^\./, "") || "the document"}`;
  };
  return { value: tableOf(table, [], place), place };
}

function parseTable(text: string, name: string): TomlTable {
  try {
    return parse(text, { maxDepth: MAX_JSON_DEPTH });
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const problem = cause.message.split("\n", 1)[0]?.replace(/^Invalid TOML document: /, "");
    throw new ProtocolError("toml/bad-syntax", `${name}:${cause.line}:${cause.column}: ${problem}`, {
      cause,
    });
  }
}

type PlaceOf = (path: ValuePath) => string;

function valueOf(value: TomlValue, path: ValuePath, place: PlaceOf): JsonValue {
  if (path.length > MAX_JSON_DEPTH) {
    throw new ProtocolError("toml/bad-syntax", `${place(path)}: nested deeper than ${MAX_JSON_DEPTH}`);
  }
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new ProtocolError("toml/bad-syntax", `${place(path)}: a finite number expected, not ${value}`);
  }
  if (Array.isArray(value)) return value.map((item, index) => valueOf(item, [...path, index], place));
  if (typeof value === "bigint" || value instanceof TomlDate) {
    throw new ProtocolError(
      "toml/bad-syntax",
      `${place(path)}: no dates here; write text in quotation marks`,
    );
  }
  return tableOf(value, path, place);
}

function tableOf(table: TomlTable, path: ValuePath, place: PlaceOf): JsonValue {
  return new Map(
    Object.entries(table).map(([name, value]) => [name, valueOf(value, [...path, name], place)]),
  );
}
