import { ServerResponse } from "node:http";
import type { Context } from "hono";
import { FEED_ANSWER_MS, FEED_ROOM_MS, FEED_STALL_MS, MAX_FEED_ANSWERS_BYTES } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";

export interface RoomLimits {
  readonly octets: number;
  /** ms that an answer waits for room. */
  readonly waitMs: number;
  /** ms after which an answer of which nothing was read gives way to one that waits. */
  readonly stallMs: number;
  /** ms in which an answer is to be read. */
  readonly answerMs: number;
}

/** The room that an answer has. */
export interface Place {
  /** What it held was read, more follows. */
  read(): void;
  /** Ends the connection; false where there is none. */
  cut(): boolean;
}

interface Waiting {
  readonly octets: number;
  readonly enter: () => void;
}

const LIMITS: RoomLimits = {
  octets: MAX_FEED_ANSWERS_BYTES,
  waitMs: FEED_ROOM_MS,
  stallMs: FEED_STALL_MS,
  answerMs: FEED_ANSWER_MS,
};

/** Room for large answers to anybody: so many octets of them are held at once, whoever reads them, or does not (RULES I9). */
export class Room {
  readonly #limits: RoomLimits;
  #free: number;
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>();
  /** Since when nothing was read of each answer: the longest first. */
  readonly #stalled = new Map<ServerResponse, number>();
  #pressing: NodeJS.Timeout | null = null;

  constructor(limits: RoomLimits = LIMITS) {
    this.#limits = limits;
    this.#free = limits.octets;
  }

  /**
   * Waits for room for what an answer holds at a time. The answer has it until it is written or its connection ends, which it does where it is
   * not read in time, or not at all while another waits. Rejects with `node/busy`.
   */
  async take(context: Context, octets: number): Promise<Place> {
    const response = responseOf(context);
    if (this.#waiting.size === 0 && octets <= this.#free) this.#free -= octets;
    else if (!(await this.#enters(octets, response))) {
      context.header("retry-after", String(Math.ceil(this.#limits.waitMs / 1_000)));
      throw new NodeError(
        "node/busy",
        "as many large answers are under way as there is room for: ask again later",
      );
    }
    if (response === null || response.closed) this.#give(octets);
    else this.#hold(response, octets);
    return {
      read: () => {
        if (response === null || !this.#stalled.delete(response)) return;
        this.#stalled.set(response, performance.now());
      },
      cut: () => response?.destroy() !== undefined,
    };
  }

  #hold(response: ServerResponse, octets: number): void {
    this.#stalled.set(response, performance.now());
    const late = setTimeout(() => response.destroy(), this.#limits.answerMs);
    response.once("close", () => {
      clearTimeout(late);
      this.#stalled.delete(response);
      this.#give(octets);
    });
  }

  /** Whether there was room in time, which is taken then. */
  async #enters(octets: number, response: ServerResponse | null): Promise<boolean> {
    const turn = Promise.withResolvers<boolean>();
    const waiting = { octets, enter: () => turn.resolve(true) };
    const leave = (): void => {
      this.#waiting.delete(waiting);
      this.#admit();
      turn.resolve(false);
    };
    this.#waiting.add(waiting);
    this.#press();
    const late = setTimeout(leave, this.#limits.waitMs);
    response?.once("close", leave);
    const entered = await turn.promise;
    clearTimeout(late);
    response?.off("close", leave);
    return entered;
  }

  #give(octets: number): void {
    this.#free += octets;
    this.#admit();
  }

  #admit(): void {
    for (const waiting of this.#waiting) {
      if (waiting.octets > this.#free) return this.#press();
      this.#waiting.delete(waiting);
      this.#free -= waiting.octets;
      waiting.enter();
    }
  }

  /** While somebody waits, who has read nothing for longest makes room, one after the other. */
  #press(): void {
    const [oldest] = this.#stalled;
    if (this.#pressing !== null || oldest === undefined) return;
    const left = oldest[1] + this.#limits.stallMs - performance.now();
    this.#pressing = setTimeout(
      () => {
        this.#pressing = null;
        const [now] = this.#stalled;
        if (this.#waiting.size === 0 || now === undefined) return;
        if (performance.now() - now[1] >= this.#limits.stallMs) now[0].destroy();
        else this.#press();
      },
      Math.max(1, Math.ceil(left)),
    );
  }
}

/** Node's side of an answer; null where nothing listens. */
function responseOf(context: Context): ServerResponse | null {
  const env: unknown = context.env;
  return typeof env === "object" &&
    env !== null &&
    "outgoing" in env &&
    env.outgoing instanceof ServerResponse
    ? env.outgoing
    : null;
}
