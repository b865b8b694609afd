import { existsSync } from "node:fs";
import type { Command } from "commander";
import { compareCodePoints } from "../../protocol/index.ts";
import type { Audited, PackageManager } from "../audit/index.ts";
import { auditDpkg, auditPacman } from "../audit/index.ts";
import { ClientError } from "../errors.ts";
import { listingsOf } from "../install/index.ts";
import { cover, noteCoverage } from "./cover.ts";
import { Coverage } from "./coverage.ts";
import { withListings } from "./listed.ts";
import { addAskingOptions, Judging } from "./judging.ts";
import type { JudgingOptions } from "./judging.ts";
import { addCommonOptions } from "./options.ts";
import { openPrinter } from "./print.ts";

interface Options extends JudgingOptions {
  readonly installed?: string;
  readonly suggest?: boolean;
  readonly decide?: boolean;
}

const DPKG_STATUS = "/var/lib/dpkg/status";
const PACMAN_LOCAL = "/var/lib/pacman/local";

export function define(command: Command): void {
  const installed = addCommonOptions(command).option(
    "--installed <manager>",
    "whose packages: dpkg or pacman (default: the one that is here)",
  );
  addAskingOptions(installed)
    .option("--suggest", "print what to rebuild next instead: one package URL a line, the most wanted first")
    .option("--decide", "exit with the policy's decision: 0 = allow or warn")
    .addHelpText(
      "after",
      `
An installed package's SHA-256 is taken from apt's signed lists (pacman: from the databases of its repositories);
what no list has is counted and never called reproduced.

Exit codes: of the worst package: 0 reproduced, 1 contradicted, 2 pending, 3 no rule, or in no list,
66 the lists can't be had, 69 nobody could be asked.

Examples:
  samebits audit
  samebits audit --installed dpkg --policy policy.toml --json | tail -n 1
  samebits audit --suggest > worklist.txt
  samebits audit --offline --mirror file:/media/stick/tu-example`,
    )
    .action(async (options: Options) => {
      const manager = managerOf(options.installed);
      const printer = openPrinter(options);
      const isList = options.suggest === true && !printer.json;
      const judging = await Judging.open(options, printer);
      const ended = printer.progress(() => `reading what is installed, and the lists of ${manager} …`);
      const audited = await read(manager, judging.config.debNamespace).finally(ended);
      const coverage = new Coverage(
        judging.policies,
        { of: [manager], decide: options.decide === true, all: options.verbose === true },
        printer,
      );
      try {
        for (const one of audited.unchecked) coverage.leaveOut(one, manager);
        const files =
          manager === "pacman"
            ? audited.files
            : await withListings(audited.files, judging.policies, listingsOf, printer);
        await cover(files, judging, coverage, printer);
      } finally {
        await judging.close();
      }
      const suggested = options.suggest === true ? suggest(coverage, audited) : [];
      if (isList) {
        for (const purl of suggested) printer.data(purl);
        printer.note(coverage.summary);
      } else coverage.print(options.suggest === true ? { suggest: suggested } : {});
      noteCoverage(judging, coverage, printer);
      process.exitCode = coverage.exit;
    });
}

function read(manager: PackageManager, debNamespace: string | null): Promise<Audited> {
  return manager === "dpkg" ? auditDpkg(debNamespace) : auditPacman();
}

function managerOf(named: string | undefined): PackageManager {
  if (named === undefined) return !existsSync(DPKG_STATUS) && existsSync(PACMAN_LOCAL) ? "pacman" : "dpkg";
  if (named === "dpkg" || named === "pacman") return named;
  throw new ClientError("usage/bad-option", `--installed ${named}: dpkg or pacman`);
}

/** What nobody has rebuilt first, then what too few have; of these what a system needs most. */
function suggest(coverage: Coverage, { ranks }: Audited): readonly string[] {
  const wanted = coverage.pending.flatMap(({ artifact: { target }, agreeing }) =>
    target === null ? [] : [{ purl: target.purl, agreeing, rank: ranks.get(target.keyHex) ?? 0 }],
  );
  return wanted
    .toSorted((a, b) => a.agreeing - b.agreeing || a.rank - b.rank || compareCodePoints(a.purl, b.purl))
    .map(({ purl }) => purl);
}
