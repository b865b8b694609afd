/** What is said of a parser, and where samples come from. */
import { readFileSync } from "node:fs";
import { fromUtf8 } from "../../../protocol/index.ts";
import type { ProtocolCode } from "../../../protocol/index.ts";

const VECTORS = new URL("../../vectors/", import.meta.url);

export interface Parser {
  /** The function's name, as the door has it. */
  readonly name: string;
  /** A function of octets; what takes text is wrapped, and octets that are no text are `bytes/bad-utf8`. */
  readonly read: (bytes: Uint8Array) => unknown;
  /** The octets of what was read, where there is one writing: then no two texts may read as one value. */
  readonly again?: (value: never) => Uint8Array;
  readonly samples: readonly Uint8Array[];
  /** The codes that it is said to throw, or their first parts, e.g. `note/`. */
  readonly codes: readonly string[];
  /** One line feed after it is let be. */
  readonly lineEnd?: true;
  /** More octets are refused by size alone, with one of these codes. */
  readonly limit?: readonly [bytes: number, ...codes: ProtocolCode[]];
  /** The format is JSON: its samples are also taken apart and put together wrongly. */
  readonly json?: true;
}

export function octets(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, VECTORS)));
}

export function json(path: string): never {
  return JSON.parse(readFileSync(new URL(path, VECTORS), "utf8")) as never;
}

export function onText<Value>(read: (text: string) => Value): (bytes: Uint8Array) => Value {
  return (bytes) => read(fromUtf8(bytes));
}
