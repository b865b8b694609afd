/** Nodes in processes of their own, as installed, on loopback; all end with the benchmark, however that ends. */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { toBase64 } from "../../protocol/index.ts";
import { askSocket } from "../../test/e2e/socket.ts";
import { builtPackage } from "./package.ts";

export const NETWORK = "bench";
const PROBE = pathToFileURL(join(import.meta.dirname, "probe.js")).href;
const READY_MS = 60_000;
const MS_A_TICK = 10;
const WHOLE_MS = 300_000;
/** ms from one look at what a node holds to the next: a look takes 3 to 8 ms of processor time, which what is measured would have. */
const LOOK_MS = { least: 10, most: 250 };
/** ms of a look whether a node is at rest, and how much of a core it may take then. */
const REST_LOOK_MS = 3_000;
const RESTING = 0.04;

export interface NodeProcess {
  readonly dataDir: string;
  readonly listen: readonly string[];
  /** `http://host:port` of its interface, or null where it has a unix socket alone, as it has unless its arguments say otherwise. */
  readonly api: string | null;
  readonly pid: number;
  /** ms from its start to the line that says that it is ready. */
  readonly readyMs: number;
  get(path: string): Promise<unknown>;
  /** The same for what is no JSON. */
  text(path: string): Promise<string>;
  /** Publishes envelopes in one request; resolves when they are acknowledged. */
  publish(...envelopes: readonly Uint8Array[]): Promise<unknown>;
  /** What the probe wrote, where there is one: when the entry with this hash was stored here first, ms since 1970. */
  stored(): Promise<ReadonlyMap<string, number>>;
  end(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it once more, after its end, on the same data and the same addresses. */
  again(): Promise<NodeProcess>;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGTERM");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

/** A folder that goes when `use` has ended. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "samebits-bench-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** ms that a command takes, with this on stdin; it has to end with 0. */
export function timed([name = "", ...args]: readonly string[], input = ""): number {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(name, args, {
    env: cleanEnvironment(),
    encoding: "utf8",
    input,
  });
  const ms = performance.now() - began;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stdout}${stderr}`);
  return ms;
}

/** `samebits` as installed, with these arguments: a shell that has Node as its child. It lives no longer than this process. */
export async function startCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const child = spawn("sh", [join(await builtPackage(), "samebits.sh"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...cleanEnvironment(), ...env },
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** The process below a shell's (Linux). */
async function childOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return Number.parseInt(children, 10);
}

/** Starts `samebits node` with these arguments, with the probe in it or not; rejects with what it said where it does not get ready. */
export async function startNode(
  dataDir: string,
  args: readonly string[],
  isProbed = false,
): Promise<NodeProcess> {
  await mkdir(dataDir, { recursive: true });
  const probe = join(dataDir, "probe");
  const began = performance.now();
  const child = await startCommand(
    [
      "node",
      `--data=${dataDir}`,
      `--network=${NETWORK}`,
      ...(args.some((arg) => arg.startsWith("--listen=")) ? [] : ["--listen=/ip4/127.0.0.1/tcp/0"]),
      "--api-listen=none",
      "--quiet",
      ...args,
    ],
    {
      ...(isProbed ? { NODE_OPTIONS: `--import=${PROBE}`, SAMEBITS_PROBE: probe } : {}),
      XDG_CONFIG_HOME: dataDir,
      XDG_DATA_HOME: dataDir,
    },
  );
  const ready = await firstLine(child);
  const { listen, api } = JSON.parse(ready) as Pick<NodeProcess, "listen" | "api">;
  const readyMs = performance.now() - began;
  const pid = await childOf(child.pid ?? 0);
  const token = (await readFile(join(dataDir, "token"), "utf8")).trim();
  const socketPath = join(dataDir, "api.sock");
  const exited = once(child, "exit");
  return {
    dataDir,
    listen,
    api,
    pid,
    readyMs,
    get: async (path) => JSON.parse(await ask(socketPath, "GET", path, token, null)) as unknown,
    text: (path) => ask(socketPath, "GET", path, token, null),
    publish: async (...envelopes) => {
      const body = JSON.stringify({ envelopes: envelopes.map(toBase64) });
      return JSON.parse(await ask(socketPath, "POST", "/v1/attestations", token, body)) as unknown;
    },
    stored: async () => readProbe(await readFile(probe, "utf8").catch(() => "")),
    async end(signal = "SIGTERM"): Promise<void> {
      if (child.exitCode === null) process.kill(pid, signal);
      await exited;
    },
    // --first is for the first time only; whoever began from its address finds it there again.
    again: () =>
      startNode(
        dataDir,
        [
          ...args.filter((arg) => arg !== "--first" && !arg.startsWith("--listen=")),
          ...listen.map((address) => `--listen=${address.replace(/\/p2p\/.*$/, "")}`),
        ],
        isProbed,
      ),
  };
}

/** The first line on a child's stdout; rejects with what it said on stderr where it ends before, or takes too long. */
async function firstLine(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
  if (child.stdout !== null) createInterface({ input: child.stdout }).once("line", resolve);
  child.once("exit", (code) => reject(new Error(`ended with ${code} before it was ready: ${said}`)));
  const timer = setTimeout(() => reject(new Error(`not ready after ${READY_MS} ms: ${said}`)), READY_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** The user's environment without what would configure samebits, and with the Node first that runs this: the system's may be too old. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("SAMEBITS_"));
  return { ...Object.fromEntries(kept), PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` };
}

function readProbe(text: string): ReadonlyMap<string, number> {
  const stored = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [time = "", hash = ""] = line.split(" ");
    if (hash !== "" && !stored.has(hash)) stored.set(hash, Number(time));
  }
  return stored;
}

async function ask(
  socketPath: string,
  method: string,
  path: string,
  token: string,
  body: string | null,
): Promise<string> {
  const { status, text } = await askSocket(socketPath, method, path, token, body);
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  return text;
}

/** How many entries the node has in its store, and claims in its index. */
export async function held(node: NodeProcess): Promise<Readonly<Record<"entries" | "claims", number>>> {
  return (await node.get("/v1/status")) as Awaited<ReturnType<typeof held>>;
}

/** Until the node has so many entries in its store, or so many claims in its index; looked at seldom as long as much is missing, by the rate so far. */
export async function whole(
  node: NodeProcess,
  what: "entries" | "claims",
  count: number,
  withinMs: number = WHOLE_MS,
): Promise<void> {
  const end = performance.now() + withinMs;
  for (let before = 0, wait = LOOK_MS.least; ;) {
    const now = (await held(node))[what];
    if (now >= count) return;
    if (performance.now() > end) throw new Error(`${now} of ${count} ${what} after ${withinMs} ms`);
    // Half of what the rest would take if it went on as it did since the last look: it may go on faster.
    const rest = (wait * (count - now)) / Math.max(1, now - before);
    wait = Math.min(Math.max(rest / 2, LOOK_MS.least), LOOK_MS.most);
    before = now;
    await sleep(wait);
  }
}

export interface Usage {
  /** ms of CPU since its start. */
  readonly cpuMs: number;
  /** Octets of its resident memory. */
  readonly rss: number;
  /** Those of them that are no part of a file: the rest the system takes back when it wants to. */
  readonly anonymous: number;
}

/** Until the node takes next to nothing of a core: what it has taken in it indexes, and checks for its dashboard at its leisure. */
export async function atRest({ pid }: NodeProcess, withinMs: number = WHOLE_MS): Promise<void> {
  const end = performance.now() + withinMs;
  for (let before = (await usageOf(pid)).cpuMs; ;) {
    await sleep(REST_LOOK_MS);
    const { cpuMs } = await usageOf(pid);
    if (cpuMs - before < REST_LOOK_MS * RESTING) return;
    if (performance.now() > end) throw new Error(`still at work after ${withinMs} ms`);
    before = cpuMs;
  }
}

/** What a process has used (Linux). */
export async function usageOf(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const octets = (name: string): number =>
    1_024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? NaN);
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_A_TICK,
    rss: octets("VmRSS"),
    anonymous: octets("RssAnon"),
  };
}

export async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
