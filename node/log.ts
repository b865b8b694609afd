import type { Logger } from "pino";
import type { LogLevel } from "./config.ts";

/** What a machine reads of a line: `event` is stable and names what happened (docs/operator.md has all), the rest is what to know of it. */
export type LogFields = Readonly<Record<string, unknown>> & { readonly event: string };

/** What a node says of itself, to stderr. `message` is for people, and may change. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** From now on so much. */
  level(level: LogLevel): void;
}

/** Whatever has such a name is not written: a line that hands on too much betrays nothing. */
const SECRET = ["token", "authorization", "passphrase", "secret", "publishKey", "witnessKey", "pem"];

/**
 * JSON lines on stderr by pino, each with `time` (RFC 3339), `level` (a word), `event` and `msg`. pino is loaded only by who wants to hear something:
 * a light peer starts without it.
 */
export async function openLog(level: LogLevel): Promise<Log> {
  let logger = level === "silent" ? null : await loadPino(level);
  return {
    debug: (fields, message) => logger?.debug(fields, message),
    info: (fields, message) => logger?.info(fields, message),
    warn: (fields, message) => logger?.warn(fields, message),
    error: (fields, message) => logger?.error(fields, message),
    level(next): void {
      if (logger !== null) logger.level = next;
      else if (next !== "silent") void loadPino(next).then((loaded) => (logger = loaded));
    },
  };
}

async function loadPino(level: LogLevel): Promise<Logger> {
  const { default: pino } = await import("pino");
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`]), censor: "(not shown)" },
  };
  return pino(options, pino.destination({ dest: 2, sync: true }));
}

const nothing = (): void => {};

/** Says nothing. */
export const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, level: nothing };
