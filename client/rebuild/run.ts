import { spawn } from "node:child_process";
import type { ChildProcess, ChildProcessByStdio } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandRun, Printed } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { systemCode } from "../folder.ts";
import { StreamEnd } from "./stream-end.ts";

/** ms for a command that was told to end; then it is ended. Less than a command line waits for its own end. */
const END_WITHIN_MS = 2_500;
/** ms for what is left in the pipes of a command that has ended: somebody who left its group may hold them open for ever. */
const DRAIN_WITHIN_MS = 1_500;

/** How a command is run. */
export interface RunOptions {
  /** The program and its arguments; no shell reads them. */
  readonly argv: readonly string[];
  /** ms; null = as long as it takes. */
  readonly timeoutMs: number | null;
  readonly signal: AbortSignal;
  /** Is given what the command prints, on both streams; resolves when there is room for more. */
  readonly show: (octets: Uint8Array) => Promise<void>;
  /** Keep the end of what it prints, MAX_SAID_BYTES of each stream. */
  readonly record: boolean;
}

/** What a command printed, as far as it was kept. */
export interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that has ended. */
export interface Ended {
  readonly run: CommandRun;
  /** Null where it was not to be kept. */
  readonly said: Said | null;
  /** What it failed by, as a line; null = it ended with status 0. */
  readonly failure: "timeout" | { readonly status: number } | { readonly signal: string } | null;
}

/**
 * Runs a command as a process group of its own, without input, and waits for its end; what it left running in its group is ended too.
 * Throws `rebuild/not-started` where there is no such program, `rebuild/interrupted` where the signal came before the end.
 */
export async function runCommand({ argv, timeoutMs, signal, show, record }: RunOptions): Promise<Ended> {
  const [program = "", ...args] = argv;
  if (signal.aborted) throw interrupted(program);
  const started = Date.now();
  const child = begun(program, args);
  // If we are ended at once, it is not left behind.
  const endAtExit = (): void => kill(child, "SIGKILL");
  process.once("exit", endAtExit);
  const clock = new AbortController();
  let timedOut = false;
  const stop = (): void => void endGroup(child, clock.signal);
  const timer =
    timeoutMs === null
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          stop();
        }, timeoutMs);
  signal.addEventListener("abort", stop);
  try {
    const ends = record ? [new StreamEnd(), new StreamEnd()] : [];
    const [stdout, stderr] = [printed(child.stdout, show, ends[0]), printed(child.stderr, show, ends[1])];
    const [status, endedBy] = await endOf(child, program);
    const finished = Date.now();
    kill(child, "SIGKILL");
    await drain([child.stdout, child.stderr]);
    const run = { command: argv, status, started, finished, stdout: await stdout, stderr: await stderr };
    if (signal.aborted) throw interrupted(program);
    const [out, err] = ends;
    const said = out === undefined || err === undefined ? null : { stdout: out.text(), stderr: err.text() };
    return { run, said, failure: timedOut ? "timeout" : failureOf(status, endedBy) };
  } finally {
    clock.abort();
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    process.removeListener("exit", endAtExit);
  }
}

/** Some errors are thrown at once, others come as events. */
function begun(program: string, args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  try {
    return spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    throw notStarted(program, error instanceof Error ? error : new Error(String(error)));
  }
}

function failureOf(status: number | null, endedBy: string | null): Ended["failure"] {
  if (status === 0) return null;
  return status === null ? { signal: endedBy ?? "a signal" } : { status };
}

async function endOf(child: ChildProcess, program: string): Promise<readonly [number | null, string | null]> {
  return new Promise((resolve, reject) => {
    child.once("exit", (status, endedBy) => resolve([status, endedBy]));
    child.once("error", (error) => reject(notStarted(program, error)));
  });
}

function notStarted(program: string, error: Error): ClientError {
  const why = new Map([
    ["ENOENT", "there is no such program"],
    ["ENOTDIR", "there is no such program"],
    ["EACCES", "it may not be run: is it executable?"],
    ["E2BIG", "its arguments are too long"],
  ]).get(systemCode(error));
  return new ClientError(
    "rebuild/not-started",
    `${program}: cannot be run: ${why ?? error.message}; nothing was signed`,
    {
      cause: error,
    },
  );
}

/** Digest and length of all that comes, which goes on to `show`, and its end into `kept`. */
async function printed(stream: Readable, show: RunOptions["show"], kept?: StreamEnd): Promise<Printed> {
  const hash = createHash("sha256");
  let length = 0;
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) continue;
      hash.update(chunk);
      length += chunk.length;
      kept?.take(chunk);
      await show(chunk);
    }
  } catch (error) {
    // Closed by us, since somebody holds it open.
    if (systemCode(error) !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
  return { sha256: Uint8Array.from(hash.digest()), length };
}

async function drain(streams: readonly Readable[]): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const open = streams.filter((stream) => !stream.closed);
  const closed = Promise.all(open.map(async (stream) => once(stream, "close", { signal })));
  const waited = sleep(DRAIN_WITHIN_MS, undefined, { signal });
  await Promise.race([closed, waited]);
  over.abort();
  await Promise.allSettled([closed, waited]);
  for (const stream of streams) stream.destroy();
}

/** Tells the whole group to end, and ends what has not after a while. */
async function endGroup(child: ChildProcess, over: AbortSignal): Promise<void> {
  kill(child, "SIGTERM");
  await sleep(END_WITHIN_MS, undefined, { signal: over, ref: false }).then(
    () => kill(child, "SIGKILL"),
    () => undefined,
  );
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

function interrupted(program: string): ClientError {
  return new ClientError(
    "rebuild/interrupted",
    `${program} was told to stop, and all that it began; nothing was signed`,
  );
}
