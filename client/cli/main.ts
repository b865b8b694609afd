import { Command } from "commander";
import { EXIT } from "../errors.ts";
import { failureLine, failureOf } from "./failure.ts";
import { arrangeHelp, commonHelp } from "./help.ts";
import { addEnvironmentTwins, wantsJson } from "./options.ts";
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
    .addHelpText("after", commonHelp)
    .addHelpText(
      "after",
      "\nStart here:\n  samebits demo              see a whole mesh at work on this machine\n  samebits help verify       how to check a file",
    );
  const json = wantsJson(argv);
  if (json) program.configureOutput({ outputError: () => undefined });
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
      arrangeHelp(command);
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
    return explain(error, json);
  }
}

/** Says on stderr why a command failed, as JSON where that was asked for; the exit status. */
function explain(error: unknown, json: boolean): number {
  const failure = failureOf(error);
  if (failure === null) return EXIT.ok;
  const line = json ? failureLine(failure) : failure.words;
  if (line !== null) process.stderr.write(`${line}\n`);
  return failure.exit;
}

async function version(): Promise<string> {
  const { VERSION } = await import("./version.ts");
  return VERSION;
}
