/** The store and the own-head file of a peer on a disk that fails: at one write, or from one on, in one of several ways. */
import { open, readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { OwnHeadFile, Store } from "../../node/edges.ts";
import { NodeError } from "../../node/errors.ts";

/**
 * `io-error`: nothing was written (EIO). `full`: nor can anything be from then on (ENOSPC). `torn`: a part of it is on disk, and the machine
 * stops. `persisted`: all of it is on disk, and yet it fails. `lost-power`: it was written, and the machine stops before anybody hears of it.
 */
export const FAULTS = ["io-error", "full", "torn", "persisted", "lost-power"] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Fault {
  /** The number of the write, from 1. */
  readonly step: number;
  readonly kind: FaultKind;
}

/** A write that failed, as the disk says it. */
class DiskError extends NodeError {}

/** Counts the writes of one peer's life, and lets one of them fail. */
export class FaultyDisk {
  readonly #folder: string;
  readonly #fault: Fault | null;
  readonly #stopped = Promise.withResolvers<null>();
  #steps = 0;
  #isStopped = false;
  #torn: (() => Promise<void>) | null = null;

  constructor(folder: string, fault: Fault | null) {
    this.#folder = folder;
    this.#fault = fault;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Resolves when the machine stops. */
  get stopped(): Promise<null> {
    return this.#stopped.promise;
  }

  store(store: Store): Store {
    return {
      apply: (ops, durable) =>
        this.#write(
          "store/failed",
          () => store.apply(ops, durable),
          () => this.#tearLog(() => store.apply(ops, durable)),
        ),
      has: (keys) => store.has(keys),
      read: (range) => store.read(range),
      close: () => store.close(),
    };
  }

  ownHead(file: OwnHeadFile, keyHex: string): OwnHeadFile {
    const fresh = join(this.#folder, "own-head", `${keyHex}.new`);
    return {
      read: () => file.read(),
      moved: () => file.moved(),
      swap: (old, next) =>
        this.#write(
          "own-head/failed",
          () => file.swap(old, next),
          async () => {
            const handle = await open(fresh, "w").catch(() => null);
            await handle?.writeFile(next.subarray(0, next.length / 2));
            await handle?.close();
          },
        ),
    };
  }

  /** After the store was closed: what the stop of the machine has cut off is cut off. */
  async settle(): Promise<void> {
    await this.#torn?.();
  }

  async #write<T>(
    code: "store/failed" | "own-head/failed",
    all: () => Promise<T>,
    part: () => Promise<void>,
  ): Promise<T> {
    const step = ++this.#steps;
    if (this.#isStopped) return new Promise<never>(() => undefined);
    const fault = this.#fault;
    if (fault === null || step < fault.step || (step > fault.step && fault.kind !== "full")) return all();
    if (fault.kind === "persisted") await all();
    if (fault.kind === "torn" || fault.kind === "lost-power") {
      await (fault.kind === "torn" ? part() : all());
      this.#isStopped = true;
      this.#stopped.resolve(null);
      return new Promise<never>(() => undefined);
    }
    throw new DiskError(code, fault.kind === "full" ? "ENOSPC: no space left on device" : "EIO: i/o error");
  }

  /** LevelDB appends to its newest log: half of what is appended now is not there afterwards. */
  async #tearLog(append: () => Promise<void>): Promise<void> {
    const before = await this.#newestLog();
    await append();
    const after = await this.#newestLog();
    if (after === null) return;
    const kept = after.path === before?.path ? before.size : 0;
    this.#torn = () => truncate(after.path, kept + Math.floor((after.size - kept) / 2));
  }

  async #newestLog(): Promise<{ readonly path: string; readonly size: number } | null> {
    const names = (await readdir(join(this.#folder, "store"))).filter((name) => /^\d+\.log$/.test(name));
    const newest = names.toSorted().at(-1);
    if (newest === undefined) return null;
    const path = join(this.#folder, "store", newest);
    return { path, size: (await stat(path)).size };
  }
}
