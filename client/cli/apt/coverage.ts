/** One line before apt asks whether to go on: how much of what it plans is reproduced. */
import { Socket } from "node:net";
import type { Command } from "commander";
import { APT_COVERAGE_MS, summarize } from "../../../protocol/index.ts";
import { ClientError, EXIT } from "../../errors.ts";
import { listedOf, plannedBy } from "../../install/index.ts";
import type { Planned } from "../../install/index.ts";
import type { Examined } from "../../verify/index.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { printJson } from "../verify.ts";
import { addNearOptions, openNear } from "./near.ts";
import type { NearOptions } from "./near.ts";
import { offeredFile } from "./offered.ts";

export function defineCoverage(command: Command): void {
  addNearOptions(command)
    .addHelpText(
      "after",
      `
\`samebits apt install-hook\` has apt call it while it plans. It only tells, and never keeps apt from going on: it ends with 0.

Example:
  samebits apt coverage --policy /etc/samebits/policy.toml`,
    )
    .action(async (options: NearOptions) => {
      const printer = openPrinter(options);
      // What comes too late is of no use: apt waits for it.
      setTimeout(() => process.exit(EXIT.ok), APT_COVERAGE_MS).unref();
      await tellCoverage(options, printer).catch((error: unknown) => printer.detail(String(error)));
      process.exitCode = EXIT.ok;
    });
}

async function tellCoverage(options: NearOptions, printer: Printer): Promise<void> {
  const plan = await plannedBy(new Socket({ fd: socketNumber() }));
  if (plan === null || plan.length === 0) return;
  const near = await openNear(options, printer);
  const files = await filesOf(plan, near.debNamespace);
  const judgement = await near.judge(files, false);
  const { outcome } = judgement;
  if (outcome.nobodyAsked) return;
  if (printer.json) printJson(judgement, printer);
  else printer.data(summarize(outcome.judged.map(({ verdict }) => verdict)));
}

/** As the lists have them; one that no list has (a file of the user's) is judged by the hook, once it is here. */
async function filesOf(plan: readonly Planned[], namespace: string): Promise<readonly Examined[]> {
  const files: Examined[] = [];
  for await (const { name, version, architecture: arch, sha256 } of listedOf(plan))
    files.push(offeredFile(namespace, { name, version, arch }, sha256));
  return files;
}

/** apt says by the environment which descriptor is its socket. */
function socketNumber(): number {
  const text = process.env["APT_HOOK_SOCKET"] ?? "";
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new ClientError("apt/bad-input", "there is no socket of apt's: this command is for apt to call");
}
