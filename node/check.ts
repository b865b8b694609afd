import { Worker } from "node:worker_threads";
import {
  CHECK_SLICE,
  CHECK_WORKER_FROM,
  CHECK_WORKER_IDLE_MS,
  verifyEd25519,
  verifySignature,
} from "../protocol/index.ts";
import type { SignatureItem } from "../protocol/index.ts";
import type { Checker } from "./edges.ts";
import { NodeError } from "./errors.ts";
import type { Plain } from "./check-worker.ts";

/**
 * Checks signatures without holding up the event loop: few Ed25519 ones here, in slices; many in a worker, which is
 * started when it is wanted and ended when it has nothing to do; OpenPGP's always there, RSA and ECDSA in node's thread pool (RULES R30).
 */
export function openChecker(): Checker {
  const crew = new Crew();
  return {
    async check(items: readonly SignatureItem[]): Promise<readonly boolean[]> {
      const good = items.map(() => false);
      const plain: { readonly at: number; readonly item: Plain }[] = [];
      const foreign: Promise<void>[] = [];
      items.forEach(({ key, message, signature }, at) => {
        const { type } = key;
        if (type === "ed25519" || type === "openpgp")
          plain.push({ at, item: { type, key: key.raw, message, signature } });
        else foreign.push(verifySignature(key, message, signature).then((yes) => void (good[at] = yes)));
      });
      const wanted = plain.map(({ item }) => item);
      const slow = wanted.length >= CHECK_WORKER_FROM || wanted.some(({ type }) => type === "openpgp");
      const answers = slow ? await crew.check(wanted) : await inSlices(wanted);
      plain.forEach(({ at }, n) => (good[at] = answers[n] ?? false));
      await Promise.all(foreign);
      return good;
    },
    close: () => crew.close(),
  };
}

async function inSlices(items: readonly Plain[]): Promise<readonly boolean[]> {
  const good: boolean[] = [];
  for (const [i, item] of items.entries()) {
    if (i > 0 && i % CHECK_SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    good.push(verifyEd25519(item.key, item.message, item.signature));
  }
  return good;
}

interface Waiting {
  done(good: readonly boolean[]): void;
  failed(error: NodeError): void;
}

/** The one worker, and who waits for it, in order. */
class Crew {
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | null = null;
  readonly #waiting: Waiting[] = [];

  check(items: readonly Plain[]): Promise<readonly boolean[]> {
    return new Promise((resolve, reject) => {
      if (this.#idle !== null) clearTimeout(this.#idle);
      this.#idle = null;
      this.#worker ??= this.#start();
      this.#waiting.push({ done: resolve, failed: reject });
      this.#worker.postMessage(items);
    });
  }

  async close(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./check-worker.ts", import.meta.url));
    worker.unref();
    worker.on("message", (good: readonly boolean[]) => {
      this.#waiting.shift()?.done(good);
      if (this.#waiting.length === 0) {
        this.#idle = setTimeout(() => void this.close(), CHECK_WORKER_IDLE_MS).unref();
      }
    });
    worker.on("error", () => this.#ended(worker));
    worker.on("exit", () => this.#ended(worker));
    return worker;
  }

  #ended(worker: Worker): void {
    if (this.#worker === worker) this.#worker = null;
    if (this.#worker !== null) return;
    for (const waiting of this.#waiting.splice(0)) {
      waiting.failed(
        new NodeError("check/failed", "the worker that checks signatures ended; the check can be repeated"),
      );
    }
  }
}
