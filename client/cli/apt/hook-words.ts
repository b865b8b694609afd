/** What a hook is told to go by when it is installed, and the words in which it is called so. */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import type { Command } from "commander";
import type { CommonOptions, Config } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import type { Manager } from "../../install/index.ts";
import { openPolicies } from "../../policy-file.ts";
import { tellFinding } from "../finding.ts";
import type { Finding } from "../finding.ts";
import { addCommonOptions, openConfig } from "../options.ts";
import type { Printer } from "../print.ts";
import {
  assertNear,
  FOLDER,
  MACHINE_CONFIG,
  MACHINE_DATA,
  MACHINE_POLICY,
  NO_CONFIG,
  stateOf,
} from "./settings.ts";
import type { HookMode } from "./settings.ts";

export interface HookOptions extends CommonOptions {
  readonly mode: HookMode;
  readonly policy?: string;
  readonly domain?: string;
  readonly state: string;
  readonly program?: string;
  readonly bundle?: readonly string[];
  readonly mirror?: readonly string[];
}

/** What starts this command, wherever it was put. */
const LAUNCHER = new URL("../samebits.sh", import.meta.url);

export function addHookOptions(command: Command, manager: Manager): Command {
  return addCommonOptions(command)
    .addOption(
      new Option("--mode <mode>", "warn: say what would be refused, and go on; enforce: refuse it")
        .choices(["warn", "enforce"])
        .default("warn"),
    )
    .option("--policy <file>", `the policy (default: ${MACHINE_POLICY})`)
    .option("--domain <fingerprint>", "instead: a trust domain that is pinned in the data directory")
    .option("--state <dir>", "what only root may write: who is let by, and what was seen", stateOf(manager))
    .option("--program <path>", `what ${manager.name} calls (default: this samebits)`)
    .option("--bundle <file...>", "evidence for a machine that never goes online")
    .option("--mirror <dir...>", "the same as feeds in static files (file:DIR)");
}

/** Absolute path of what is called. */
export function programOf({ program }: Pick<HookOptions, "program">): string {
  return resolve(program ?? realpathSync(fileURLToPath(LAUNCHER)));
}

/** What our own launcher starts: its other half, and Node, as it finds it for root. Empty for another program, or another user. */
export function startedBy(program: string): readonly string[] {
  if (process.geteuid?.() !== 0 || program !== programOf({})) return [];
  return [join(dirname(program), "samebits.js"), process.execPath].filter((path) => existsSync(path));
}

/** All that the hook goes by. */
export function wordsOf(options: HookOptions, { data, network }: Config, policy: string): readonly string[] {
  const { mode, state, bundle, mirror } = options;
  const said = { mode, config: configOf(options), data, policy, state: resolve(state), network };
  return [
    ...Object.entries(said).flatMap(([option, value]) => [`--${option}`, value]),
    ...(bundle === undefined ? [] : ["--bundle", ...bundle.map((file) => resolve(file))]),
    ...(mirror === undefined ? [] : ["--mirror", ...mirror.map(wholeMirror)]),
  ];
}

/** A hook runs in whatever folder: apt's own calls some of them in /tmp, where anybody may put another one of that name. */
function wholeMirror(name: string): string {
  assertNear(name);
  const rest = name.slice(FOLDER.length);
  return rest.startsWith("//") ? name : `${FOLDER}${resolve(rest)}`;
}

/** No file of the user's who happens to call apt. */
function configOf({ config }: CommonOptions): string {
  if (config !== undefined) return resolve(config);
  return existsSync(MACHINE_CONFIG) ? MACHINE_CONFIG : NO_CONFIG;
}

function policyOf({ policy, domain }: HookOptions): string {
  if (policy !== undefined && domain !== undefined)
    throw new ClientError("usage/bad-option", "give --policy or --domain, not both");
  return domain === undefined ? resolve(policy ?? MACHINE_POLICY) : `domain:${domain}`;
}

/** The configuration of the machine, and the policy that the hook goes by, which is read once to see that it can be. Throws `config/…`, `trust/…`. */
export async function openForHook(
  options: HookOptions,
): Promise<{ readonly config: Config; readonly policy: string }> {
  const data = options.data ?? MACHINE_DATA;
  const config = await openConfig({ ...options, data, config: configOf(options) });
  const policy = policyOf(options);
  const { domain } = await openPolicies(config, policy, Date.now());
  // Whole: another domain that begins so is soon made, and the data folder may be the node's user's.
  return { config, policy: domain === null ? policy : `domain:${domain.roots[0].domain}` };
}

/** How it is again as it was before a hook was written. */
export interface Undo {
  /** There was a hook: a machine that was guarded stays so. */
  readonly isFormer: boolean;
  readonly takeBack: () => Promise<void>;
}

/** Tells what was found of a hook that was written; in mode enforce one that others could change is taken back. Throws `…/unsafe-file`. */
export async function settleHook(
  findings: readonly Finding[],
  { codes }: Manager,
  { mode }: HookOptions,
  { isFormer, takeBack }: Undo,
  printer: Printer,
): Promise<void> {
  const faults = findings.filter(({ result }) => result === "fail");
  if (mode === "enforce" && faults.length > 0) {
    await takeBack();
    const why = faults.map(({ text }) => text).join("; ");
    const stays = isFormer ? ", and the one that was there stays" : "";
    throw new ClientError(
      codes.unsafeFile,
      `the hook is not installed${stays}, as others than root could change it: ${why}`,
    );
  }
  for (const finding of findings) tellFinding(finding, printer);
}

/** Tells that there is no hook any more. `isGone`: nor the folder of what it has kept. */
export function tellRemoved(
  path: string,
  state: string,
  { wasThere, isGone }: { readonly wasThere: boolean; readonly isGone: boolean },
  printer: Printer,
): void {
  if (printer.json) printer.object({ samebits: 1, file: path, removed: wasThere });
  const removed = isGone
    ? `${path} and ${state} are removed`
    : `${path} is removed, and what the hook kept in ${state}; the folder stays, as others have something there`;
  printer.note(wasThere ? `samebits: ${removed}` : `samebits: there is no hook at ${path}`);
}
