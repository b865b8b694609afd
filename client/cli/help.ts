import { Command } from "commander";
import type { Option } from "commander";
import { addCommonOptions, COMMON } from "./options.ts";

const ASIDE = "\nOptions of every command (samebits help): ";

/**
 * Arranges a command's help, and its subcommands': its own options only, since the common ones would bury them, and defaults as people
 * type them.
 */
export function arrangeHelp(command: Command): void {
  command.configureHelp({
    visibleOptions: ({ options }) =>
      options.filter((option) => !option.hidden && option.helpGroupHeading !== COMMON),
    optionDescription: describe,
  });
  const common = command.options.filter((option) => option.helpGroupHeading === COMMON);
  if (common.length > 0) command.addHelpText("after", ASIDE + common.map(({ long }) => long).join(" "));
  for (const sub of command.commands) arrangeHelp(sub);
}

function describe(option: Option): string {
  const value: unknown = option.defaultValue;
  const words = Array.isArray(value) ? value.join(" ") : value;
  return typeof words === "string" ? `${option.description} (default: ${words})` : option.description;
}

/** The common options, one a line, and that every option has a twin in the environment. */
export function commonHelp(): string {
  const lines = addCommonOptions(new Command()).options.map(
    (option) => `  ${option.flags.padEnd(16)}  ${option.description}`,
  );
  return [
    "\nOptions of every command:",
    ...lines,
    "\nEvery option has a twin in the environment: --max-store is SAMEBITS_MAX_STORE.",
  ].join("\n");
}
