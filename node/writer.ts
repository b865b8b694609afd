import { MAX_WRITE_GROUP_BYTES, toHex } from "../protocol/index.ts";
import type { Range, StoreOp } from "../protocol/index.ts";
import type { Page, Store } from "./edges.ts";

interface Group {
  readonly ops: StoreOp[];
  octets: number;
  durable: boolean;
  /** Keys that `ops` put, of which somebody wants to know whether they are new. */
  readonly asks: Uint8Array[];
  /** Of each of `asks`, whether it had a row before. */
  readonly done: PromiseWithResolvers<readonly boolean[]>;
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

  /**
   * As `Store.apply`; a failure of the batch is the failure of all that went with it. Resolves to whether each of `asks`, keys that `ops` put,
   * had a row before.
   */
  write(
    ops: readonly StoreOp[],
    durable: boolean,
    asks: readonly Uint8Array[] = [],
  ): Promise<readonly boolean[]> {
    const octets = ops.reduce((sum, op) => sum + op.key.length + (op.op === "put" ? op.value.length : 0), 0);
    let group = this.#next.at(-1);
    if (group === undefined || group.octets + octets > MAX_WRITE_GROUP_BYTES) {
      group = { ops: [], octets: 0, durable: false, asks: [], done: Promise.withResolvers() };
      // Whoever asked sees a failure; the writer itself only goes on.
      group.done.promise.catch(() => {});
      this.#next.push(group);
    }
    group.ops.push(...ops);
    group.octets += octets;
    group.durable ||= durable;
    const answer = answerOf(group, asks);
    this.#current ??= this.#run();
    return answer;
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
        const there = group.asks.length === 0 ? [] : await this.#store.has(group.asks);
        await this.#store.apply(group.ops, group.durable);
        group.done.resolve(there);
      } catch (error) {
        group.done.reject(error);
      }
    }
    this.#current = null;
  }
}

/** Adds what a write asks to its group's. What an earlier write of the group puts is there, although the store does not have it yet. */
function answerOf({ asks: asked, done }: Group, asks: readonly Uint8Array[]): Promise<readonly boolean[]> {
  const before = asked.length > 0 && asks.length > 0 ? new Set(asked.map(toHex)) : null;
  const places = asks.map((key) => (before?.has(toHex(key)) === true ? null : asked.push(key) - 1));
  return done.promise.then((there) => places.map((place) => place === null || there[place] === true));
}
