import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  formatTime,
  fromUtf8,
  MAX_REMEMBERED_VERDICTS,
  MAX_VERDICT_FILES,
  MAX_VERDICT_FILE_BYTES,
  parseTime,
  ProtocolError,
  readJson,
  record,
  toHex,
} from "../../protocol/index.ts";
import { makeFolder } from "../folder.ts";
import type { State } from "./memory.ts";

/** A file that was reproduced, and on whose votes that rested. */
export interface Rested {
  readonly purl: string;
  readonly file: string;
  readonly sha256: string;
  /** ms since 1970. */
  readonly time: number;
  /** Key ids of the votes that agreed. */
  readonly keyids: readonly string[];
}

const MAX_KEYIDS = 256;
const MAX_ROW_BYTES = 64 * 1024;

/**
 * Verdicts that rested on the policy of a trust domain, kept over runs in `DATA/seen/NETWORK/verdicts`: when a key is removed, they have to
 * be thought about anew. A file a run, and now and then one of all: each whole or not at all, so that no lock is needed. Of one file and
 * target the newest counts; beyond MAX_REMEMBERED_VERDICTS the oldest are forgotten. Synchronously, as `Memory` is.
 */
export class VerdictMemory {
  readonly #folder: string;

  constructor(dataDir: string, network: string) {
    this.#folder = join(dataDir, "seen", network, "verdicts");
  }

  /** Keeps what is new. A data directory that can't be written makes it "none", and nothing else. */
  keep(rows: readonly Rested[]): State {
    if (rows.length === 0) return "kept";
    try {
      makeFolder(this.#folder, 0o700);
      this.#write(rows);
      const names = this.#names();
      if (names.length > MAX_VERDICT_FILES) this.#join(names);
      return "kept";
    } catch {
      return "none";
    }
  }

  /** The newest verdict of each file that rested on one of these keys. */
  restedOn(keyids: ReadonlySet<string>): readonly Rested[] {
    return newest(this.#names().flatMap((name) => this.#read(name))).filter((row) =>
      row.keyids.some((keyid) => keyids.has(keyid)),
    );
  }

  /** All in one file; those that it is made of go when it is there. */
  #join(names: readonly string[]): void {
    this.#write(newest(names.flatMap((name) => this.#read(name))));
    for (const name of names) rmSync(join(this.#folder, name), { force: true });
  }

  #write(rows: readonly Rested[]): void {
    const path = join(this.#folder, `${randomBytes(8).toString("hex")}.jsonl`);
    const temporary = `${path}.tmp`;
    const lines = rows
      .slice(0, MAX_REMEMBERED_VERDICTS)
      .map((row) => JSON.stringify({ ...row, time: formatTime(row.time) }));
    try {
      writeFileSync(temporary, `${lines.join("\n")}\n`, { mode: 0o600 });
      renameSync(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter((name) => name.endsWith(".jsonl"));
    } catch {
      return [];
    }
  }

  #read(name: string): readonly Rested[] {
    const path = join(this.#folder, name);
    try {
      if (statSync(path).size > MAX_VERDICT_FILE_BYTES) return [];
      return fromUtf8(new Uint8Array(readFileSync(path)))
        .split("\n")
        .flatMap(rowOf);
    } catch {
      return [];
    }
  }
}

/** Nothing for a line that is none of ours. */
function rowOf(line: string): readonly Rested[] {
  if (line === "") return [];
  try {
    const row = record(readJson(line, { maxBytes: MAX_ROW_BYTES }), "verdict");
    return [
      {
        purl: row.string("purl"),
        file: row.string("file"),
        sha256: toHex(row.member("sha256").hex(32)),
        time: parseTime(row.string("time")),
        keyids: row.list("keyids", MAX_KEYIDS).map((item) => item.string()),
      },
    ];
  } catch (error) {
    if (error instanceof ProtocolError) return [];
    throw error;
  }
}

/** The newest first. */
function newest(rows: readonly Rested[]): readonly Rested[] {
  const byFile = new Map<string, Rested>();
  for (const row of rows.toSorted((a, b) => b.time - a.time)) {
    const name = `${row.sha256} ${row.purl} ${row.file}`;
    if (!byFile.has(name)) byFile.set(name, row);
  }
  return [...byFile.values()].slice(0, MAX_REMEMBERED_VERDICTS);
}
