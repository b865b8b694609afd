import type { Log, NodeConfig } from "../../../node/index.ts";
import { beginBy } from "../../begin.ts";
import { followedPolicies } from "../../policy-file.ts";
import { openConfig } from "../options.ts";
import { nodeConfigOf } from "./node-config.ts";
import { wantedOf } from "./wanted.ts";
import type { NodeOptions } from "./wanted.ts";

/** All that a node is told: by the command line, the environment, the configuration, the policy and a trust domain. */
export interface Plan {
  readonly config: NodeConfig;
  /** The data folder. */
  readonly dataDir: string;
  /** What is to be said about it. */
  readonly warnings: readonly string[];
}

/** Reads all of it as it stands now. Throws what is wrong with it, by its place. */
export async function planOf(options: NodeOptions): Promise<Plan> {
  const said = await openConfig(options);
  const wanted = wantedOf(options, said);
  const policies = wanted.follow.includes("policy")
    ? await followedPolicies(said, options.policy, Date.now())
    : null;
  const named = [...wanted.listen, ...(wanted.bootstrap ?? []), ...wanted.mirror, ...wanted.anchor];
  const begin = await beginBy(said, {
    places: policies?.places ?? null,
    named: [...(policies?.domain?.state.from ?? []), ...named],
  });
  const config = await nodeConfigOf(wanted, begin, policies);
  return { config, dataDir: begin.config.data, warnings: [...(policies?.warnings ?? []), ...begin.warnings] };
}

export function tellWarnings({ warnings }: Plan, log: Log): void {
  for (const warning of warnings) log.warn({ event: "config-warning" }, warning);
}
