/** A file of configuration that samebits has written: it says all that it was made from, so it can be read back, and told from anybody else's. */
import { MAX_CONFIG_BYTES } from "../../protocol/index.ts";
import { textIfThere } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";

/** What means only itself to apt's configuration, to pacman's, and to a shell. */
export const PLAIN: RegExp = /^[A-Za-z0-9][A-Za-z0-9._+:@%,/=-]*$|^\/[A-Za-z0-9._+:@%,/=-]*$|^--[a-z-]+$/;

/** The hook if the text is exactly what `write` makes of it, else null. */
export function ifWritten<Hook>(hook: Hook, text: string, write: (hook: Hook) => string): Hook | null {
  try {
    return write(hook) === text ? hook : null;
  } catch {
    return null;
  }
}

/** The hook that is there; null where there is none. Throws `input/…`, and `output/exists` for a file of somebody else. */
export function hookIn<Hook>(path: string, read: (text: string) => Hook | null): Hook | null {
  const text = textIfThere(path, MAX_CONFIG_BYTES);
  if (text === null) return null;
  const hook = read(text);
  if (hook !== null) return hook;
  throw new ClientError(
    "output/exists",
    `${path} is not as samebits wrote it: look at it, and remove it by hand`,
  );
}
