import type { Stream } from "../protocol/index.ts";

/** Who asked: this node, or others. */
export type Asker = "self" | "others";

/** Questions on one kind of stream, and the octets of them and of what came of them, without frames. */
export interface Flow {
  readonly asker: Asker;
  readonly stream: Stream;
  readonly questions: number;
  readonly asked: number;
  readonly answered: number;
}

/** What the streams carried since the start; gossip and the DHT's own messages are not counted. */
export class Traffic {
  readonly #flows = new Map<string, Flow>();
  #rounds = 0;

  /** Round trips one after the other: the longest row of own questions of which each began when the one before had ended. */
  get rounds(): number {
    return this.#rounds;
  }

  /** An own question goes out. To be called with the octets of what came: 0 for no answer. */
  ask(stream: Stream, octets: number): (answer: number) => void {
    const round = this.#rounds;
    return (answer) => {
      // Whatever began before this end belongs to the same round.
      if (round === this.#rounds) this.#rounds++;
      this.count("self", stream, octets, answer);
    };
  }

  /** Counts a question whose end is known. */
  count(asker: Asker, stream: Stream, question: number, answer: number): void {
    const key = `${asker} ${stream}`;
    const { questions, asked, answered } = this.#flows.get(key) ?? { questions: 0, asked: 0, answered: 0 };
    this.#flows.set(key, {
      asker,
      stream,
      questions: questions + 1,
      asked: asked + question,
      answered: answered + answer,
    });
  }

  all(): readonly Flow[] {
    return [...this.#flows.values()];
  }
}
