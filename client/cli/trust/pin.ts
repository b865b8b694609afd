import type { Command } from "commander";
import type { CommonOptions } from "../../config.ts";
import type { TrustSource } from "../../edges.ts";
import { ClientError, EXIT } from "../../errors.ts";
import {
  addDomain,
  openKnownSource,
  openDomain,
  openTrustSource,
  updateDomain,
  pinnedDomain,
  TrustStore,
} from "../../trust/index.ts";
import type { Updated } from "../../trust/index.ts";
import { addCommonOptions, openConfig } from "../options.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { printDomain, problemOf } from "./domain-shown.ts";

interface FromOptions extends CommonOptions {
  readonly from?: readonly string[];
}

const FROM = "--from <where...>";

export function defineAdd(command: Command): void {
  addCommonOptions(command)
    .argument("[fingerprint]", "40 to 64 hex digits, from those whom you trust")
    .option(FROM, "where its documents are: https://…, a folder, or a file of samebits trust export")
    .addHelpText(
      "after",
      `
Without a fingerprint the source's word is taken, at first use: nothing shows then that it is the right domain. Compare the fingerprint.

Examples:
  samebits trust add 3f0c9a5d7e1b2c4d6f8091a2b3c4d5e6f708192a --from https://trust.example.org
  samebits trust add --from example.json`,
    )
    .action(async (fingerprint: string | undefined, options: FromOptions) => {
      const printer = openPrinter(options);
      const store = new TrustStore((await openConfig(options)).data);
      const sources = (options.from ?? []).map(openTrustSource);
      if (sources.length === 0)
        throw new ClientError(
          "usage/nothing-to-do",
          "name where its documents are: --from https://…, a folder or a file",
        );
      const updated = await closing(sources, () =>
        addDomain(store, { fingerprint: fingerprint ?? null, sources, now: Date.now() }),
      );
      tell(updated, printer);
      if (updated.domain.state.verified) return;
      printer.note(
        `samebits: FIRST USE, unverified: whoever answered there chose this domain. Compare the fingerprint with its owners, then\n  samebits trust add ${updated.domain.state.domain}${(options.from ?? []).map((from) => ` --from ${from}`).join("")}`,
      );
    });
}

export function defineUpdate(command: Command): void {
  addCommonOptions(command)
    .argument("[fingerprint]", "the domain, or the beginning of it (default: all that are pinned)")
    .option(FROM, "where to look this time (default: where it was added from)")
    .addHelpText(
      "after",
      "\nExamples:\n  samebits trust update\n  samebits trust update 3f0c9a5d --from /media/stick/example.json",
    )
    .action(async (fingerprint: string | undefined, options: FromOptions) => {
      const printer = openPrinter(options);
      const store = new TrustStore((await openConfig(options)).data);
      const domains = fingerprint === undefined ? store.domains() : [pinnedDomain(store, fingerprint)];
      if (domains.length === 0)
        throw new ClientError(
          "trust/not-pinned",
          "no trust domain is pinned here: samebits trust add FINGERPRINT --from URL",
        );
      let failed: unknown = null;
      for (const domain of domains) {
        try {
          const sources =
            options.from?.map(openTrustSource) ?? openDomain(store, domain).state.from.map(openKnownSource);
          tell(await closing(sources, () => updateDomain(store, domain, sources, Date.now())), printer);
        } catch (error) {
          if (failed !== null) printer.failure(failed);
          failed = error;
        }
      }
      if (failed instanceof Error) throw failed;
    });
}

export function defineRemove(command: Command): void {
  addCommonOptions(command)
    .argument("<fingerprint>", "the domain, or the beginning of it")
    .addHelpText("after", "\nExample:\n  samebits trust remove 3f0c9a5d")
    .action(async (fingerprint: string, options: CommonOptions) => {
      const printer = openPrinter(options);
      const store = new TrustStore((await openConfig(options)).data);
      const domain = pinnedDomain(store, fingerprint);
      await store.change(domain, () => Promise.resolve(store.remove(domain)));
      if (printer.json) printer.object({ samebits: 1, domain, removed: true });
      else printer.data(`removed: ${domain}`);
    });
}

function tell({ domain, failures }: Updated, printer: Printer): void {
  printDomain(domain, Date.now(), printer);
  for (const failure of failures) printer.failure(failure);
  const problem = problemOf(domain, Date.now());
  if (problem === null) return;
  printer.error(problem);
  process.exitCode = EXIT.policy;
}

async function closing<Value>(sources: readonly TrustSource[], use: () => Promise<Value>): Promise<Value> {
  try {
    return await use();
  } finally {
    await Promise.all(sources.map((source) => source.close()));
  }
}
