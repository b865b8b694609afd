import type { Printer } from "./print.ts";

const PATIENCE_MS = 1_000;

/** The signature, and a word on the terminal where it takes more than a second: a card may want to be touched. */
export async function withPatience<T>(printer: Printer, result: Promise<T>): Promise<T> {
  const timer = setTimeout(
    () =>
      printer.note(
        "samebits: waiting for the key's holder: it may want a confirmation, a passphrase or a touch",
      ),
    PATIENCE_MS,
  );
  try {
    return await result;
  } finally {
    clearTimeout(timer);
  }
}
