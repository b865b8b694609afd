/**
 * Room for findings: the oldest go with their evidence. Those about keys that nobody here follows have a small room of their own, so that
 * no number of strangers fills the store or pushes out what somebody wants to know (RULES R11, R14, I9).
 */
import { Cursor, u32be } from "../bytes/index.ts";
import { origin, originHash } from "../feed/index.ts";
import { MAX_FINDINGS, MAX_STRANGER_EVIDENCE_BYTES, MAX_STRANGER_FINDINGS } from "../limits.ts";
import type { Context } from "./context.ts";
import { readFinding } from "./finding-row.ts";
import { readAll, readWhole } from "./reads.ts";
import {
  evidenceKey,
  feedEvidenceKey,
  findingKey,
  findingNumberOf,
  rowAt,
  rowsOf,
  strangerKey,
} from "./rows.ts";
import type { Row, StoreOp } from "./types.ts";

interface Stranger {
  readonly number: number;
  readonly bytes: number;
}

export class FindingRoom {
  readonly #ctx: Context;
  /** Findings about strangers, oldest first. */
  #strangers: Stranger[] = [];
  #bytes = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  load(done: () => void, failed: (code: string) => void): void {
    readWhole(
      this.#ctx.turn,
      rowsOf("y", MAX_STRANGER_FINDINGS),
      (rows) => {
        for (const { key, value } of rows) this.#take(findingNumberOf(key), new Cursor(value).u32());
        done();
      },
      failed,
    );
  }

  /** What goes and what is noted for a new finding with so many octets of evidence. */
  makeRoom(
    number: number,
    bytes: number,
    isStranger: boolean,
    done: (ops: readonly StoreOp[]) => void,
    failed: (code: string) => void,
  ): void {
    const gone = number > MAX_FINDINGS ? [number - MAX_FINDINGS] : [];
    const ops: StoreOp[] = [];
    if (isStranger) {
      this.#take(number, bytes);
      ops.push({ op: "put", key: strangerKey(number), value: u32be(bytes) });
      gone.push(...this.#surplus());
    }
    readAll(
      this.#ctx.turn,
      gone.map((old) => rowAt(findingKey(old))),
      (rows) => done([...ops, ...rows.flatMap(([row]) => (row === undefined ? [] : this.#removal(row)))]),
      failed,
    );
  }

  #take(number: number, bytes: number): void {
    this.#strangers.push({ number, bytes });
    this.#bytes += bytes;
  }

  /** Numbers of the oldest findings about strangers that have no room any more. */
  #surplus(): number[] {
    const limit = Math.min(MAX_STRANGER_EVIDENCE_BYTES, this.#ctx.config.maxStoreBytes / 4);
    const gone: number[] = [];
    while (
      this.#strangers.length > 1 &&
      (this.#strangers.length > MAX_STRANGER_FINDINGS || this.#bytes > limit)
    ) {
      const oldest = this.#strangers.shift();
      if (oldest === undefined) break;
      this.#bytes -= oldest.bytes;
      gone.push(oldest.number);
    }
    return gone;
  }

  #removal(row: Row): StoreOp[] {
    const { id, keys, number } = readFinding(row);
    const against = keys.map((key) => feedEvidenceKey(originHash(this.#originOf(key)), id));
    return [row.key, evidenceKey(id), strangerKey(number), ...against].map((key) => ({ op: "delete", key }));
  }

  #originOf(key: Uint8Array): string {
    return key.length === 32 ? origin(this.#ctx.config.network, key) : "";
  }
}
