import { MAX_WRITE_GROUP_BYTES } from "../protocol/index.ts";
import type { Range, StoreOp } from "../protocol/index.ts";
import type { Page, Store } from "./edges.ts";

interface Group {
  readonly ops: StoreOp[];
  octets: number;
  durable: boolean;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * The one writer of a store. Writes are applied in order; those that come while another is on its way go together in
 * one batch, which is what makes many small durable writes cheap. A read sees every write asked for before it.
 */
export class Writer {
  readonly #store: Store;
  #current: Promise<void> | null = null;
  readonly #next: Group[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** As `Store.apply`; a failure of the batch is the failure of all that went with it. */
  write(ops: readonly StoreOp[], durable: boolean): Promise<void> {
    const octets = ops.reduce((sum, op) => sum + op.key.length + (op.op === "put" ? op.value.length : 0), 0);
    let group = this.#next.at(-1);
    if (group === undefined || group.octets + octets > MAX_WRITE_GROUP_BYTES) {
      group = { ops: [], octets: 0, durable: false, done: Promise.withResolvers<void>() };
      // Whoever asked sees a failure; the writer itself only goes on.
      group.done.promise.catch(() => {});
      this.#next.push(group);
    }
    group.ops.push(...ops);
    group.octets += octets;
    group.durable ||= durable;
    const { promise } = group.done;
    this.#current ??= this.#run();
    return promise;
  }

  /** Rows after all writes asked for so far, whether these succeeded or not. */
  async read(range: Range): Promise<Page> {
    await this.settled();
    return this.#store.read(range);
  }

  /** Resolves when all writes asked for so far are done with. */
  async settled(): Promise<void> {
    const last = this.#next.at(-1)?.done.promise ?? this.#current;
    await last?.catch(() => {});
  }

  async #run(): Promise<void> {
    // Lets the writes of what the engine handles in one go come together.
    await new Promise((resolve) => setImmediate(resolve));
    for (let group = this.#next.shift(); group !== undefined; group = this.#next.shift()) {
      try {
        await this.#store.apply(group.ops, group.durable);
        group.done.resolve();
      } catch (error) {
        group.done.reject(error);
      }
    }
    this.#current = null;
  }
}
