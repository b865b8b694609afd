import { parentPort } from "node:worker_threads";
import { hashOpen } from "./hash-open.ts";

/** What a worker says of a descriptor; `error` as the file system told it. */
export type Hashed = { readonly sha256: Uint8Array } | { readonly error: Error };

parentPort?.on("message", (file: number) => parentPort?.postMessage(hashed(file)));

/** Descriptors are the process's, not a thread's. */
function hashed(file: number): Hashed {
  try {
    return { sha256: hashOpen(file) };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}
