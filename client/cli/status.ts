import type { Command } from "commander";
import { counted, fromUtf8, writeJson } from "../../protocol/index.ts";
import type { CommonOptions } from "../config.ts";
import { needRunningNode } from "../source/index.ts";
import { durationInWords } from "./duration.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";
import { auditInWords, paceInWords } from "./pace.ts";
import { plain } from "./show/index.ts";

export function define(command: Command): void {
  addCommonOptions(command)
    .addHelpText(
      "after",
      "\nExamples:\n  samebits status\n  samebits status --json --api http://127.0.0.1:7717",
    )
    .action(async (options: CommonOptions) => {
      const config = await openConfig(options);
      const printer = openPrinter(options);
      const { api, status } = await needRunningNode(config);
      if (printer.json) return printer.data(fromUtf8(writeJson(status.answer)));
      const { counts } = status;
      printer.data(`node        ${status.peer} of network ${status.network}, at ${api.name}`);
      printer.data(`up          ${durationInWords(counts.uptime_ms)}`);
      printer.data(`peers       ${counts.peers}`);
      printer.data(
        `feeds       ${counts.feeds}, ${counts.complete} complete, ${counts.entries} of ${counted(counts.wanted, "entry")} held`,
      );
      const troubled = ["stale", "frozen", "ended", "forked"].flatMap((state) => {
        const count = status.lifecycle.get(state) ?? 0;
        return count === 0 ? [] : [`${count} ${state}`];
      });
      if (troubled.length > 0) printer.data(`            ${troubled.join(", ")}  (samebits feed list)`);
      if (status.sync.missing > 0) printer.data(`fetching    ${paceInWords(status.sync)}`);
      printer.data(`audited     ${auditInWords(status.audit)}`);
      printer.data(`claims      ${counts.claims}`);
      printer.data(`for others  ${counted(counts.records, "record")} of the DHT`);
      printer.data(
        `findings    ${counts.findings}${counts.findings > 0 ? "  (samebits watch --since 0)" : ""}`,
      );
      for (const { domain, root, targets, problem } of status.domains)
        printer.data(
          `domain      ${domain.slice(0, 16)}…, root ${root}, targets ${targets ?? "none"}${problem === null ? "" : `: SAYS NOTHING, ${plain(problem)}`}`,
        );
      const { own } = status;
      if (own === null) printer.data("own feed    none");
      else printer.data(`own feed    ${own.origin}, ${counted(own.size, "entry")}, ${own.state}`);
      if (own !== null && own.reason !== null) printer.note(`samebits: ${plain(own.reason)}`);
    });
}
