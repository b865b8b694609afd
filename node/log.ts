import type { LogLevel } from "./config.ts";

/** What a node says of itself, to stderr. `fields` carry what a machine may want. */
export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** JSON lines on stderr by pino, which is loaded only by who wants to hear something: a light peer starts without it. */
export async function openLog(level: LogLevel): Promise<Log> {
  if (level === "silent") return silent;
  const { default: pino } = await import("pino");
  const logger = pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}

const nothing = (): void => {};

/** Says nothing. */
export const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
