import type { Command } from "commander";
import { defineInToto, defineKeys, defineRebuilderd, defineSums } from "./import/index.ts";

export function define(command: Command): void {
  command.addHelpText(
    "after",
    "\nWhat is brought in goes into the node's own feed as it is, and counts for who signed it, not for who brought it.\n" +
      "\nExamples:\n  samebits import sums guix.sigs --layout guix\n  samebits import keys guix.sigs/builder-keys/*.gpg",
  );
  defineSums(
    command
      .command("sums")
      .description(
        "Bring in lists of sums with OpenPGP signatures beside them, as Bitcoin Core's builders make them.",
      ),
  );
  defineRebuilderd(
    command
      .command("rebuilderd")
      .description("Bring in what an instance of rebuilderd has signed, once or again and again."),
  );
  defineInToto(
    command.command("in-toto").description("Bring in in-toto links and DSSE envelopes from files."),
  );
  defineKeys(
    command
      .command("keys")
      .description("Say which keys of OpenPGP certificates may sign, as builders for a policy."),
  );
}
