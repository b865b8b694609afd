/** What is waited for, and who signs where it should not. Times are in ms since 1970. */
import { sha256Hex, utf8 } from "../../../protocol/index.ts";
import type { KeySighting } from "./sightings.ts";

/** What proves that somebody said something: an entry of a feed. */
export interface Where {
  readonly origin: string;
  readonly index: number;
}

/** A file that is waited for. */
export interface FileRow extends Where {
  readonly kind: "unreproduced" | "unexpected-release";
  /** 64 hex digits: of kind, target, and SHA-256. */
  readonly id: string;
  readonly purl: string;
  readonly file: string;
  readonly sha256: string;
  readonly step: string;
  /** Claim id, and the raw key that signed it, in hex. */
  readonly claim: string;
  readonly key: string;
  /** When it was seen first. */
  readonly seen: number;
  /** When it is looked at next, when it was last (0 = never), and how often that was in vain. */
  readonly due: number;
  readonly looked: number;
  readonly tries: number;
  /** Somebody was told that it lacks. */
  readonly isTold: boolean;
}

/** A key that signs where it should not. */
export interface KeyRow extends Where {
  readonly kind: KeySighting["kind"];
  readonly id: string;
  readonly builder: string;
  readonly key: string;
  readonly isProven: boolean;
  readonly purl: string;
  readonly file: string;
  readonly step: string;
  readonly seen: number;
  readonly isTold: boolean;
}

export type Row = FileRow | KeyRow;

export const isFileRow = (row: Row): row is FileRow =>
  row.kind === "unreproduced" || row.kind === "unexpected-release";

/** A row's own id: the same matter has the same one, whoever looks. */
export function rowId(kind: Row["kind"], ...parts: readonly string[]): string {
  return sha256Hex(utf8(["samebits/expected/v1", kind, ...parts].join("\n")));
}
