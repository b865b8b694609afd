/** How the commands that apt or pacman calls judge: by what is on this machine, and by what root lets by. */
import { Option } from "commander";
import type { Command } from "commander";
import { APT_HOOK_MS } from "../../../protocol/index.ts";
import { thisDistribution } from "../../artifact/index.ts";
import type { CommonOptions, Config } from "../../config.ts";
import { AllowedList, APT, exceptionOf, listingsOf } from "../../install/index.ts";
import type { Allowed, Manager } from "../../install/index.ts";
import { openPolicies } from "../../policy-file.ts";
import type { Policies } from "../../policy-file.ts";
import { openBundles, openMirrors, openSource } from "../../source/index.ts";
import { uptimeMs } from "../../uptime.ts";
import type { Examined } from "../../verify/index.ts";
import { judgeByAll } from "../judged.ts";
import type { Judgement } from "../judging.ts";
import { withListings } from "../listed.ts";
import { addCommonOptions, openConfig } from "../options.ts";
import type { Printer } from "../print.ts";
import { assertNear, MACHINE_POLICY, nodeSocket, stateOf } from "./settings.ts";
import type { HookMode } from "./settings.ts";

export interface NearOptions extends CommonOptions {
  readonly mode: HookMode;
  readonly policy: string;
  readonly state: string;
  readonly bundle?: readonly string[];
  readonly mirror?: readonly string[];
}

/** All that such a command goes by, as `install-hook` writes it. */
export function addNearOptions(command: Command, manager: Manager = APT): Command {
  return addCommonOptions(command)
    .hook("preAction", (_, called) => forgetEnvironment(called))
    .addOption(
      new Option("--mode <mode>", `warn: ${manager.name} goes on whatever is found; enforce: it does not`)
        .choices(["warn", "enforce"])
        .default("warn"),
    )
    .option("--policy <file>", "the policy, or domain:FINGERPRINT", MACHINE_POLICY)
    .option("--state <dir>", "what only root may write: who is let by, and what was seen", stateOf(manager))
    .option(
      "--bundle <file...>",
      "what others have collected, files or folders, for a machine that never goes online",
    )
    .option("--mirror <dir...>", "feeds in static files (file:DIR)");
}

/** Options that a hook's file need not have; it always has the others. */
const UNWRITTEN = ["bundle", "mirror", "pacmanConf"] as const;

/** All that a hook goes by stands in its file: what the user who calls the package manager has set for other commands does not get in. */
function forgetEnvironment(called: Command): void {
  for (const name of UNWRITTEN)
    if (called.getOptionValueSource(name) === "env") called.setOptionValue(name, undefined);
}

/** A judge for one run. */
export interface Near {
  readonly config: Config;
  /** Whose Debian packages are, wherever they are named from: the hook, pins and what comes before must mean the same ones (RULES R4). */
  readonly debNamespace: string;
  readonly allowed: readonly Allowed[];
  /** Judges, and logs what is let by where `isLogged`; `waitMs`: for the node, half of what apt is let wait if left out. Rejects for what the user named: `bundle/…`, `trust/…`. */
  judge(files: readonly Examined[], isLogged: boolean, waitMs?: number): Promise<Judgement>;
}

/** Throws `config/…`, `trust/…`, `apt/…` or `pacman/…`. `listings`: reads apt's lists, where a rule asks for what they say; of others' packages they say nothing. */
export async function openNear(
  options: NearOptions,
  printer: Printer,
  manager: Manager = APT,
  listings: typeof listingsOf = manager === APT ? listingsOf : nothingListed,
): Promise<Near> {
  const started = uptimeMs();
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const config = await openConfig(options);
  const list = new AllowedList(options.state, manager);
  const allowed = list.read(now);
  const policies = letting(await openPolicies(config, options.policy, now), allowed, manager);
  return {
    config,
    debNamespace: config.debNamespace ?? thisDistribution(),
    allowed,
    async judge(all, isLogged, waitMs = APT_HOOK_MS / 2) {
      const files = await withListings(all, policies, listings, printer);
      const outcome = await judgeNear(files, policies, { config, options, now, waitMs }, printer);
      for (const { verdict } of isLogged ? outcome.judged : []) {
        const one = allowed.find((each) => exceptionOf(each, manager).name === verdict.exception?.name);
        if (one !== undefined) list.log("let-by", one, now);
      }
      return { config, policies, outcome, now, elapsedMs: Math.round(uptimeMs() - started) };
    },
  };
}

async function nothingListed(): ReturnType<typeof listingsOf> {
  return new Map();
}

/** By the policies, and by what root lets by on this machine. */
function letting(policies: Policies, allowed: readonly Allowed[], manager: Manager): Policies {
  if (allowed.length === 0) return policies;
  return {
    ...policies,
    of(purl) {
      const file = policies.of(purl);
      const exceptions = [...allowed.map((one) => exceptionOf(one, manager)), ...file.policy.exceptions];
      return { ...file, policy: { ...file.policy, exceptions } };
    },
  };
}

interface NearRun {
  readonly config: Config;
  readonly options: NearOptions;
  readonly now: number;
  readonly waitMs: number;
}

async function judgeNear(
  files: readonly Examined[],
  policies: Policies,
  { config, options, now, waitMs }: NearRun,
  printer: Printer,
): Promise<Judgement["outcome"]> {
  for (const mirror of options.mirror ?? []) assertNear(mirror);
  const bundles = (await Promise.all((options.bundle ?? []).map(openBundles))).flat();
  const node = nodeSocket(config);
  if (node.kind === "none") printer.note(`samebits: ${node.why}`);
  const source = node.kind === "none" ? null : await openSource({ ...config, api: node.socket }, []);
  const mirrors = await openMirrors(config, options.mirror ?? []);
  try {
    return await judgeByAll(files, policies, {
      network: config.network,
      dataDir: options.state,
      source,
      isNear: true,
      bundles,
      mirrors,
      deadlineMs: waitMs,
      mirrorsMs: APT_HOOK_MS / 2,
      now,
    });
  } finally {
    await source?.close();
  }
}
