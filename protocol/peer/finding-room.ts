/**
 * Room for findings: the oldest go with their evidence. Those about keys that nobody here follows have a small room of their own, so that
 * no number of strangers fills the store or pushes out what somebody wants to know (RULES R11, R14, I9).
 */
import { concat, Cursor, fromHex, toHex, u32be } from "../bytes/index.ts";
import { origin, originHash } from "../feed/index.ts";
import { MAX_FINDINGS, MAX_STRANGER_EVIDENCE_BYTES, MAX_STRANGER_FINDINGS } from "../limits.ts";
import type { Context } from "./context.ts";
import { readFinding } from "./finding-row.ts";
import { readAll, readPages, readWhole } from "./reads.ts";
import {
  evidenceKey,
  feedEvidenceKey,
  findingKey,
  findingNumberOf,
  findingRange,
  rowAt,
  rowsOf,
  strangerKey,
} from "./rows.ts";
import type { Row, StoreOp } from "./types.ts";

interface Stranger {
  readonly number: number;
  /** Of the finding, in hex; empty in rows of before it was kept: their octets stay as they were first counted. */
  readonly id: string;
  readonly bytes: number;
}

const COUNT_BYTES = 4;
const ID_BYTES = 32;

export class FindingRoom {
  readonly #ctx: Context;
  /** Findings about strangers, oldest first. */
  #strangers: Stranger[] = [];
  #bytes = 0;
  /** Other findings, which are counted when there may be too many of them; null before. */
  #others: number | null = null;
  /** The number of the last of these that has gone. */
  #gone = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  load(done: () => void, failed: (code: string) => void): void {
    readWhole(
      this.#ctx.turn,
      rowsOf("y", MAX_STRANGER_FINDINGS),
      (rows) => {
        for (const { key, value } of rows) {
          const cursor = new Cursor(value);
          const bytes = cursor.u32();
          const id = value.length > COUNT_BYTES ? toHex(cursor.take(ID_BYTES)) : "";
          this.#take({ number: findingNumberOf(key), id, bytes });
        }
        done();
      },
      failed,
    );
  }

  /** What goes and what is noted for a new finding with so many octets of evidence. */
  makeRoom(
    number: number,
    id: string,
    bytes: number,
    isStranger: boolean,
    done: (ops: readonly StoreOp[]) => void,
    failed: (code: string) => void,
  ): void {
    if (isStranger) {
      this.#take({ number, id, bytes });
      this.#remove(this.#surplus(), [rowOf({ number, id, bytes })], done, failed);
    } else if (number <= MAX_FINDINGS) done([]);
    else this.#countOthers(() => this.#makeRoomForOther(done, failed), failed);
  }

  /** Once: how many there are of those about keys that are followed. Strangers' take numbers too, and none of these for it. */
  #countOthers(counted: () => void, failed: (code: string) => void): void {
    if (this.#others !== null) {
      counted();
      return;
    }
    let count = 0;
    readPages(
      this.#ctx.turn,
      findingRange(0, Number.MAX_SAFE_INTEGER),
      (rows) => void (count += this.#ofOthers(rows).length),
      () => {
        this.#others ??= count;
        counted();
      },
      failed,
    );
  }

  #makeRoomForOther(done: (ops: readonly StoreOp[]) => void, failed: (code: string) => void): void {
    this.#others = (this.#others ?? 0) + 1;
    if (this.#others <= MAX_FINDINGS) {
      done([]);
      return;
    }
    readWhole(
      this.#ctx.turn,
      findingRange(this.#gone, this.#strangers.length + 1),
      (rows) => {
        const [oldest] = this.#ofOthers(rows);
        if (oldest !== undefined) {
          this.#gone = findingNumberOf(oldest.key);
          this.#others = (this.#others ?? 0) - 1;
        }
        done(oldest === undefined ? [] : this.#removal(oldest));
      },
      failed,
    );
  }

  #ofOthers(rows: readonly Row[]): readonly Row[] {
    const strangers = new Set(this.#strangers.map(({ number }) => number));
    return rows.filter(({ key }) => !strangers.has(findingNumberOf(key)));
  }

  /** What follows where a finding's evidence is replaced by one of so many octets. */
  replace(
    id: string,
    bytes: number,
    done: (ops: readonly StoreOp[]) => void,
    failed: (code: string) => void,
  ): void {
    const at = this.#strangers.findIndex((one) => one.id === id);
    const known = this.#strangers[at];
    if (known === undefined) {
      done([]);
      return;
    }
    const changed = { ...known, bytes };
    this.#strangers[at] = changed;
    this.#bytes += bytes - known.bytes;
    const gone = this.#surplus().filter((number) => number !== known.number);
    this.#remove(gone, [rowOf(changed)], done, failed);
  }

  /** The finding was not stored. */
  forget(number: number): void {
    const known = this.#strangers.find((one) => one.number === number);
    if (known !== undefined) {
      this.#strangers = this.#strangers.filter((one) => one !== known);
      this.#bytes -= known.bytes;
    } else if (number > MAX_FINDINGS && this.#others !== null) this.#others--;
  }

  #remove(
    gone: readonly number[],
    ops: readonly StoreOp[],
    done: (ops: readonly StoreOp[]) => void,
    failed: (code: string) => void,
  ): void {
    readAll(
      this.#ctx.turn,
      gone.map((old) => rowAt(findingKey(old))),
      (rows) => done([...ops, ...rows.flatMap(([row]) => (row === undefined ? [] : this.#removal(row)))]),
      failed,
    );
  }

  #take(stranger: Stranger): void {
    this.#strangers.push(stranger);
    this.#bytes += stranger.bytes;
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

function rowOf({ number, id, bytes }: Stranger): StoreOp {
  const value = concat(u32be(bytes), id === "" ? new Uint8Array(0) : fromHex(id, ID_BYTES));
  return { op: "put", key: strangerKey(number), value };
}
