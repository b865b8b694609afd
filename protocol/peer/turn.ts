import type { NamedPeer } from "./provider-effects.ts";
import type { PlacedPeer } from "./region.ts";
import type { SignatureItem } from "./signature-item.ts";
import type { Effect, PeerName, Range, Row, StoreOp, Stream, Token } from "./types.ts";

/** What comes back for a token: exactly one of these, once. */
export type Answer =
  | { readonly kind: "answered"; readonly bytes: Uint8Array }
  | { readonly kind: "closest"; readonly peers: readonly PeerName[] }
  | { readonly kind: "region"; readonly peers: readonly PlacedPeer[] }
  | { readonly kind: "recalled"; readonly value: Uint8Array | null }
  | { readonly kind: "near"; readonly near: readonly boolean[] }
  | { readonly kind: "provided"; readonly peers: number }
  | { readonly kind: "named"; readonly peers: readonly NamedPeer[] }
  | { readonly kind: "called" }
  | { readonly kind: "rows"; readonly rows: readonly Row[]; readonly more: boolean }
  | { readonly kind: "checked"; readonly good: readonly boolean[] }
  | { readonly kind: "signed"; readonly signature: Uint8Array }
  | { readonly kind: "stored"; readonly there?: readonly boolean[] }
  | { readonly kind: "failed"; readonly code: string };

type Failed = (code: string) => void;

interface Waiting {
  readonly run: (answer: Answer) => void;
  readonly failed: Failed;
}

/**
 * The effects of one `handle` and the continuations that wait for their answers. Modules of the engine never build
 * effects with tokens themselves: they say what they want and what is to be done with the answer. A continuation runs
 * in a later `handle`, with the clock of that event.
 */
export class Turn {
  #now = 0;
  #steady = 0;
  #next: Token = 1;
  #effects: Effect[] = [];
  readonly #waiting = new Map<Token, Waiting>();

  /** ms since 1970, of the event in hand: for what is signed, stored, shown, or compared with times of others. It goes back when the clock is set back. */
  get now(): number {
    return this.#now;
  }

  /**
   * ms that never go back, for all that is only waited for: by how much the clock went forward, from where it stood at the first event. The same
   * as `now` while nobody sets the clock back.
   */
  get steady(): number {
    return this.#steady;
  }

  /** When, in steady ms, a time of the clock comes as far as can be told now. */
  steadyOf(wall: number): number {
    return this.#steady + (wall - this.#now);
  }

  /** What the clock as it is now would have shown, or will show, at a steady time. */
  wallOf(steady: number): number {
    return this.#now + (steady - this.#steady);
  }

  /** How many answers are outstanding: bounds what one peer can make us wait for. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Starts a turn; `take` ends it. */
  begin(now: number): void {
    this.#steady += Math.max(0, now - this.#now);
    this.#now = now;
  }

  /** Effects of this turn, in order. */
  take(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Hands an answer to whoever waits for it; a token that nobody knows (answered twice, or late) is dropped. */
  resume(token: Token, answer: Answer): void {
    const waiting = this.#waiting.get(token);
    this.#waiting.delete(token);
    if (waiting === undefined) return;
    try {
      waiting.run(answer);
    } catch (error) {
      // Our bug: whoever waited must not wait for ever, so that one bad answer does not stop a module.
      waiting.failed("internal/impossible");
      throw error;
    }
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Asks for a tick at a steady time; at once where it is not said. */
  wake(at: number = this.#steady): void {
    this.emit({ kind: "wake", at: this.wallOf(at) });
  }

  /** `stored` is told of each of `asks`, keys that `ops` put, whether it had a row before. */
  store(
    ops: readonly StoreOp[],
    durable: boolean,
    stored: (there: readonly boolean[]) => void,
    failed: Failed,
    asks: readonly Uint8Array[] = [],
  ): void {
    const token = this.#wait(
      (answer) => (answer.kind === "stored" ? stored(answer.there ?? []) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "store", token, durable, ops, asks });
  }

  swap(old: Uint8Array | null, next: Uint8Array, stored: () => void, failed: Failed): void {
    const token = this.#wait(
      (answer) => (answer.kind === "stored" ? stored() : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "swap", token, old, next });
  }

  /** One page: it may hold fewer rows than the limit although there are more. `readWhole` goes on to the end. */
  read(range: Range, rows: (rows: readonly Row[], more: boolean) => void, failed: Failed): void {
    const token = this.#wait(
      (answer) => (answer.kind === "rows" ? rows(answer.rows, answer.more) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "read", token, range });
  }

  ask(
    to: PeerName,
    stream: Stream,
    bytes: Uint8Array,
    timeoutMs: number,
    answered: (bytes: Uint8Array) => void,
    failed: Failed,
  ): void {
    const token = this.#wait(
      (answer) => (answer.kind === "answered" ? answered(answer.bytes) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "ask", token, to, stream, bytes, timeoutMs });
  }

  lookup(
    key: Uint8Array,
    timeoutMs: number,
    closest: (peers: readonly PeerName[]) => void,
    failed: Failed,
  ): void {
    const token = this.#wait(
      (answer) => (answer.kind === "closest" ? closest(answer.peers) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "lookup", token, key, timeoutMs });
  }

  region(
    key: Uint8Array,
    timeoutMs: number,
    named: (peers: readonly PlacedPeer[]) => void,
    failed: Failed,
  ): void {
    const token = this.#wait(
      (answer) => (answer.kind === "region" ? named(answer.peers) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "region", token, key, timeoutMs });
  }

  recall(key: Uint8Array, timeoutMs: number, told: (value: Uint8Array | null) => void, failed: Failed): void {
    const token = this.#wait(
      (answer) => (answer.kind === "recalled" ? told(answer.value) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "recall", token, key, timeoutMs });
  }

  near(keys: readonly Uint8Array[], told: (near: readonly boolean[]) => void, failed: Failed): void {
    const token = this.#wait(
      (answer) => (answer.kind === "near" ? told(answer.near) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "near", token, keys });
  }

  provide(key: Uint8Array, timeoutMs: number, provided: (peers: number) => void, failed: Failed): void {
    const token = this.#wait(
      (answer) => (answer.kind === "provided" ? provided(answer.peers) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "provide", token, key, timeoutMs });
  }

  providers(
    key: Uint8Array,
    timeoutMs: number,
    named: (peers: readonly NamedPeer[]) => void,
    failed: Failed,
  ): void {
    const token = this.#wait(
      (answer) => (answer.kind === "named" ? named(answer.peers) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "providers", token, key, timeoutMs });
  }

  call(peer: PeerName, timeoutMs: number, called: () => void, failed: Failed): void {
    const token = this.#wait(
      (answer) => (answer.kind === "called" ? called() : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "call", token, peer, timeoutMs });
  }

  check(items: readonly SignatureItem[], checked: (good: readonly boolean[]) => void, failed: Failed): void {
    const token = this.#wait(
      (answer) => (answer.kind === "checked" ? checked(answer.good) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "check", token, items });
  }

  sign(
    bytes: Uint8Array,
    signed: (signature: Uint8Array) => void,
    failed: Failed,
    by: "feed" | "witness" = "feed",
  ): void {
    const token = this.#wait(
      (answer) => (answer.kind === "signed" ? signed(answer.signature) : failed(codeOf(answer))),
      failed,
    );
    this.emit({ kind: "sign", token, bytes, ...(by === "witness" ? { by } : {}) });
  }

  #wait(run: (answer: Answer) => void, failed: Failed): Token {
    const token = this.#next++;
    this.#waiting.set(token, { run, failed });
    return token;
  }
}

function codeOf(answer: Answer): string {
  return answer.kind === "failed" ? answer.code : "peer/unexpected-answer";
}
