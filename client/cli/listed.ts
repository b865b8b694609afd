/** Where a file at hand is from, as the user says: for rules that ask apt's lists. */
import type { Command } from "commander";
import type { AptListing } from "../../protocol/index.ts";
import type { Examined } from "../verify/index.ts";

export interface ListedOptions {
  readonly aptOrigin?: string;
  readonly aptSuite?: string;
}

export function addListedOptions(command: Command): Command {
  return command
    .option("--apt-origin <origin>", "where it is from, for rules with apt_origin: Origin of the repository")
    .option("--apt-suite <suite>", "the same for rules with apt_suite: its Suite or Codename");
}

/** None where nothing is said; what is not said is not known. */
export function listedBy({ aptOrigin, aptSuite }: ListedOptions): readonly AptListing[] {
  if (aptOrigin === undefined && aptSuite === undefined) return [];
  return [{ origin: aptOrigin ?? null, suites: aptSuite === undefined ? null : [aptSuite] }];
}

/** The files, all from there. */
export function listedAs(files: readonly Examined[], options: ListedOptions): readonly Examined[] {
  const listed = listedBy(options);
  return files.map((file) => ({ ...file, artifact: { ...file.artifact, listed } }));
}
