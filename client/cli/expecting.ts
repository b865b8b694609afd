/** `watch` for what a policy expects and the mesh does not show. */
import type { Policy } from "../../protocol/index.ts";
import type { Config } from "../config.ts";
import { ClientError } from "../errors.ts";
import type { NodeApi } from "../source/index.ts";
import { wait } from "../wait.ts";
import { expectedObject, watchExpected } from "../watch/index.ts";
import type { ExpectedReport } from "../watch/index.ts";
import { parseDuration } from "./duration.ts";
import type { Printer } from "./print.ts";
import type { Watched } from "./watched.ts";

export interface ExpectingOptions {
  readonly policy?: string;
  readonly unreproduced?: string;
  readonly unexpectedRelease: string;
}

export const DEFAULT_RELEASE = "1h";
/** ms after which it is tried again: soon enough for alerts, and no load where it fails for days. */
const AGAIN_MS = 30_000;

/** What it is told with. */
interface Telling {
  readonly config: Config;
  readonly watched: Watched;
  readonly printer: Printer;
  /** Only what concerns these packages, as they are at a time; null = everything. */
  readonly installed: ((time: number) => Promise<ReadonlySet<string>>) | null;
  /** Tells sinks of it, too. */
  readonly offer: (report: ExpectedReport, object: object) => Promise<void>;
  readonly signal: AbortSignal;
}

/** How long is waited, by the options. Throws `usage/bad-option`. */
export function readPatience({ unreproduced, unexpectedRelease }: ExpectingOptions): {
  readonly rebuiltMs: number | null;
  readonly statedMs: number;
} {
  return {
    rebuiltMs: unreproduced === undefined ? null : parseDuration("--unreproduced", unreproduced),
    statedMs: parseDuration("--unexpected-release", unexpectedRelease),
  };
}

/**
 * Until the signal. What fails is told of and ends nothing else, and it begins again after `againMs`: the disk was full, or another watch had the book.
 * The same is told once.
 */
export async function expectBy(
  api: NodeApi,
  options: ExpectingOptions,
  telling: Telling,
  againMs: number = AGAIN_MS,
): Promise<void> {
  const { watched, signal } = telling;
  let last = "";
  while (!signal.aborted) {
    try {
      await expectOnce(api, options, telling);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (words !== last) watched.failed(error);
      last = words;
    }
    await wait(againMs, signal);
  }
}

async function expectOnce(api: NodeApi, options: ExpectingOptions, telling: Telling): Promise<void> {
  const { config, watched, printer, installed, signal } = telling;
  const tell = async (report: ExpectedReport): Promise<void> => {
    const { purl } = report.target;
    if (installed !== null && !(await installed(report.time)).has(purl)) return;
    const object = expectedObject(report, policyFor(watched, purl), Date.now());
    printer.object(object);
    await telling.offer(report, object);
  };
  await watchExpected(
    {
      api,
      network: config.network,
      dataDir: config.data,
      name: `${config.network} ${options.policy ?? ""}`,
      policies: () => watched.now,
      patience: readPatience(options),
      signal,
      failed: (error) => watched.failed(error),
    },
    tell,
  );
}

function policyFor({ now }: Watched, purl: string): Policy | null {
  try {
    return now?.of(purl).policy ?? null;
  } catch (error) {
    if (error instanceof ClientError) return null;
    throw error;
  }
}
