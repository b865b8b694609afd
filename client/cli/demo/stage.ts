import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ClientError } from "../../errors.ts";

const START_MS = 20_000;
const RUN_MS = 30_000;
const STOP_MS = 5_000;

/** How a command ended. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that goes on: its output line by line. */
export interface Running {
  readonly pid: number;
  /** Its first line of output. Rejects with `demo/unexpected` where it ends before or takes too long. */
  readonly first: Promise<string>;
  /** All lines so far. */
  readonly lines: readonly string[];
}

/** A folder and processes of the demo's own, and nothing else: `close` ends exactly those and removes exactly that. */
export class Stage {
  readonly folder: string;
  readonly #children = new Set<ChildProcess>();
  #closed = false;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Throws `output/cannot-write` where there can be no temporary folder. */
  static async open(): Promise<Stage> {
    try {
      return new Stage(await mkdtemp(join(tmpdir(), "samebits-demo-")));
    } catch (error) {
      const words = `${tmpdir()}: no temporary folder can be made in it (${String(error)}): name another with TMPDIR`;
      throw new ClientError("output/cannot-write", words, { cause: error });
    }
  }

  /** A path inside the demo's folder. */
  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** Processes that are up. */
  get size(): number {
    return this.#children.size;
  }

  /** Runs a samebits command, as a user would, in a process of its own. */
  samebits(args: readonly string[]): Promise<Ran> {
    return this.run(process.execPath, [launcher(), ...args], this.folder, RUN_MS);
  }

  /** Runs any command to its end, within `timeoutMs`. Rejects where it cannot be started. */
  run(file: string, args: readonly string[], cwd: string, timeoutMs: number): Promise<Ran> {
    const child = this.#spawn(file, args, cwd);
    const { promise, resolve, reject } = Promise.withResolvers<Ran>();
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (part) => (stdout += String(part)));
    child.stderr?.on("data", (part) => (stderr += String(part)));
    const timer = setTimeout(() => signalGroup(child, "SIGKILL"), timeoutMs);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (this.#closed) reject(stopped());
      else resolve({ status: code ?? -1, stdout, stderr });
    });
    return promise;
  }

  /** Starts a samebits command that goes on until the end of the demo. */
  start(args: readonly string[]): Running {
    const child = this.#spawn(process.execPath, [launcher(), ...args], this.folder);
    const lines: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let stderr = "";
    const fail = (why: string): void => {
      reject(
        new ClientError(
          "demo/unexpected",
          `the demo went wrong: samebits ${args[0] ?? ""} ${why}: ${stderr.trim()}`,
        ),
      );
    };
    child.stderr?.on("data", (part) => (stderr = (stderr + String(part)).slice(-4_096)));
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (line) => {
        lines.push(line);
        resolve(line);
      });
    }
    const timer = setTimeout(() => fail("said nothing in time"), START_MS);
    child.on("error", (error) => fail(error.message));
    child.on("close", () => {
      clearTimeout(timer);
      fail("ended");
    });
    promise.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
    return { pid: child.pid ?? 0, first: promise, lines };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#children].map(stop));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #spawn(file: string, args: readonly string[], cwd: string): ChildProcess {
    if (this.#closed) throw stopped();
    const child = spawn(file, args, {
      cwd,
      env: this.#environment(),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#children.add(child);
    child.on("close", () => this.#children.delete(child));
    child.on("error", () => this.#children.delete(child));
    return child;
  }

  /** The user's environment without what would configure samebits: the demo touches no configuration or data of theirs. */
  #environment(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(
      ([name]) => !name.startsWith("SAMEBITS_") && name !== "SOURCE_DATE_EPOCH",
    );
    return {
      ...Object.fromEntries(kept),
      XDG_CONFIG_HOME: this.path("config"),
      XDG_DATA_HOME: this.path("data"),
      NO_COLOR: "1",
    };
  }
}

function stopped(): ClientError {
  return new ClientError("demo/unexpected", "the demo was stopped");
}

/** The launcher that this very process was started by, else the one of this checkout. */
function launcher(): string {
  const own = process.argv[1] ?? "";
  return own.endsWith("samebits.js") ? own : fileURLToPath(new URL("../samebits.js", import.meta.url));
}

/** Ends a child and what it started itself (a build's compilers): each child leads a group of its own. Waits until all have gone. */
function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => signalGroup(child, "SIGKILL"), STOP_MS);
    child.on("close", () => {
      clearTimeout(late);
      resolve();
    });
    signalGroup(child, "SIGTERM");
  });
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
