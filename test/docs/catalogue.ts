/** All commands as commander knows them: `attest`, `feed init`, … with their options and help. */
import { Command } from "commander";
import { COMMANDS } from "../../client/cli/table.ts";

export interface Known {
  /** `feed init` */
  readonly name: string;
  /** `--json`, `-o`, … */
  readonly options: ReadonlySet<string>;
  /** What `--help` prints. */
  readonly help: string;
  /** It only groups others. */
  readonly isGroup: boolean;
}

export const CATALOGUE: ReadonlyMap<string, Known> = await readCatalogue();

async function readCatalogue(): Promise<ReadonlyMap<string, Known>> {
  const known = new Map<string, Known>();
  for (const entry of COMMANDS) {
    const command = new Command(entry.name).summary(entry.summary).description(entry.summary);
    (await entry.load()).define(command);
    add(known, command, entry.name);
  }
  return known;
}

function add(known: Map<string, Known>, command: Command, name: string): void {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  const options = command.options.flatMap(({ long, short }) =>
    [long, short].filter((text) => text !== undefined),
  );
  const isGroup = command.commands.length > 0;
  known.set(name, { name, options: new Set(["--help", "-h", ...options]), help, isGroup });
  for (const sub of command.commands) add(known, sub, `${name} ${sub.name()}`);
}

/**
 * What is wrong with a command line's command and options, or null. Values aren't looked at; what follows a pipe or `&&` is another
 * command's.
 */
export function faultIn(line: string): string | null {
  const [, ...words] = (line.split(/ (?:\||&&|;|>|&) ?/)[0] ?? "").split(/\s+/);
  const [first = "", second = ""] = words;
  if (first === "" || first === "help" || first.startsWith("-")) return null;
  const command = CATALOGUE.get(`${first} ${second}`) ?? CATALOGUE.get(first);
  if (command === undefined) return `there is no samebits ${first}`;
  if (command.isGroup && /^[a-z]/.test(second)) return `there is no samebits ${first} ${second}`;
  // What stands behind -- is the command that is run.
  const end = words.indexOf("--");
  const unknown = (end === -1 ? words : words.slice(0, end))
    .map((word) => word.replace(/[=`'"].*$/, ""))
    .find((word) => /^--?[a-z]/.test(word) && !command.options.has(word));
  return unknown === undefined ? null : `samebits ${command.name} has no ${unknown}`;
}
