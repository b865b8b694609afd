/** Work that reads something and writes what follows from it: under one name one piece at a time, in the order in which it came. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Settles as `work` does. Work that waits for a turn of the same name waits for ever. */
  take<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.#last.get(name) ?? Promise.resolve();
    // Who asked for the one before has been told how it ended.
    const own = before.then(work, work);
    this.#last.set(name, own);
    return own;
  }
}
