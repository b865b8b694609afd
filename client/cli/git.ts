import type { Command } from "commander";
import { defineVerify } from "./git/index.ts";

export function define(command: Command): void {
  command.addHelpText("after", "\nExample:\n  samebits git verify v1.0 --key maintainer.pub");
  const verify = command
    .command("verify")
    .summary("is this tag or commit signed by those who have to?")
    .description(
      "Check the signatures of tags and commits (OpenPGP's and OpenSSH's) by their octets and the keys given alone: no keyring, no gpg.",
    );
  defineVerify(verify);
}
