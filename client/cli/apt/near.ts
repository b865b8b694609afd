/** How the commands that apt calls judge: by what is on this machine, and by what root lets by. */
import { Option } from "commander";
import type { Command } from "commander";
import { APT_HOOK_MS } from "../../../protocol/index.ts";
import type { CommonOptions, Config } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { AllowedList, exceptionOf, listingsOf, writersOf } from "../../install/index.ts";
import type { Allowed } from "../../install/index.ts";
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
import { HOOK_STATE, MACHINE_POLICY, nodeSocket } from "./settings.ts";
import type { HookMode } from "./settings.ts";

export interface NearOptions extends CommonOptions {
  readonly mode: HookMode;
  readonly policy: string;
  readonly state: string;
  readonly bundle?: readonly string[];
  readonly mirror?: readonly string[];
}

/** All that such a command goes by, as `install-hook` writes it. */
export function addNearOptions(command: Command): Command {
  return addCommonOptions(command)
    .addOption(
      new Option("--mode <mode>", "warn: apt goes on whatever is found; enforce: it does not")
        .choices(["warn", "enforce"])
        .default("warn"),
    )
    .option("--policy <file>", "the policy, or domain:FINGERPRINT", MACHINE_POLICY)
    .option("--state <dir>", "what only root may write: who is let by, and what was seen", HOOK_STATE)
    .option(
      "--bundle <file...>",
      "what others have collected, files or folders, for a machine that never goes online",
    )
    .option("--mirror <dir...>", "feeds in static files (file:DIR)");
}

/** A judge for one run. */
export interface Near {
  readonly config: Config;
  readonly allowed: readonly Allowed[];
  /** Judges, and logs what is let by where `isLogged`; `waitMs`: for the node, half of what apt is let wait if left out. Rejects for what the user named: `bundle/…`, `trust/…`. */
  judge(files: readonly Examined[], isLogged: boolean, waitMs?: number): Promise<Judgement>;
}

/** Throws `config/…`, `trust/…`, `apt/…`. `listings`: reads apt's lists, where a rule asks for what they say. */
export async function openNear(
  options: NearOptions,
  printer: Printer,
  listings: typeof listingsOf = listingsOf,
): Promise<Near> {
  const started = uptimeMs();
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const config = await openConfig(options);
  const list = new AllowedList(options.state);
  const allowed = list.read(now);
  const policies = letting(await openPolicies(config, options.policy, now), allowed);
  return {
    config,
    allowed,
    async judge(all, isLogged, waitMs = APT_HOOK_MS / 2) {
      const files = await withListings(all, policies, listings, printer);
      const outcome = await judgeNear(files, policies, { config, options, now, waitMs }, printer);
      for (const { verdict } of isLogged ? outcome.judged : []) {
        const one = allowed.find((each) => exceptionOf(each).name === verdict.exception?.name);
        if (one !== undefined) list.log("let-by", one, now);
      }
      return { config, policies, outcome, now, elapsedMs: Math.round(uptimeMs() - started) };
    },
  };
}

/**
 * Whether apt goes on though nothing could be judged: what is wrong with the transaction itself stops it in either mode, and so does what nobody
 * expected (RULES R32).
 */
export function goesOnWith(error: unknown, mode: HookMode): boolean {
  return mode === "warn" && error instanceof ClientError && !error.code.startsWith("apt/");
}

/** What others than root could change between this and dpkg: no verdict on it is worth anything. The policy is looked at too. Throws `apt/unsafe-file`. */
export function assertSafe(paths: readonly string[], { mode, policy }: NearOptions, printer: Printer): void {
  const places = [...(policy.startsWith("domain:") ? [] : [policy]), ...paths];
  const unsafe = places.flatMap((place) => {
    const writers = writersOf(place);
    return writers === null ? [] : [`${place}: ${writers}`];
  });
  const [first, ...others] = unsafe;
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const error = new ClientError(
    "apt/unsafe-file",
    `others than root can change what is checked here, before it is used: ${first}${more}`,
  );
  if (mode === "enforce") throw error;
  printer.failure(error);
}

/** By the policies, and by what root lets by on this machine. */
function letting(policies: Policies, allowed: readonly Allowed[]): Policies {
  if (allowed.length === 0) return policies;
  return {
    ...policies,
    of(purl) {
      const file = policies.of(purl);
      const exceptions = [...allowed.map(exceptionOf), ...file.policy.exceptions];
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
  const far = options.mirror?.find((one) => !one.startsWith("file:"));
  if (far !== undefined) {
    const words = `--mirror ${far}: what apt calls reads file:DIR only, it asks no network`;
    throw new ClientError("usage/bad-option", words);
  }
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
