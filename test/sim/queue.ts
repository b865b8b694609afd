interface Item {
  readonly time: number;
  readonly number: number;
  readonly run: () => void;
}

/** What is to happen, by time and then by order of being planned: a binary heap. */
export class Queue {
  readonly #heap: Item[] = [];
  #number = 0;

  get size(): number {
    return this.#heap.length;
  }

  plan(time: number, run: () => void): void {
    this.#heap.push({ time, number: this.#number++, run });
    this.#up(this.#heap.length - 1);
  }

  /** Time of the next item, or null. */
  peek(): number | null {
    return this.#heap[0]?.time ?? null;
  }

  /** Takes the next item. */
  take(): { readonly time: number; readonly run: () => void } | null {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return null;
    if (first !== last) {
      this.#heap[0] = last;
      this.#down(0);
    }
    return first;
  }

  #up(at: number): void {
    for (let child = at; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#before(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #down(at: number): void {
    for (let parent = at; ;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) if (this.#before(child, least)) least = child;
      if (least === parent) return;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #before(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return false;
    return one.time < other.time || (one.time === other.time && one.number < other.number);
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}
