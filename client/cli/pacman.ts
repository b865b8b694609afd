import type { Command } from "commander";
import { PACMAN } from "../install/index.ts";
import { defineAllow } from "./apt/index.ts";
import { defineFetch, defineInstallHook, definePreInstall, defineRemoveHook } from "./pacman/index.ts";

export function define(command: Command): void {
  command.addHelpText(
    "after",
    `
Examples:
  samebits pacman install-hook --mode warn
  samebits pacman allow sl=5.02-1 --reason "needed for the demo" --for 2h
  samebits pacman remove-hook`,
  );
  defineInstallHook(
    command.command("install-hook").description("Have pacman ask samebits before it installs anything."),
  );
  defineRemoveHook(
    command.command("remove-hook").description("Take the hook away, and all that it has kept."),
  );
  definePreInstall(command.command("pre-install").description("What pacman calls: judge a transaction."));
  defineFetch(
    command
      .command("fetch")
      .description("What pacman downloads by (XferCommand): bring a file, and withhold one that is refused."),
  );
  defineAllow(
    command.command("allow").description("Let a package by for a while, though nobody has rebuilt it."),
    PACMAN,
  );
}
