/** Options that commands have alike which attest files. */
import type { Command } from "commander";

/** What is said of the commit that something was built from, beside its references. */
export function addCommitOptions(command: Command): Command {
  return command
    .option("--git-branch <name>", "the commit has to be on this branch, and the attestation says so")
    .option("--git-url <url>", "where the repository is (default: its remote)")
    .option("--git-dirty", "files of the checkout were changed: it is built and recorded all the same");
}

/** Whether normal forms are attested too. */
export function addFormOptions(command: Command): Command {
  return command
    .option(
      "--normal-form",
      "attest also what files are without signatures inside, as FILE.unsigned, of .deb and of steps too (default: of PE, RPM, APK, MAR, Mach-O)",
    )
    .option("--no-normal-form", "attest files only as they are");
}
