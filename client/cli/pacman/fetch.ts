/** What pacman downloads by: a package that is refused is withheld, so that it never comes into a cache. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { Option } from "commander";
import type { Command } from "commander";
import { ClientError, EXIT } from "../../errors.ts";
import { removeFile } from "../../folder.ts";
import { assertHeld, holdAll, PACMAN } from "../../install/index.ts";
import { addNearOptions, assertSafe, openNear, tell } from "../apt/index.ts";
import type { NearOptions } from "../apt/index.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";

interface Options extends NearOptions {
  readonly by: "curl" | "wget";
}

/** What is no package: databases, which have no verdicts, and signatures. Everything else is judged. */
const NO_PACKAGE = /\.(db|files|sig)(\.part)?$/;

/** The words of pacman.conf(5)'s own examples. */
const WORDS = {
  curl: (url: string, file: string) => ["-L", "-C", "-", "-f", "-o", file, "--", url],
  wget: (url: string, file: string) => ["--passive-ftp", "-c", "-O", file, "--", url],
};

export function defineFetch(command: Command): void {
  addNearOptions(command, PACMAN)
    .argument("<url>", "%u of pacman")
    .argument("<file>", "%o of pacman")
    .addOption(new Option("--by <program>", "what downloads").choices(["curl", "wget"]).default("curl"))
    .addHelpText(
      "after",
      `
For XferCommand in pacman.conf; \`samebits pacman install-hook\` prints the whole line. With --mode enforce a package that is refused is
removed again, and pacman is told that the download failed. Databases and signatures are only brought. Exit codes: 0 the file is there;
else as \`samebits verify --decide\`.

Example:
  samebits pacman fetch --mode enforce -- https://mirror.example.org/a-1-1-any.pkg.tar.zst a-1-1-any.pkg.tar.zst`,
    )
    .action(async (url: string, file: string, options: Options) => {
      process.exitCode = await fetchFor(url, resolve(file), options, openPrinter(options));
    });
}

async function fetchFor(url: string, path: string, options: Options, printer: Printer): Promise<number> {
  await download(options.by, url, path);
  if (NO_PACKAGE.test(path)) return EXIT.ok;
  let exit: number | null = null;
  try {
    exit = await judge(path, options, printer);
  } catch (error) {
    if (options.mode === "enforce" || !(error instanceof ClientError)) throw error;
    printer.failure(error);
    printer.note(`samebits: ${path} could not be checked, and the mode is warn: pacman gets it`);
    exit = EXIT.ok;
  } finally {
    if (exit !== EXIT.ok) removeFile(path);
  }
  return exit;
}

async function judge(path: string, options: Options, printer: Printer): Promise<number> {
  assertSafe(PACMAN, [], options, printer);
  const near = await openNear(options, printer, PACMAN);
  const files = await holdAll([path], { debNamespace: null, manager: PACMAN }, () => undefined);
  const judgement = await near.judge(files, true);
  for (const file of files) assertHeld(file);
  const refusal = "withheld: the file is removed again, and pacman does not get it";
  return tell(judgement, { manager: PACMAN, allowed: near.allowed, options, refusal }, printer);
}

/** What it says goes where ours goes. Rejects with `pacman/no-download`. */
async function download(program: Options["by"], url: string, path: string): Promise<void> {
  const child = spawn(program, WORDS[program](url, path), { stdio: ["ignore", "inherit", "inherit"] });
  const why = await new Promise<string | null>((done) => {
    child.on("error", (error) => done(`${program} can't be started (${error.message}): install it`));
    child.on("close", (code) => done(code === 0 ? null : `${program} ended with ${code}`));
  });
  if (why !== null) throw new ClientError("pacman/no-download", `${url}: not downloaded: ${why}`);
}
