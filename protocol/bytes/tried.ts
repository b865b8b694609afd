import { ProtocolError } from "../errors.ts";

/** What a reader reads, or null where it complains: for octets that count for nothing where they can't be read. */
export function tried<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
