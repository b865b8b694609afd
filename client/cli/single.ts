/**
 * `verify` alone, as one file for installers and early boot: what `samebits verify` does, without a peer of its own. The build gives it a table with
 * that one command; what the file has to have before any of this is read stands in `scripts/build/single.ts`.
 */
import { EXIT } from "../errors.ts";
import { run } from "./main.ts";

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
process.stdout.on("error", () => end(EXIT.cannotCreate)); // who read our output has gone
process.stderr.on("error", () => end(EXIT.cannotCreate));

function end(status: number): void {
  isSettled = true;
  process.exit(status);
}

const [, , ...argv] = process.argv;
const [first = ""] = argv;
end(await run(OWN.has(first) ? [first, ...argv.slice(1)] : ["verify", ...argv]));
