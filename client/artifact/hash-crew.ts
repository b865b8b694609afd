import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { MAX_HASH_WORKERS } from "../../protocol/index.ts";
import type { Hashed } from "./hash-worker.ts";

interface Job {
  readonly file: number;
  readonly done: (sha256: Uint8Array) => void;
  readonly failed: (error: unknown) => void;
}

/** Hashes many files side by side, on all cores. Workers are started as they are needed, and ended by `close`. */
export class HashCrew {
  readonly #most = Math.min(availableParallelism(), MAX_HASH_WORKERS);
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Job>();
  readonly #waiting: Job[] = [];
  #isClosed = false;

  /** How many it is worth to have open at a time. */
  get size(): number {
    return this.#most;
  }

  /** The SHA-256 of an open file that nobody has read from yet. Rejects with errors of the file system. */
  hash(file: number): Promise<Uint8Array> {
    return new Promise((done, failed) => {
      this.#waiting.push({ file, done, failed });
      this.#next();
    });
  }

  /** What is not hashed by then is not waited for: it is rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()];
    await Promise.all(workers.map((worker) => worker.terminate()));
    for (const { failed } of this.#waiting.splice(0)) failed(gone());
  }

  #next(): void {
    const [job] = this.#waiting;
    if (job === undefined || this.#isClosed) return;
    const worker = this.#idle.pop() ?? (this.#busy.size < this.#most ? this.#start() : null);
    if (worker === null) return;
    this.#waiting.shift();
    this.#busy.set(worker, job);
    worker.postMessage(job.file);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./hash-worker.ts", import.meta.url));
    worker.on("message", (hashed: Hashed) => {
      const job = this.#busy.get(worker);
      this.#busy.delete(worker);
      this.#idle.push(worker);
      if ("error" in hashed) job?.failed(hashed.error);
      else job?.done(hashed.sha256);
      this.#next();
    });
    const ended = (error: unknown): void => {
      this.#busy.get(worker)?.failed(error);
      this.#busy.delete(worker);
      this.#next();
    };
    worker.on("error", ended);
    worker.on("exit", () => ended(gone()));
    return worker;
  }
}

function gone(): Error {
  return new Error("the worker that hashes it has ended");
}
