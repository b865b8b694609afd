import { Command, CommanderError } from "commander";
import { ClientError, EXIT } from "../errors.ts";
import { failureOf } from "./failure.ts";
import { arrangeHelp, commandNamed, commonHelp, namesAfterHelp } from "./help.ts";
import { addEnvironmentTwins, wantsJson } from "./options.ts";
import { COMMANDS } from "./table.ts";

export { writeWholly } from "./whole-stdout.ts"; // for the launchers, who call it once

/**
 * Runs one command line (without `node` and the script's name) and answers with the exit status of CONTRACT, "Exit
 * codes". Never throws: what went wrong is told on stderr with its stable code; what nobody expected ends with 70 (RULES R31).
 */
export async function run(argv: readonly string[]): Promise<number> {
  const program = new Command("samebits")
    .description("Did everyone who built this get the same bits?")
    .exitOverride()
    .enablePositionalOptions() // options behind a command's name are that command's, and a part's behind the part's
    .configureOutput({ outputError: () => undefined }) // told by us, with its code
    .version(await version(), "-V, --version", "print the version")
    .helpCommand("help [command...]", "help on one command")
    .addHelpText("after", commonHelp)
    .addHelpText(
      "after",
      "\nStart here:\n  samebits demo              see a whole mesh at work on this machine\n  samebits help verify       how to check a file",
    );
  const wanted = argv.find((word) => !word.startsWith("-"));
  const names = namesAfterHelp(argv);
  const asked = names?.[0] ?? wanted;
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
    program.outputHelp({ error: true });
    return EXIT.usage;
  }
  process.exitCode = undefined;
  try {
    if (names === null) await program.parseAsync(argv, { from: "user" });
    else commandNamed(program, names).outputHelp();
    return typeof process.exitCode === "number" ? process.exitCode : EXIT.ok;
  } catch (error) {
    return explain(error, wanted, wantsJson(argv));
  }
}

/** Tells what went wrong; answers with the exit status. */
async function explain(error: unknown, wanted: string | undefined, json: boolean): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok; // help, or the version
  const failure = failureOf(error instanceof CommanderError ? usageError(error, wanted) : error);
  const { failureLine } = await import("./failure-line.ts"); // what goes well needs none of it
  process.stderr.write(`${failureLine(failure, json)}\n`);
  return failure.exit;
}

function usageError(error: CommanderError, wanted: string | undefined): ClientError {
  if (error.code === "commander.help") {
    return new ClientError(
      "usage/nothing-to-do",
      `${wanted} does nothing by itself: name one of its commands`,
    );
  }
  const why = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  const known = COMMANDS.some(({ name }) => name === wanted);
  return new ClientError("usage/bad-option", `${why}; see samebits help${known ? ` ${wanted}` : ""}`);
}

async function version(): Promise<string> {
  const { VERSION } = await import("../version.ts");
  return VERSION;
}
