/** What apt starts for sources that name `samebits+http` or `samebits+https`: it fetches as apt's own method does, and withholds what is refused. */
import { basename } from "node:path";
import { Argument } from "commander";
import type { Command } from "commander";
import { APT_HOOK_MS, APT_IMPATIENT_MS } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { APT, listingsOf, runMethod, SCHEMES } from "../../install/index.ts";
import type { Fetched, Listings, Ruling, Scheme } from "../../install/index.ts";
import type { Examined } from "../../verify/index.ts";
import { failureLine } from "../failure-line.ts";
import { failureOf } from "../failure.ts";
import type { Judgement } from "../judging.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { needsLook } from "../verify.ts";
import { addNearOptions, openNear } from "./near.ts";
import type { NearOptions } from "./near.ts";
import { offeredFile } from "./offered.ts";
import { inOneLine } from "./screen.ts";
import { assertSafe, goesOnWith } from "./transaction.ts";

interface Options extends NearOptions {
  readonly stock: string;
}

export function defineMethod(command: Command): void {
  addNearOptions(command)
    .addArgument(new Argument("<scheme>", "what it fetches by").choices(SCHEMES))
    .requiredOption("--stock <path>", "the method of apt's own that fetches")
    .addHelpText(
      "after",
      `
Speaks apt's protocol for methods on stdin and stdout; \`samebits apt install-hook --method\` has apt start it for sources whose URIs
begin with samebits+http:// or samebits+https://.

Example:
  samebits apt method https --stock /usr/lib/apt/methods/https --mode enforce`,
    )
    .action(async (scheme: Scheme, options: Options) => {
      const { stdin: input, stdout: output } = process;
      if (input.isTTY)
        throw new ClientError("apt/bad-input", "stdin is a terminal: this command is for apt to call");
      const rulings = new Rulings(options);
      const judge = (files: readonly Fetched[]): Promise<readonly Ruling[]> => rulings.on(files);
      await runMethod({ scheme, stock: options.stock, input, output, judge });
    });
}

/** What becomes of files that come one by one. */
class Rulings {
  readonly #options: Options;
  #listings: Promise<Listings> | undefined;
  #waitMs = APT_HOOK_MS / 2;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Never rejects: what can't be judged is withheld, or, as the mode says, passed with a warning. */
  async on(files: readonly Fetched[]): Promise<readonly Ruling[]> {
    const { mode } = this.#options;
    try {
      const notes: string[] = [];
      const { outcome } = await inTime(this.#judge(files, notes));
      // Who had no answer is not waited for with each of hundreds of files.
      this.#waitMs = outcome.nobodyAsked ? APT_IMPATIENT_MS : APT_HOOK_MS / 2;
      const failed = outcome.failures.map(told);
      const circumstances = outcome.nobodyAsked ? ["nobody could be asked", ...notes, ...failed] : notes;
      return outcome.judged.map((one) => {
        const words = [inOneLine(one, outcome, { manager: APT, mode }), ...circumstances].join(" · ");
        if (one.verdict.decision === "refuse" && mode === "enforce") return { kind: "withhold", why: words };
        return { kind: "pass", warning: needsLook(one) ? words : null };
      });
    } catch (error) {
      const why = told(error);
      const ruling: Ruling = goesOnWith(APT, error, mode)
        ? {
            kind: "pass",
            warning: `${why} · nothing could be checked, and the mode is warn: it is passed on`,
          }
        : { kind: "withhold", why };
      return files.map(() => ruling);
    }
  }

  async #judge(files: readonly Fetched[], notes: string[]): Promise<Judgement> {
    const printer = notingPrinter(notes);
    assertSafe(APT, [], this.#options, printer);
    // The lists are read once, and only if a rule asks for them.
    const listings = (): Promise<Listings> => (this.#listings ??= listingsOf(null));
    const near = await openNear(this.#options, printer, APT, listings);
    const all = files.map((file) => examined(file, near.debNamespace));
    return near.judge(all, true, this.#waitMs);
  }
}

/** As apt's lists have it, by which apt names the file; its octets are those of the SHA-256 that the stock method got. */
function examined({ package: said, path, got }: Fetched, namespace: string): Examined {
  return offeredFile(namespace, said ?? { name: basename(path), version: "", arch: "" }, got);
}

/** Stdout is apt's: what is to be said is kept for the message on a file. */
function notingPrinter(notes: string[]): Printer {
  const note = (line: string): void => void notes.push(line.replace(/^samebits: /, ""));
  return { ...openPrinter({ quiet: true }), note, failure: (error) => note(told(error)) };
}

function told(error: unknown): string {
  return failureLine(failureOf(error), false).replace(/^samebits: /, "");
}

/** RULES R32: apt waits for a method without a limit. */
async function inTime<Value>(value: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const words = `there is no verdict after ${APT_HOOK_MS / 1_000} s: see samebits status, and run apt again`;
    timer = setTimeout(() => reject(new ClientError("api/unreachable", words)), APT_HOOK_MS);
  });
  value.catch(() => undefined); // what comes of it later is too late
  return Promise.race([value, late]).finally(() => clearTimeout(timer));
}
