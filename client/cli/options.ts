import type { Command, Option } from "commander";
import { loadConfig } from "../config.ts";
import type { Config, CommonOptions } from "../config.ts";

/** How help tells the options that every command has from a command's own. */
export const COMMON = "Options of every command:";

/** The options that every command has (CONTRACT, "Commands"). */
export function addCommonOptions(command: Command): Command {
  return command
    .optionsGroup(COMMON)
    .option("--json", "print JSON on stdout, one object a line")
    .option("--quiet", "no progress and no hints on stderr")
    .option("--verbose", "say more on stderr")
    .option(
      "--config <file>",
      "configuration (default: ~/.config/samebits/config.toml, then /etc/samebits/config.toml)",
    )
    .option("--data <dir>", "data directory (default: ~/.local/share/samebits)")
    .option(
      "--api <url>",
      "a running node (default: the socket in the data directory, then http://127.0.0.1:7717)",
    )
    .option("--network <name>", "network name (default: main)")
    .optionsGroup("Options:");
}

/**
 * Gives every option of a command and of its subcommands its twin in the environment: `--max-store` is SAMEBITS_MAX_STORE. Lists are
 * written with spaces; of an option without value, `0`, `false` and nothing are no.
 */
export function addEnvironmentTwins(command: Command): void {
  for (const option of command.options) {
    if (option.long === "--help" || option.long === "--version") continue;
    option.env(`SAMEBITS_${option.name().replaceAll("-", "_").toUpperCase()}`);
    // commander listens only for names that an option had when it was added.
    command.on(`optionEnv:${option.name()}`, (text?: string) => {
      const value = environmentValue(option, text);
      if (value !== undefined) command.setOptionValueWithSource(option.attributeName(), value, "env");
    });
  }
  for (const sub of command.commands) addEnvironmentTwins(sub);
}

function environmentValue(option: Option, text: string | undefined): string | boolean | string[] | undefined {
  const isNo = NO.has(process.env[option.envVar ?? ""] ?? "");
  // A no counts, too: it stands over what a configuration says. Of `--no-…` a yes is a no, and a no says nothing.
  if (option.isBoolean()) return !isNo;
  if (option.negate) return isNo ? undefined : false;
  if (text === undefined) return undefined;
  return option.variadic ? text.split(/\s+/).filter((word) => word !== "") : text;
}

/** Whether a command line, or the environment, asks for JSON: also of one that cannot be read otherwise. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const words = end === -1 ? argv : argv.slice(0, end);
  return words.includes("--json") || !NO.has(process.env["SAMEBITS_JSON"] ?? "");
}

const NO: ReadonlySet<string> = new Set(["", "0", "false"]);

/** Configuration as this command line, the environment and the files give it. */
export async function openConfig(options: CommonOptions): Promise<Config> {
  return loadConfig(options);
}
