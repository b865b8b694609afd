/** Work that must not overlap under one name: each piece begins when the one before has given its answer. */
type Work<T> = (finish: (result: T) => void) => void;

export class OneAtATime {
  readonly #max: number;
  readonly #queues = new Map<string, (() => void)[]>();
  #count = 0;

  /** At most `max` pieces in all, under way or waiting. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Takes on a piece, unless there are too many: then false, and nothing is called. `done` is called once with what the piece gives. */
  run<T>(name: string, done: (result: T) => void, work: Work<T>): boolean {
    if (this.#count >= this.#max) return false;
    this.#count++;
    const start = (): void => {
      let over = false;
      const finish = (result: T): void => {
        if (over) return;
        over = true;
        done(result);
        this.#next(name);
      };
      try {
        work(finish);
      } catch (error) {
        // Our bug: who waits behind it must not wait for ever. The asker is answered by whoever catches it.
        if (!over) {
          over = true;
          this.#next(name);
        }
        throw error;
      }
    };
    const queue = this.#queues.get(name);
    if (queue !== undefined) queue.push(start);
    else {
      this.#queues.set(name, []);
      start();
    }
    return true;
  }

  #next(name: string): void {
    this.#count--;
    const start = this.#queues.get(name)?.shift();
    if (start === undefined) this.#queues.delete(name);
    else start();
  }
}
