/** A page's own folder, in which bash runs what the page shows, as its reader would. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** How a command ended, and what it printed on both streams, in its order. */
export interface Ran {
  readonly status: number;
  readonly output: string;
}

/** Runs its arguments one after the other, tells each one's status behind its output, and hands it on as `$?`. */
export const LOOP: string = String.raw`for __command in "$@"; do (exit "${"$"}{__status:-0}"); eval "$__command"; __status=$?; printf '«ended: %d»\n' "$__status"; done`;
const MARK = /«ended: (\d+)»\n/;
const BLOCK_MS = 180_000;
/** Until a command that goes on has printed its first line. */
const START_MS = 30_000;
const STOP_MS = 10_000;

export class Shell {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #running = new Set<ChildProcess>();
  #count = 0;

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
  }

  /** Runs commands in one shell, one after the other. A command that ends the shell is the last one that is told of. */
  async run(commands: readonly string[]): Promise<readonly Ran[]> {
    const log = join(this.folder, `../output.${++this.#count}`);
    const file = openSync(log, "w");
    const child = spawn("bash", ["-c", LOOP, "bash", ...commands], {
      cwd: this.folder,
      env: this.#env,
      stdio: ["ignore", file, file],
      detached: true,
    });
    closeSync(file);
    const timer = setTimeout(() => signalGroup(child, "SIGKILL"), BLOCK_MS);
    const [status] = (await once(child, "exit")) as [number | null];
    clearTimeout(timer);
    const text = readFileSync(log, "utf8");
    const ran = ranIn(text);
    const rest = text.split(MARK).at(-1) ?? "";
    return ran.length < commands.length ? [...ran, { output: rest, status: status ?? -1 }] : ran;
  }

  /** Starts a command that goes on until `close`; resolves with its first line, rejects with what it said if it ends before. */
  async start(command: string): Promise<string> {
    const child = spawn("bash", ["-c", command], {
      cwd: this.folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#running.add(child);
    let said = "";
    child.stderr.on("data", (part) => (said = (said + String(part)).slice(-4_000)));
    const ended = once(child, "exit").then(() => this.#running.delete(child));
    const timer = setTimeout(() => signalGroup(child, "SIGKILL"), START_MS);
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), "line"),
      ended.then((): never => {
        throw new Error(`${command} ended before it printed a line: ${said}`);
      }),
    ])) as [string];
    clearTimeout(timer);
    return line;
  }

  /** Ends what goes on, in the manner of an operator, and waits for it. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#running].map(async (child) => {
        const late = setTimeout(() => signalGroup(child, "SIGKILL"), STOP_MS);
        const exit = once(child, "exit");
        signalGroup(child, "SIGTERM");
        await exit;
        clearTimeout(late);
      }),
    );
  }
}

/** What LOOP's commands printed, one by one. */
export function ranIn(text: string): readonly Ran[] {
  const parts = text.split(MARK);
  const ran: Ran[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2)
    ran.push({ output: parts[at] ?? "", status: Number(parts[at + 1]) });
  return ran;
}

/** Each child leads a group of its own: what it started goes with it. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
