/** All sinks side by side, each at its own pace. */
import { dirname } from "node:path";
import type { Matter } from "../../protocol/index.ts";
import type { Sink } from "../edges.ts";
import { makeFolder } from "../folder.ts";
import { locked } from "../lock.ts";
import { Outbox } from "./outbox.ts";
import type { OutboxOptions } from "./outbox.ts";
import { outboxPath } from "./outbox-file.ts";

export interface OutboxesOptions extends Omit<OutboxOptions, "path" | "signal"> {
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

const LOCK_PATIENCE_MS = 2_000;

export class Outboxes {
  readonly #sinks: readonly Sink[];
  readonly #options: OutboxesOptions;
  readonly #open = new Set<Outbox>();
  readonly #ready = Promise.withResolvers<void>();

  constructor(sinks: readonly Sink[], options: OutboxesOptions) {
    this.#sinks = sinks;
    this.#options = options;
  }

  /** What comes from elsewhere than from a node's findings, to every sink: kept by each when it resolves. `base`: its JSON object. */
  async offer(matter: Matter, base: object | null): Promise<void> {
    await this.#ready.promise;
    await Promise.all([...this.#open].map((outbox) => outbox.offer(matter, base)));
  }

  /** Until the signal. Rejects with `watch/outbox-busy`, `watch/bad-outbox`, `output/cannot-write`, and where findings can't be had. */
  async run(): Promise<void> {
    const end = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, end.signal]);
    if (this.#sinks.length === 0) this.#ready.resolve();
    const all = this.#sinks.map((sink) => this.#runOne(sink, signal));
    try {
      await Promise.all(all);
    } finally {
      this.#ready.resolve();
      end.abort();
      await Promise.allSettled(all);
    }
  }

  async #runOne(sink: Sink, signal: AbortSignal): Promise<void> {
    const path = outboxPath(this.#options.dataDir, sink.name);
    makeFolder(dirname(path), 0o700);
    const run = async (): Promise<void> => {
      const outbox = new Outbox(sink, { ...this.#options, path, signal });
      this.#open.add(outbox);
      if (this.#open.size === this.#sinks.length) this.#ready.resolve();
      try {
        await outbox.run();
      } finally {
        this.#open.delete(outbox);
      }
    };
    await locked(`${path}.lock`, "watch/outbox-busy", run, LOCK_PATIENCE_MS);
  }
}
