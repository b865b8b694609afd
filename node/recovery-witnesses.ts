/** Witnesses as sources of a recovery: none of them may have cosigned more of the feed than what it is to go on at (I1). */
import type { SignedHead } from "../protocol/index.ts";
import { ASK_TIMEOUT_MS, OWN_ASK_AGAIN_MS } from "../protocol/index.ts";
import { NodeError } from "./errors.ts";
import { askWitness, witnessUrl } from "./mirror/index.ts";
import type { WitnessWord } from "./mirror/index.ts";

/** What they have said so far. */
export interface WitnessesView {
  readonly asked: number;
  readonly answered: number;
  /** The largest size that any of them has cosigned. */
  readonly size: number;
  /** One has cosigned another history. */
  readonly other: boolean;
}

export class RecoveryWitnesses {
  readonly #urls: readonly URL[];
  readonly #words = new Map<string, WitnessWord>();
  #head: SignedHead | null = null;
  /** By a clock that is never set. */
  #notBefore = 0;

  /** Throws `config/bad-address`. */
  constructor(names: readonly string[]) {
    this.#urls = names.map(witnessUrl);
  }

  /** Asks all about this head, now and then: a witness may come back, and one that has seen more may be joined by others. */
  async ask(head: SignedHead | null, stop: AbortSignal): Promise<void> {
    if (head === null || this.#urls.length === 0) return;
    const isNews = head.size !== this.#head?.size;
    if (!isNews && performance.now() < this.#notBefore) return;
    this.#head = head;
    this.#notBefore = performance.now() + OWN_ASK_AGAIN_MS;
    const signal = AbortSignal.any([stop, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
    await Promise.all(
      this.#urls.map(async (url) => {
        try {
          this.#words.set(url.href, await askWitness(url, head, signal));
        } catch (error) {
          if (!(error instanceof NodeError)) throw error;
          this.#words.delete(url.href);
        }
      }),
    );
  }

  view(): WitnessesView {
    const words = [...this.#words.values()];
    return {
      asked: this.#urls.length,
      answered: words.length,
      size: Math.max(0, ...words.map(({ size }) => size)),
      other: words.some(({ agrees }) => !agrees),
    };
  }

  /** All have answered about this head, and none has seen more, or another one. */
  allow(head: SignedHead): boolean {
    const { asked, answered, size, other } = this.view();
    return (
      asked === 0 || (this.#head?.size === head.size && answered === asked && size <= head.size && !other)
    );
  }
}
