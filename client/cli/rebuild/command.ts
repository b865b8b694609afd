import type { Command } from "commander";
import { ClientError } from "../../errors.ts";
import { openWork } from "../attesting.ts";
import { openConfig } from "../options.ts";
import { openPrinter } from "../print.ts";
import { stopSignal } from "../stop-signal.ts";
import { workOffList } from "./loop.ts";
import { addRebuildOptions, assertSense, buildOf } from "./options.ts";
import type { RebuildOptions } from "./options.ts";
import { buildAndSign } from "./sign.ts";

/** `rebuild -- COMMAND…`, once or for each package of a list. */
export function defineCommand(command: Command): void {
  addRebuildOptions(command)
    .argument("[command...]", "behind --: the program and its arguments; no shell reads them")
    .action(rebuild);
}

async function rebuild(argv: readonly string[], options: RebuildOptions): Promise<void> {
  const printer = openPrinter(options);
  assertSense(argv, options);
  const config = await openConfig(options);
  const work = await openWork(options, config, printer);
  const bench = { config, work };
  const wish = { argv, options, printer, signal: stopSignal("SIGHUP") };
  if (options.loop !== undefined) return workOffList(options.loop, wish, bench);
  const { failure, signed } = await buildAndSign(buildOf(wish), options.purl ?? null, bench, () =>
    Promise.resolve(),
  );
  if (failure === null) return;
  const rest =
    signed > 0
      ? "that is signed as a failure"
      : "nothing was signed: --purl and --product FILE would say what did not come out";
  throw new ClientError("rebuild/failed", `${argv[0] ?? ""}: ${failure}; ${rest}`);
}
