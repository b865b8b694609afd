import type { CommandResult, Ticket } from "../protocol/index.ts";
import type { Judgement } from "./edges.ts";
import { NodeError, Refused } from "./errors.ts";

/** Who waits for the engine, by the number that the engine was given for each: settled once, then forgotten. */
export class Tickets {
  #last: Ticket = 0;
  readonly #judgements = new Map<Ticket, (judgement: Judgement) => void>();
  readonly #answers = new Map<Ticket, PromiseWithResolvers<readonly Uint8Array[]>>();
  readonly #commands = new Map<Ticket, (result: CommandResult) => void>();
  #idle: (() => void) | null = null;

  /** Waits for a judgement; `given` is called with the ticket, after it is known here. */
  judgement(given: (ticket: Ticket) => void): Promise<Judgement> {
    const ticket = ++this.#last;
    return new Promise((resolve) => {
      this.#judgements.set(ticket, resolve);
      given(ticket);
    });
  }

  /** Waits for the parts of an answer; rejects with `Refused` or `node/closed`. */
  answer(given: (ticket: Ticket) => void): Promise<readonly Uint8Array[]> {
    const ticket = ++this.#last;
    const answer = Promise.withResolvers<readonly Uint8Array[]>();
    this.#answers.set(ticket, answer);
    given(ticket);
    return answer.promise;
  }

  /** Waits for the end of a command. */
  result(given: (ticket: Ticket) => void): Promise<CommandResult> {
    const ticket = ++this.#last;
    return new Promise((resolve) => {
      this.#commands.set(ticket, resolve);
      given(ticket);
    });
  }

  judge(ticket: Ticket, judgement: Judgement): void {
    this.#judgements.get(ticket)?.(judgement);
    this.#judgements.delete(ticket);
  }

  reply(ticket: Ticket, parts: readonly Uint8Array[]): void {
    this.#answers.get(ticket)?.resolve(parts);
    this.#answers.delete(ticket);
  }

  refuse(ticket: Ticket, code: string): void {
    this.#answers.get(ticket)?.reject(new Refused(code, "the question is refused"));
    this.#answers.delete(ticket);
  }

  done(ticket: Ticket, result: CommandResult): void {
    this.#commands.get(ticket)?.(result);
    this.#commands.delete(ticket);
    if (this.#commands.size === 0) this.#idle?.();
  }

  /** Resolves when no command is being run. */
  commandsDone(): Promise<void> {
    return this.#commands.size === 0 ? Promise.resolve() : new Promise((resolve) => (this.#idle = resolve));
  }

  /** Sends everybody home. */
  close(): void {
    for (const judge of this.#judgements.values()) judge("ignore");
    for (const answer of this.#answers.values()) {
      answer.reject(new NodeError("node/closed", "the node stopped before it answered"));
    }
    for (const done of this.#commands.values()) {
      done({ ok: false, code: "node/closed", message: "the node stopped before this was done" });
    }
    this.#judgements.clear();
    this.#answers.clear();
    this.#commands.clear();
  }
}
