/** Remembers the newest `limit` names, and something about each: the oldest go. */
export class Seen<Note> {
  readonly #limit: number;
  readonly #notes = new Map<string, Note>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(name: string): Note | undefined {
    return this.#notes.get(name);
  }

  has(name: string): boolean {
    return this.#notes.has(name);
  }

  set(name: string, note: Note): void {
    if (this.#notes.size >= this.#limit && !this.#notes.has(name)) {
      const [oldest] = this.#notes.keys();
      if (oldest !== undefined) this.#notes.delete(oldest);
    }
    this.#notes.set(name, note);
  }
}
