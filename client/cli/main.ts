import { Command, CommanderError } from "commander";
import { ClientError, EXIT } from "../errors.ts";
import { addEnvironmentTwins } from "./options.ts";
import { COMMANDS } from "./table.ts";

/**
 * Runs one command line (without `node` and the script's name) and answers with the exit status of CONTRACT, "Exit
 * codes". Never throws: an error that nobody expected is told in one line and ends with 70 (RULES R31).
 */
export async function run(argv: readonly string[]): Promise<number> {
  const program = new Command("samebits")
    .description("Did everyone who built this get the same bits?")
    .exitOverride()
    .version(await version(), "-V, --version", "print the version")
    .helpCommand("help [command]", "help on one command")
    .addHelpText(
      "after",
      "\nStart here:\n  samebits demo              see a whole mesh at work on this machine\n  samebits help verify       how to check a file",
    );
  const wanted = argv.find((word) => !word.startsWith("-"));
  const asked = wanted === "help" ? argv[argv.indexOf("help") + 1] : wanted;
  // The others are listed by help, and by the complaint about a command that is not there.
  const listed = COMMANDS.filter(({ name }) => name === wanted);
  for (const entry of listed.length === 0 ? COMMANDS : listed) {
    const command = program
      .command(entry.name)
      .summary(entry.summary)
      .description(entry.summary)
      .exitOverride();
    if (entry.name === asked) {
      (await entry.load()).define(command);
      addEnvironmentTwins(command);
    }
  }
  if (argv.length === 0) {
    program.outputHelp();
    return EXIT.usage;
  }
  process.exitCode = undefined;
  try {
    await program.parseAsync(argv, { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : EXIT.ok;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof ClientError) {
    process.stderr.write(`samebits: ${error.message}\n`);
    return error.exitCode;
  }
  const code = codeOf(error);
  if (error instanceof Error && code !== null) {
    process.stderr.write(`samebits: ${error.message} (${code})\n`);
    return NODE_EXITS.get(code.slice(0, code.indexOf("/"))) ?? EXIT.badBytes;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`samebits: internal error, please report it: ${text}\n`);
  return EXIT.internal;
}

/** What stops a node, by the area of its code; all other codes of ours are about bytes that the user named. */
const NODE_EXITS: ReadonlyMap<string, number> = new Map([
  ["config", EXIT.usage],
  ["data", EXIT.cannotCreate],
  ["store", EXIT.cannotCreate],
  ["own-head", EXIT.cannotCreate],
  ["mesh", EXIT.unavailable],
  ["check", EXIT.internal],
  ["node", EXIT.internal],
  ["internal", EXIT.internal],
]);

/** By name, not by class: the published package has the node in a file of its own, with classes of its own. */
const OURS: ReadonlySet<string> = new Set(["ProtocolError", "NodeError", "Refused"]);

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !OURS.has(error.name) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

async function version(): Promise<string> {
  const { VERSION } = await import("./version.ts");
  return VERSION;
}
