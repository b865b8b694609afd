import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach } from "node:test";
import { isJsonObject, readJson, record, toBase64 } from "../../protocol/index.ts";
import type { JsonValue } from "../../protocol/index.ts";
import { PEER } from "../built.ts";
import { assertAnswered } from "../json-schemas.ts";
import { newFolder } from "../node/folder.ts";
import { askSocket } from "./socket.ts";

/** What a test says of a peer; everything else is the same for all. */
export interface PeerOptions {
  readonly dataDir?: string;
  readonly listen?: readonly string[];
  readonly bootstrap?: readonly string[];
  readonly publishKey?: string;
  readonly witnessKey?: string;
  readonly first?: boolean;
  readonly anchors?: readonly string[];
  readonly mirrors?: readonly string[];
  readonly followAll?: boolean;
  readonly followOrigins?: readonly string[];
  readonly followBuilders?: readonly string[];
  readonly debug?: boolean;
  /** Serves all tests of its file; others end with the test that started them, so that they don't go on beside the next ones. */
  readonly shared?: boolean;
  /** Runs it under another program: its name and options. */
  readonly under?: readonly string[];
}

/** A peer in a process of its own, reached by its unix socket. */
export interface PeerProcess {
  readonly peer: string;
  readonly listen: readonly string[];
  readonly origin: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** What it wrote to its log of late. */
  log(): string;
  get(path: string): Promise<Answer>;
  post(path: string, body: JsonValue): Promise<Answer>;
  /** Publishes one envelope after the other in one request. */
  publish(...envelopes: readonly Uint8Array[]): Promise<Answer>;
  /** Ends the process by that signal; resolves with its exit code, null for a killed one. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

export interface Answer {
  readonly status: number;
  readonly body: JsonValue;
}

const LOOPBACK = ["/ip4/127.0.0.1/tcp/0"];
const running = new Set<ChildProcess>();
const shared = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) if (!shared.has(child)) child.kill("SIGKILL");
});
after(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a peer on loopback; resolves when it says that it is ready, rejects with what it said if it ends before. */
export async function startPeer(options: PeerOptions): Promise<PeerProcess> {
  const dataDir = options.dataDir ?? (await newFolder());
  const { under = [], shared: stays = false, ...rest } = options;
  const config = { listen: LOOPBACK, ...rest, dataDir };
  const command = [process.execPath, PEER, JSON.stringify(config)];
  const [program = "", ...words] = [...under, ...command];
  // Its input ends when this process does, however that comes about: then it goes too.
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  if (stays) shared.add(child);
  const exited = once(child, "exit").then(([code]: unknown[]) => {
    running.delete(child);
    return typeof code === "number" ? code : null;
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-8_000);
    if (options.debug === true) process.stderr.write(chunk);
  });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    exited.then((code): never => {
      throw new Error(`the peer ended with ${code} before it was ready: ${said}`);
    }),
  ]);
  const ready = record(readJson(String(line), { maxBytes: 65_536 }), "ready");
  const socketPath = join(dataDir, "api.sock");
  const token = (await readFile(join(dataDir, "token"), "utf8")).trim();
  const post = (path: string, body: JsonValue): Promise<Answer> => ask(socketPath, "POST", path, token, body);
  return {
    peer: ready.string("peer"),
    listen: ready.list("listen", 64).map((item) => item.string()),
    origin: ready.string("origin"),
    dataDir,
    child,
    log: () => said,
    get: (path) => ask(socketPath, "GET", path, token, null),
    post,
    publish: (...envelopes) => post("/v1/attestations", new Map([["envelopes", envelopes.map(toBase64)]])),
    end: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

async function ask(
  socketPath: string,
  method: string,
  path: string,
  token: string,
  body: JsonValue,
): Promise<Answer> {
  const sent = method === "GET" ? null : JSON.stringify(plain(body));
  const answer = await askSocket(socketPath, method, path, token, sent);
  assertAnswered(method, path, answer);
  return { status: answer.status, body: readJson(answer.text, { maxBytes: 64 * 1024 * 1024 }) };
}

/** Maps as objects: what JSON.stringify writes. */
function plain(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (isJsonObject(value)) return Object.fromEntries([...value].map(([name, item]) => [name, plain(item)]));
  return value;
}
