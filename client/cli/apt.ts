import type { Command } from "commander";
import {
  defineAllow,
  defineCoverage,
  defineHold,
  defineInstallHook,
  defineMethod,
  definePreInstall,
  defineRemoveHook,
} from "./apt/index.ts";

export function define(command: Command): void {
  command.addHelpText(
    "after",
    `
Examples:
  samebits policy new debian -o /etc/samebits/policy.toml
  samebits apt install-hook --mode warn
  samebits apt allow sl=5.02-1+b1 --reason "needed for the demo" --for 2h
  samebits apt remove-hook`,
  );
  defineInstallHook(
    command.command("install-hook").description("Have apt ask samebits before it unpacks anything."),
  );
  defineRemoveHook(
    command.command("remove-hook").description("Take the hook away, and all that it has kept."),
  );
  definePreInstall(command.command("pre-install").description("What apt calls: judge a transaction."));
  defineCoverage(
    command
      .command("coverage")
      .description("What apt calls while it plans: say how much of it is reproduced."),
  );
  defineHold(
    command.command("hold").description("What apt calls after each update: hold back what would be refused."),
  );
  defineMethod(
    command
      .command("method")
      .description("What apt starts for sources of samebits+http(s): fetch, and withhold what is refused."),
  );
  defineAllow(
    command.command("allow").description("Let a package by for a while, though nobody has rebuilt it."),
  );
}
