/** What somebody has installed, while it is watched: packages come and go. */
export class InstalledNow {
  readonly #read: () => Promise<ReadonlySet<string>>;
  readonly #failed: (error: unknown) => void;
  #known: ReadonlySet<string>;
  #readAt: number;

  /** `known`: what `read` gave at `readAt`, ms since 1970. `failed` hears why it could not be read again. */
  constructor(
    read: () => Promise<ReadonlySet<string>>,
    { known, readAt }: { readonly known: ReadonlySet<string>; readonly readAt: number },
    failed: (error: unknown) => void,
  ) {
    this.#read = read;
    this.#failed = failed;
    this.#known = known;
    this.#readAt = readAt;
  }

  /**
   * As it was at that time (ms since 1970) or later: what was read since then is not read again, so that old findings cost one reading.
   * What can't be read now is no reason to forget what was known.
   */
  async at(time: number): Promise<ReadonlySet<string>> {
    if (time < this.#readAt) return this.#known;
    const readAt = Date.now();
    try {
      this.#known = await this.#read();
      this.#readAt = readAt;
    } catch (error) {
      this.#failed(error);
    }
    return this.#known;
  }
}
