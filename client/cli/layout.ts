import type { Command } from "commander";
import { defineKey, defineNew, defineShow, defineSign } from "./layout/index.ts";

export function define(command: Command): void {
  command.addHelpText(
    "after",
    `
A layout says which steps lead to a file, who does them, how many have to agree, and what each takes from which. Whoever does a step signs a link
(samebits rebuild --predicate step-link -- COMMAND, or samebits attest --predicate step-link).

Examples:
  samebits layout new --step rebuild --key a.pub b.pub c.pub --threshold 2 -o root.layout
  samebits layout sign root.layout --key owner.key
  samebits layout show root.layout --key owner.pub`,
  );
  defineNew(command.command("new").description("Make a layout, to be signed by its owners."));
  defineSign(command.command("sign").description("Sign a layout, beside those who have signed it already."));
  defineShow(
    command
      .command("show")
      .description("Say in words what a layout or a link says, until when, and who has signed it."),
  );
  defineKey(command.command("key").description("Print a public key as in-toto's own tools read it."));
}
