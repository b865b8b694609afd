/** One run of a wrapped method: the stock method as a child, apt on the other side. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import { ClientError } from "../../errors.ts";
import { messagesIn, oneLine, writeMessage } from "./message.ts";
import type { Message } from "./message.ts";
import type { Scheme } from "./scheme.ts";
import { Wrap } from "./wrap.ts";
import type { Ends } from "./wrap.ts";

export interface MethodOptions {
  readonly scheme: Scheme;
  /** Path of the method that apt brings; the last part of it is the scheme, by which it goes. */
  readonly stock: string;
  /** What apt says. */
  readonly input: AsyncIterable<Uint8Array>;
  /** What apt hears. */
  readonly output: Writable;
  readonly judge: Ends["judge"];
}

/**
 * Until apt says no more. Rejects with `apt/bad-method` where the stock method ends before that, or can't be started, and where either of
 * them says what can't be read: apt has been told then that all it waits for has failed.
 */
export async function runMethod({ scheme, stock, input, output, judge }: MethodOptions): Promise<void> {
  const child = spawn(stock, [], { stdio: ["pipe", "pipe", "inherit"] });
  const say = (message: Message): void => void output.write(writeMessage(message));
  const wrap = new Wrap(scheme, {
    apt: say,
    stock: (message) => void child.stdin.write(writeMessage(message)),
    judge,
  });
  let cause: Error | undefined;
  child.on("error", (error) => (cause = error));
  child.stdin.on("error", () => undefined); // that it has ended is seen where it is read
  const release = endsWith(child);
  const fromStock = async (): Promise<void> => {
    for await (const message of messagesIn(child.stdout, "the stock method")) wrap.fromStock(message);
    const why = `${stock} has ended${cause === undefined ? "" : ` (${cause.message})`}: look at apt's other messages, and run apt again`;
    await wrap.end(why);
    throw new ClientError("apt/bad-method", why, { cause });
  };
  const fromApt = async (): Promise<void> => {
    for await (const message of messagesIn(input, "apt")) wrap.fromApt(message);
  };
  try {
    await first(fromApt(), fromStock());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    wrap.abandon(why);
    say({ code: 401, title: "General Failure", fields: [["Message", oneLine(`samebits: ${why}`)]] });
    throw error;
  } finally {
    release();
    // As apt ends a method; and it is not waited for.
    child.kill("SIGINT");
    child.stdin.destroy();
    child.stdout.destroy();
    child.unref();
  }
}

/** How the first of them ends; what becomes of the other does not matter any more. */
async function first(...all: readonly Promise<void>[]): Promise<void> {
  for (const one of all) one.catch(() => undefined);
  await Promise.race(all);
}

/** A signal that ends us ends the child first: by itself it would go on to the end of a download. Returns how to undo that. */
function endsWith(child: ChildProcess): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const end = (signal: NodeJS.Signals): void => {
    release();
    child.kill("SIGINT");
    process.kill(process.pid, signal);
  };
  const release = (): void => {
    for (const signal of signals) process.off(signal, end);
  };
  for (const signal of signals) process.on(signal, end);
  return release;
}
