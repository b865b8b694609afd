import { parentPort } from "node:worker_threads";
import { verifyEd25519 } from "../protocol/index.ts";

/** An Ed25519 signature to check, as it crosses to the worker. */
export interface Plain {
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

parentPort?.on("message", (items: readonly Plain[]) => {
  parentPort?.postMessage(items.map((item) => verifyEd25519(item.key, item.message, item.signature)));
});
