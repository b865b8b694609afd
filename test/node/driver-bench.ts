/** A driver around an engine that a test makes up, with a clock and alarms of its own. */
import { Driver } from "../../node/driver.ts";
import type { Clock, OwnHeadFile, Store, Transport } from "../../node/edges.ts";
import { NodeError } from "../../node/errors.ts";
import { silent } from "../../node/log.ts";
import { memoryOwnHead, memoryStore } from "../../node/store/index.ts";
import type { Effect, Event } from "../../protocol/index.ts";

export const octets = (...list: number[]): Uint8Array => Uint8Array.from(list);

export const deaf: Transport = {
  self: "self",
  gossip: () => {},
  ask: () => Promise.reject(new NodeError("mesh/unreachable", "nobody is there")),
  lookup: async () => [],
  region: async () => [],
  near: () => [],
  recall: async () => null,
  provide: async () => 0,
  providers: async () => [],
  call: () => Promise.reject(new Error("nobody is there")),
  announce: () => {},
  drop: () => {},
};

export interface Bench {
  readonly driver: Driver;
  readonly events: Event[];
  readonly alarms: { at: number; run: () => void }[];
}

export interface Parts {
  readonly now?: () => number;
  readonly store?: Store;
  readonly ownHead?: OwnHeadFile;
  readonly transport?: Partial<Transport>;
}

/** A driver around an engine that answers each event as `react` says. */
export function bench(react: (event: Event) => readonly Effect[], parts: Parts = {}): Bench {
  const events: Event[] = [];
  const alarms: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    now: parts.now ?? (() => 1_000),
    at(at, run) {
      const alarm = { at, run };
      alarms.push(alarm);
      return () => void alarms.splice(alarms.indexOf(alarm), 1);
    },
  };
  const engine = {
    handle(event: Event): readonly Effect[] {
      events.push(event);
      return react(event);
    },
  };
  const driver = new Driver(engine, {
    store: parts.store ?? memoryStore(),
    ownHead: parts.ownHead ?? memoryOwnHead(),
    transport: { ...deaf, ...parts.transport },
    signer: null,
    checker: { check: async (items) => items.map(() => true), close: async () => {} },
    clock,
    log: silent,
  });
  return { driver, events, alarms };
}

export const ready: Effect = { kind: "ready" };

export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}
