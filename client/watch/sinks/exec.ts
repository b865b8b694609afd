/** Runs a program for each alert: no shell, the words as they were given, the alert on its standard input. */
import { spawn } from "node:child_process";
import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import type { Sink } from "../../edges.ts";
import { NotTaken } from "./post.ts";

const TIMEOUT_MS = 30_000;
/** Octets of what it says that are kept for a complaint; the rest is read and thrown away. */
const MAX_SAID_BYTES = 1_024;

/** `argv`: the program and its arguments. `timeoutMs`: after it the program, and what it started, is killed. */
export function execSink(argv: readonly string[], timeoutMs: number = TIMEOUT_MS): Sink {
  const name = argv.join(" ");
  return {
    name: `exec ${name}`,
    wantsAll: false,
    repeat: null,
    deliver: ({ line }, signal) => run(argv, `${line}\n`, { timeoutMs, signal }),
  };
}

async function run(
  [program = "", ...args]: readonly string[],
  input: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  // A group of its own, so that what it started ends with it.
  const child = started(program, args);
  const kill = (): void => {
    killGroup(child);
    // Who left the group may hold what it prints open for ever.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(kill, timeoutMs);
  signal.addEventListener("abort", kill);
  let said = "";
  const keep = (part: Buffer): void => void (said.length < MAX_SAID_BYTES && (said += part.toString("utf8")));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  // A program need not read what it is given.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  try {
    const ended = await new Promise<string | null>((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, by) =>
        resolve(code === 0 ? null : `it ended with ${by ?? code ?? "nothing"}`),
      );
    });
    const words = printable(said);
    if (ended !== null) throw new NotTaken(`${program}: ${ended}${words === "" ? "" : `: ${words}`}`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
  }
}

/** Some errors are thrown at once, others come as events. */
function started(program: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  try {
    return spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  } catch (error) {
    throw new NotTaken(`${program}: ${error instanceof Error ? error.message : String(error)}`, null, {
      cause: error,
    });
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}

/** One line that moves no terminal's cursor. */
function printable(text: string): string {
  return text
    .trim()
    .slice(0, 200)
    .replace(/[^\x20-\x7e]/g, " ");
}
