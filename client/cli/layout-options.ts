/** `--layout` and what goes with it. */
import type { Command } from "commander";
import type { Config } from "../config.ts";
import { ClientError } from "../errors.ts";
import { policiesOfLayout } from "../layout-policy.ts";
import type { LayoutOptions } from "../layout-policy.ts";
import { openPolicies } from "../policy-file.ts";
import type { Policies } from "../policy-file.ts";
import type { InspectionMode } from "../verify/index.ts";

export interface LayoutJudgingOptions extends LayoutOptions {
  readonly policy?: string;
  readonly links?: readonly string[];
  readonly allowInspections?: string | true;
}

/** An in-toto layout instead of a policy, and what layouts of either need. */
export function addLayoutOptions(command: Command): Command {
  return command
    .option("--layout <file>", "instead of a policy: an in-toto layout, which says who does which step")
    .option(
      "--layout-key <key...>",
      "files with its owners' keys: PEM, a verifier key, in-toto's .pub, an OpenPGP certificate",
    )
    .option("--layout-threshold <k>", "so many owners must have signed it (default: all)")
    .option("--parameter <name=value...>", "what the layout is to be filled in with")
    .option("--links <dir...>", "folders of links, as in-toto's tools write them (STEP.KEYID.link)")
    .option(
      "--allow-inspections [how]",
      "run commands of a layout's inspections, in a sandbox; =unsandboxed: as you, where none can be made",
    );
}

/** The layout that the user names decides instead of any policy. */
export async function policiesSaid(
  options: LayoutJudgingOptions,
  config: Config,
  now: number,
): Promise<Policies> {
  const byLayout = await policiesOfLayout(options);
  if (byLayout !== null && options.policy !== undefined)
    throw new ClientError("usage/bad-option", "give --policy or --layout, not both: one of them decides");
  return byLayout ?? openPolicies(config, options.policy, now);
}

export function inspectionsOf({ allowInspections: how }: LayoutJudgingOptions): InspectionMode | null {
  if (how === undefined) return null;
  if (how === true || how === "") return "sandboxed";
  if (how === "unsandboxed") return how;
  throw new ClientError(
    "usage/bad-option",
    `--allow-inspections=${how}: nothing (in a sandbox), or unsandboxed`,
  );
}
