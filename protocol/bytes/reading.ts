import { ProtocolError } from "../errors.ts";
import type { ProtocolCode } from "../errors.ts";

/** Runs a reader of a lower floor and gives its complaint the code, and the place, of the format that is being read. */
export function reading<T>(code: ProtocolCode, where: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ProtocolError(code, `${where}: ${cause.message}`, { cause });
  }
}
