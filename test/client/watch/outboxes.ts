/** Outboxes over a node's findings that a test makes up, with real evidence. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { NotedFinding, Sink, Told } from "../../../client/edges.ts";
import { follow } from "../../../client/watch/index.ts";
import type { Looks } from "../../../client/watch/look.ts";
import { Outboxes } from "../../../client/watch/outboxes.ts";
import { proveContradiction, writeEvidence } from "../../../protocol/index.ts";
import type { Finding } from "../../../protocol/index.ts";
import { testFinding } from "../../node/finding.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";

export const alice: Builder = new Builder(1);
export const bob: Builder = new Builder(2);
export const carol: Builder = new Builder(3);

/** That two builders contradict each other over the package of this number. */
export function conflict(
  number: number,
  of: number = number,
  [one, other]: readonly [Builder, Builder] = [alice, bob],
): Finding {
  const target = packageNumber(of);
  const results = [one, other].map((by, i) => by.verified(by.link(target, `result ${i} of ${by.seed[0]}`)));
  const [a, b] = results;
  const evidence = a && b ? proveContradiction(a, b, target.key, []) : null;
  assert.ok(evidence);
  const time = Date.UTC(2026, 10, 29) + number;
  return testFinding(number, {
    kind: "contradiction",
    id: number.toString(16).padStart(64, "0"),
    evidence: writeEvidence(evidence),
    time,
  });
}

/** A node that has these findings, and may find more. */
export class Feed {
  readonly found: NotedFinding[] = [];
  readonly #news = new Set<() => void>();

  add(...findings: readonly NotedFinding[]): void {
    this.found.push(...findings);
    for (const wake of this.#news) wake();
  }

  async *findings(since: number, signal: AbortSignal): AsyncGenerator<NotedFinding> {
    for (let last = since; !signal.aborted;) {
      const next = this.found.find(({ number }) => number > last);
      if (next !== undefined) {
        last = next.number;
        yield next;
        continue;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#news.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      this.#news.delete(resolve);
    }
  }
}

interface Run {
  readonly outboxes: Outboxes;
  readonly failures: unknown[];
  end(): Promise<void>;
}

export function start(
  feed: Feed,
  sinks: readonly Sink[],
  dataDir: string,
  changes: { readonly looks?: Looks; readonly lookMs?: number; readonly least?: "info" | "critical" } = {},
): Run {
  const stop = new AbortController();
  const { signal } = stop;
  const failures: unknown[] = [];
  const outboxes = new Outboxes(sinks, {
    dataDir,
    least: "info",
    first: { afterNumber: 0, fromTime: 0 },
    alerts: (from, passed) =>
      follow(feed, {
        ...from,
        passed,
        policies: () => null,
        installed: null,
        signal,
        refused: () => undefined,
      }),
    policyOf: () => null,
    looks: null,
    lookMs: 60_000,
    signal,
    failed: (error) => failures.push(error),
    ...changes,
  });
  const running = outboxes.run();
  running.catch(() => undefined);
  return {
    outboxes,
    failures,
    async end() {
      stop.abort();
      await running;
    },
  };
}

/** A sink that keeps what it takes. */
export function keeper(
  name: string,
  take: (told: Told, n: number) => void | Promise<void> = () => undefined,
): Sink & { readonly got: Told[] } {
  const got: Told[] = [];
  let n = 0;
  return {
    name,
    got,
    wantsAll: false,
    repeat: null,
    async deliver(told) {
      await take(told, n++);
      got.push(told);
    },
  };
}

export async function until(what: string, is: () => boolean): Promise<void> {
  for (let waited = 0; !is(); waited += 10) {
    if (waited > 20_000) assert.fail(`waited in vain for ${what}`);
    await sleep(10);
  }
}

export const files = (got: readonly Told[]): readonly unknown[] =>
  got.map(({ line }) => (JSON.parse(line) as { target: { file: string } | null }).target?.file);
export const fileOf = (number: number): string => packageNumber(number).file;
