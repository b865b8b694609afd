/** Where files are from, for rules that ask apt's lists: as these say, or of a file at hand as the user says. */
import type { Command } from "commander";
import { toHex } from "../../protocol/index.ts";
import type { AptListing } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { listingsOf } from "../install/index.ts";
import type { Policies } from "../policy-file.ts";
import type { Examined } from "../verify/index.ts";
import type { Printer } from "./print.ts";

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

/** The files, all from there, where anything is said. */
export function listedAs(files: readonly Examined[], options: ListedOptions): readonly Examined[] {
  const listed = listedBy(options);
  if (listed.length === 0) return files;
  return files.map((file) => ({ ...file, artifact: { ...file.artifact, listed } }));
}

/** The files, with what apt's lists say of those that a rule of theirs asks it of. What can't be read leaves it open: then the strictest rule counts. */
export async function withListings(
  files: readonly Examined[],
  policies: Policies,
  listings: typeof listingsOf,
  printer: Printer,
): Promise<readonly Examined[]> {
  const asked = files.filter(({ artifact: { target } }) => {
    const { rules } = policies.of(target?.purl ?? null).policy;
    return target !== null && rules.some(({ apt }) => apt !== null);
  });
  if (asked.length === 0) return files;
  try {
    const all = await listings(new Set(asked.map(({ artifact }) => toHex(artifact.sha256))));
    return files.map((file) => {
      const listed = all.get(toHex(file.artifact.sha256));
      return listed === undefined ? file : { ...file, artifact: { ...file.artifact, listed } };
    });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    printer.failure(error);
    return files;
  }
}
