/** A load of HTTP requests by Debian's wrk, from a process of its own and at a rate. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Load {
  /** `http://host:port`. */
  readonly url: string;
  /** Asked for in turn. */
  readonly paths: readonly string[];
  readonly seconds: number;
  /** Requests a second: at most so many, and so many where each is answered at once. */
  readonly rate: number;
}

/** What came of it. */
export interface Loaded {
  readonly requests: number;
  /** Requests a second, answered. */
  readonly rate: number;
  /** Answers that are no success, and connections that failed or were not answered in time. */
  readonly failed: number;
}

/** ms between two requests of one connection: wrk has no rate of its own. */
const PAUSE_MS = 20;

/** Puts the load on; resolves when it is over. Rejects where wrk does not run: see `lacks("wrk")`. */
export async function putLoad({ url, paths, seconds, rate }: Load): Promise<Loaded> {
  const folder = await mkdtemp(join(tmpdir(), "samebits-load-"));
  try {
    const script = join(folder, "load.lua");
    await writeFile(script, scriptOf(paths));
    const connections = Math.max(1, Math.ceil((rate * PAUSE_MS) / 1_000));
    // A node beside much else is slow, and no less well.
    const args = [
      "--threads=1",
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      "--timeout=30s",
      `--script=${script}`,
      url,
    ];
    const child = spawn("wrk", args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => (said += part.toString()));
    const [code] = (await once(child, "close")) as [number];
    const line = said.split("\n").find((text) => text.startsWith("{"));
    if (code !== 0 || line === undefined) throw new Error(`wrk ended with ${code}: ${said}`);
    const { requests, microseconds, failed } = JSON.parse(line) as Record<string, number>;
    return {
      requests: requests ?? 0,
      rate: (1e6 * (requests ?? 0)) / (microseconds ?? NaN),
      failed: failed ?? 0,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In Lua strings, as in JSON: these paths have nothing that both write differently. */
function scriptOf(paths: readonly string[]): string {
  return `local paths = {${paths.map((path) => JSON.stringify(path)).join(", ")}}
local at = 0
function delay() return ${PAUSE_MS} end
function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
function done(summary)
  local e = summary.errors
  print(string.format('{"requests":%d,"microseconds":%d,"failed":%d}',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
`;
}
