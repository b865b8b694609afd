/** What goes with an option that names a file to be written. */
import { ClientError } from "../errors.ts";
import { isSame, isStdout } from "../output-file.ts";
import type { JudgingOptions } from "./judging.ts";
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

/** What a command that judges reads of what its options name. */
export function readBy({
  bundle = [],
  layoutKey = [],
  unsigned,
  layout,
  policy,
  config,
}: JudgingOptions): readonly (string | undefined)[] {
  return [...bundle, ...layoutKey, unsigned, layout, policy, config];
}

/** Throws `usage/bad-option` where the output would stand in the place of what is read. */
export function assertNoInput(
  option: string,
  output: string | undefined,
  inputs: readonly (string | undefined)[],
): void {
  if (output === undefined) return;
  const input = inputs.find((one) => one !== undefined && isSame(one, output));
  if (input === undefined) return;
  const what = input === output ? "that is read" : `that is ${input}, which is read`;
  throw new ClientError("usage/bad-option", `${option} ${output}: ${what}: name another file`);
}
