/** Runs a program for each alert: no shell, the words as they were given, the alert on its standard input. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
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
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  const kill = (): void => killGroup(child);
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
