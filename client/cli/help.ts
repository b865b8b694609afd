import { Command } from "commander";
import type { Option } from "commander";
import { ClientError } from "../errors.ts";
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

/** The names behind `help`, which itself is none; null for a command line that asks for no help on anything. */
export function namesAfterHelp(argv: readonly string[]): readonly string[] | null {
  const [first, ...names] = argv.filter((word) => !word.startsWith("-"));
  return first === "help" && names.length > 0 ? names.filter((name) => name !== "help") : null;
}

/** The command, or part of one, that help is wanted on: commander's own help looks at the first name alone. Throws `usage/bad-option`. */
export function commandNamed(program: Command, names: readonly string[]): Command {
  let command = program;
  for (const [at, name] of names.entries()) {
    const part = command.commands.find((one) => one.name() === name);
    if (part === undefined) {
      const known = names.slice(0, at).map((each) => ` ${each}`);
      throw new ClientError(
        "usage/bad-option",
        `unknown command '${names.join(" ")}'; see samebits help${known.join("")}`,
      );
    }
    command = part;
  }
  return command;
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
