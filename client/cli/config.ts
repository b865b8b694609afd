import type { Command } from "commander";
import { counted } from "../../protocol/index.ts";
import type { CommonOptions, Config } from "../config.ts";
import { NODE_DEFAULTS, SETTING_NAMES, WATCH_DEFAULTS } from "../settings/index.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";

type Value = string | boolean | readonly string[];

/** A setting as it holds, and who says so. */
interface Setting {
  readonly setting: string;
  /** Null where nobody says anything, and it has no default. */
  readonly value: Value | null;
  readonly from: "command line or environment" | "environment" | "file" | "default";
}

export function define(command: Command): void {
  command.addHelpText(
    "after",
    "\nExamples:\n  samebits config check\n  samebits config check /etc/samebits/config.toml\n  samebits config show",
  );
  addCommonOptions(
    command
      .command("check")
      .description("Read a configuration file, and say what is wrong with it by line and column."),
  )
    .argument("[file]", "the file (default: the one that commands read)")
    .addHelpText(
      "after",
      "\nEnds with 3 if it cannot be used.\n\nExamples:\n  samebits config check\n  samebits config check config.toml --json",
    )
    .action(async (file: string | undefined, options: CommonOptions) => {
      const printer = openPrinter(options);
      const config = await openConfig(file === undefined ? options : { ...options, config: file });
      const settings = SETTING_NAMES.filter((name) => said(config, name) !== null);
      if (printer.json) printer.object({ samebits: 1, path: config.file, settings });
      else if (config.file === null)
        printer.data("there is no configuration file: the defaults hold (samebits config show)");
      else printer.data(`${config.file}: good; ${counted(settings.length, "setting")}`);
    });
  addCommonOptions(
    command.command("show").description("Every setting as it holds on this machine, and who says so."),
  )
    .addHelpText("after", "\nExamples:\n  samebits config show\n  samebits config show --json")
    .action(async (options: CommonOptions) => {
      const printer = openPrinter(options);
      const config = await openConfig(options);
      for (const setting of settingsOf(config, options)) {
        if (printer.json) printer.object({ samebits: 1, ...setting });
        else
          printer.data(
            `${setting.setting.padEnd(20)} ${(setting.value === null ? "-" : JSON.stringify(setting.value)).padEnd(28)} ${setting.from}`,
          );
      }
      if (config.file !== null) printer.note(`samebits: the file is ${config.file}`);
    });
}

/** What the file says of a setting, or null. */
function said(config: Config, name: string): Value | null {
  const [table = "", member] = name.split(".");
  const from = member === undefined ? config.said : table === "node" ? config.node : config.watch;
  const values = new Map<string, Value | undefined>(Object.entries(from));
  return values.get(inCamel(member ?? table)) ?? null;
}

function settingsOf(config: Config, options: CommonOptions): readonly Setting[] {
  const given = new Map<string, unknown>(Object.entries(options));
  const defaults = new Map<string, Value>([
    ["data", config.data],
    ["network", "main"],
    ["bootstrap", []],
    ...Object.entries(NODE_DEFAULTS).map(([name, value]) => [`node.${name}`, value] as const),
    ...Object.entries(WATCH_DEFAULTS).map(([name, value]) => [`watch.${name}`, value] as const),
  ]);
  return SETTING_NAMES.map((setting) => {
    const name = setting.split(".").at(-1) ?? setting;
    const option = given.get(setting);
    if (typeof option === "string") return { setting, value: option, from: "command line or environment" };
    const twin = process.env[`SAMEBITS_${name.toUpperCase()}`];
    if (twin !== undefined) return { setting, value: twin, from: "environment" };
    const value = said(config, setting);
    if (value !== null) return { setting, value, from: "file" };
    const [table = "", member] = setting.split(".");
    const key = member === undefined ? inCamel(table) : `${table}.${inCamel(member)}`;
    return { setting, value: defaults.get(key) ?? null, from: "default" };
  });
}

/** `max_store` is `maxStore` in programs. */
function inCamel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
