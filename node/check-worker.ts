import { parentPort } from "node:worker_threads";
import { publicKeyOf, verifyEd25519, verifySignature } from "../protocol/index.ts";

/** A signature to check, as it crosses to the worker. */
export interface Plain {
  readonly type: "ed25519" | "openpgp";
  /** The raw key. */
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Questions are answered in the order in which they came. */
let last: Promise<void> = Promise.resolve();

parentPort?.on("message", (items: readonly Plain[]) => {
  last = last.then(async () => parentPort?.postMessage(await Promise.all(items.map(holds))));
});

function holds({ type, key, message, signature }: Plain): Promise<boolean> {
  return type === "ed25519"
    ? Promise.resolve(verifyEd25519(key, message, signature))
    : verifySignature(publicKeyOf(key), message, signature);
}
