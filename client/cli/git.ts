import type { Command } from "commander";
import { defineNotes, defineSign, defineVerify } from "./git/index.ts";

export function define(command: Command): void {
  command.addHelpText("after", "\nExample:\n  samebits git verify v1.0 --key maintainer.pub");
  const verify = command
    .command("verify")
    .summary("is this tag or commit signed by those who have to?")
    .description(
      "Check the signatures of tags and commits (OpenPGP's and OpenSSH's) by their octets and the keys given alone: no keyring, no gpg.",
    );
  defineVerify(verify);
  const sign = command
    .command("sign")
    .summary("sign what you built from a commit, and note it there")
    .description(
      "Sign files that were built from a commit, as `samebits attest --git` does, and put the envelopes into the commit's note.",
    );
  defineSign(sign);
  const notes = command
    .command("notes")
    .summary("what was signed of files built from this commit?")
    .description("Print the envelopes in the notes of commits, one a line.");
  defineNotes(notes);
}
