import { ClientError } from "../errors.ts";
import { isStdout } from "../output-file.ts";
import { openPrinter } from "./print.ts";
import type { Printer, PrintOptions } from "./print.ts";

/**
 * The printer of a command that writes a file: where the file goes to stdout nothing else does, and what would be data is a
 * remark. Throws `usage/bad-option` for `--json` then.
 */
export function printerBeside(option: string, path: string | undefined, options: PrintOptions): Printer {
  const printer = openPrinter(options);
  if (path === undefined || !isStdout(path)) return printer;
  if (!printer.json) return { ...printer, color: false, data: (line) => printer.note(line) };
  throw new ClientError(
    "usage/bad-option",
    `${option} ${path} prints the file itself: leave --json, or name a file`,
  );
}
