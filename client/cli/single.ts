/**
 * `verify` alone, as one file for installers and early boot: what `samebits verify` does, without a peer of its own. The build gives it a table with
 * that one command; what the file has to have before any of this is read stands in `scripts/build/single.ts`.
 */
import { ClientError, EXIT } from "../errors.ts";
import { systemCode } from "../folder.ts";
import { failureLine } from "./failure-line.ts";
import { failureOf } from "./failure.ts";
import { run, writeWholly } from "./main.ts";
import { wantsJson } from "./options.ts";

/** What is no file and no option of `verify`. */
const OWN: ReadonlySet<string> = new Set(["verify", "help", "--help", "-h", "--version", "-V"]);

/** RULES R31: Node itself would end with 1, which is a verdict. No launcher stands around this file, so it can't tell that memory ran out. */
process.on("uncaughtException", (error) => {
  process.stderr.write(`samebits-verify: internal error: ${String(error)} [internal/impossible]\n`, () =>
    process.exit(EXIT.internal),
  );
});
let isSettled = false;
process.on("exit", () => {
  if (!isSettled) process.exitCode = EXIT.internal;
});
process.stdout.on("error", (error: Error) => {
  if (systemCode(error) === "EPIPE") return end(EXIT.cannotCreate); // who read our output has gone
  const failure = failureOf(
    new ClientError("output/cannot-write", `stdout: cannot be written: ${error.message}`),
  );
  process.stderr.write(`${failureLine(failure, wantsJson(argv))}\n`, () => end(failure.exit));
});
process.stderr.on("error", () => end(EXIT.cannotCreate));

/** What was printed may not be there yet: a pipe takes it as its reader does, and an error comes by itself. */
function endOnceWritten(status: number): void {
  const streams = [process.stdout, process.stderr];
  if (streams.some(({ errored }) => errored !== null)) return;
  const full = streams.find(({ writableLength }) => writableLength > 0);
  if (full === undefined) end(status);
  else full.write("", (error) => (error instanceof Error ? undefined : endOnceWritten(status)));
}

function end(status: number): void {
  isSettled = true;
  process.exit(status);
}

const [, , ...argv] = process.argv;
const [first = ""] = argv;
writeWholly(process.stdout);
endOnceWritten(await run(OWN.has(first) ? [first, ...argv.slice(1)] : ["verify", ...argv]));
