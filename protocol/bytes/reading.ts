import { ProtocolError } from "../errors.ts";
import type { ProtocolCode } from "../errors.ts";

/**
 * Runs a reader of a lower floor and gives its complaint the code, and the place, of the format that is being read. A place that costs
 * something to put into words is a function: it is called for a complaint alone.
 */
export function reading<T>(code: ProtocolCode, where: string | (() => string), read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const place = typeof where === "string" ? where : where();
    throw new ProtocolError(code, `${place}: ${cause.message}`, { cause });
  }
}
