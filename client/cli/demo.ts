import type { Command } from "commander";
import type { CommonOptions } from "../config.ts";
import { play, Stage, Tally } from "./demo/index.ts";
import { addCommonOptions } from "./options.ts";
import { openPrinter } from "./print.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function define(command: Command): void {
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nNeeds no network, no configuration and touches none of yours: everything is in a temporary folder.\n\nExample:\n  samebits demo",
    )
    .action(demo);
}

async function demo(options: CommonOptions): Promise<void> {
  const printer = openPrinter(options);
  const stop = Promise.withResolvers<NodeJS.Signals>();
  let stopped = false;
  // Kept until everything is cleaned up: an impatient second Ctrl-C must not leave processes behind.
  const onSignal = (signal: NodeJS.Signals): void => {
    stopped = true;
    stop.resolve(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const stage = await Stage.open();
  try {
    const played = play(stage, new Tally(printer));
    await Promise.race([played, stop.promise]);
    if (stopped) {
      // What was under way fails when its processes are ended; that is no fault of the demo.
      played.catch(() => undefined);
      await stage.close();
      // As if nobody had caught it: whoever started us sees that we were stopped.
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.kill(process.pid, await stop.promise);
      return;
    }
    printer.note("samebits: everything came out as it must.");
    if (!process.stdout.isTTY || printer.json) return;
    printer.data("");
    for (const line of whatNext(stage)) printer.data(line);
    await stop.promise;
  } finally {
    await stage.close();
  }
}

function whatNext(stage: Stage): readonly string[] {
  return [
    "The mesh stays up until you press Ctrl-C. In another terminal:",
    `  export SAMEBITS_CONFIG=${stage.path("config", "samebits", "config.toml")} SAMEBITS_DATA=${stage.path("you")}`,
    `  npx samebits verify ${stage.path("usrmerge.deb")} --verbose`,
    `  npx samebits verify ${stage.path("usrmerge-tampered.deb")} --json`,
    `  npx samebits evidence check ${stage.path("evidence.json")}`,
    `  npx samebits show ${stage.path("envelopes", "mallory")}/*.jsonl`,
    `  npx samebits status --data ${stage.path("university")}`,
  ];
}
