import type { Command } from "commander";
import { fromDecimal } from "../../protocol/index.ts";
import type { Policy } from "../../protocol/index.ts";
import { beginBy } from "../begin.ts";
import type { Config, CommonOptions } from "../config.ts";
import type { FindingFeed } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { followedPolicies } from "../policy-file.ts";
import type { Policies } from "../policy-file.ts";
import { openFollower, runningNode } from "../source/index.ts";
import { VerdictMemory } from "../verify/index.ts";
import { alertObject, concerns, follow, installedPackages, RemovedKeys } from "../watch/index.ts";
import type { Alert } from "../watch/index.ts";
import { carryDomains } from "./node-domains.ts";
import type { Told } from "./node-domains.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";

interface Options extends CommonOptions {
  readonly policy?: string;
  readonly installed?: string;
  readonly since?: string;
  readonly bootstrap?: readonly string[];
}

const DEFAULT_NAMESPACE = "debian";
/** ms after which policies are read again: a trust domain may have been updated. */
const RENEW_MS = 10_000;

export function define(command: Command): void {
  addCommonOptions(command)
    .option(
      "--policy <file>",
      "only what concerns its builders (default: the configuration's, where there is one)",
    )
    .option(
      "--installed <what>",
      "only what concerns my packages: `dpkg`, `pacman`, or a file with a purl a line",
    )
    .option(
      "--since <when>",
      "also what was found before: a time (2026-11-12T00:00:00Z), or after alert NUMBER",
    )
    .option("--bootstrap <multiaddr...>", "peers to begin at, where no node runs here")
    .addHelpText(
      "after",
      `
Each line is a JSON object that carries its evidence: save \`evidence\` as a file, and \`samebits evidence check\` takes it.
Where a trust domain removes a builder's key, a line says which verdicts of this machine rested on it.
Without a running node, a peer of its own follows the policy's feeds from the data directory.

Examples:
  samebits watch --policy policy.toml
  samebits watch --since 0 | jq -c .evidence > evidence.jsonl`,
    )
    .action(watch);
}

async function watch(options: Options): Promise<void> {
  const started = Date.now();
  const since = readSince(options.since, started);
  const said = await openConfig(options);
  const printer = openPrinter(options);
  let policies = await followedPolicies(said, options.policy, started);
  const { config, warnings } = await beginBy(said, {
    places: policies?.places ?? null,
    named: [...(policies?.domain?.state.from ?? []), ...(options.bootstrap ?? [])],
  });
  for (const warning of warnings) printer.note(`samebits: ${warning}`);
  const installed =
    options.installed === undefined
      ? null
      : await installedPackages(options.installed, config.debNamespace ?? DEFAULT_NAMESPACE);
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  const feed = await openFeed(config, options.bootstrap ?? config.bootstrap, policies);
  printer.note(`samebits: watching by ${feed.name}`);
  const removed = new RemovedKeys(new VerdictMemory(config.data, config.network), since.fromTime);
  const tell = (): void => {
    const domain = policies?.domain ?? null;
    if (domain !== null) for (const object of removed.news(domain, Date.now())) printer.object(object);
  };
  let complaint = "";
  /** Every time the same: it is told once, and what was known goes on. */
  const complain = (error: unknown): void => {
    const words = error instanceof Error ? error.message : "";
    if (words !== "" && complaint !== words) printer.failure(error);
    complaint = words;
  };
  complain(policies?.problem);
  tell();
  const renew = async (): Promise<void> => {
    try {
      policies = (await followedPolicies(said, options.policy, Date.now())) ?? policies;
      complain(policies?.problem);
      tell();
    } catch (error) {
      complain(error);
    }
  };
  const renewed = setInterval(() => void renew(), RENEW_MS);
  const failed = (error: unknown): void => {
    if (!(error instanceof Error && error.message === complaint)) printer.failure(error);
  };
  const keeping = feed.keep(config.data, stop.signal, { failed, changed: renew });
  try {
    const refused = (number: number): void =>
      printer.note(`samebits: finding ${number} is left out: its evidence does not hold`);
    const known = (): readonly Policy[] | null => policies?.all.map(({ policy }) => policy) ?? null;
    const alerts = follow(feed, { policies: known, installed, ...since, signal: stop.signal, refused });
    for await (const alert of alerts)
      printer.object(alertObject(alert, policyAbout(alert, known()), Date.now()));
  } finally {
    clearInterval(renewed);
    stop.abort();
    await keeping;
    await feed.close();
  }
}

/** The policy whose builders an alert concerns. */
function policyAbout(alert: Alert, policies: readonly Policy[] | null): Policy | null {
  return policies?.find((policy) => concerns(policy, alert)) ?? null;
}

/** Where findings come from. */
interface Watching extends FindingFeed {
  readonly name: string;
  /** Carries pinned domains and keeps them up to date until `stop`, where no node does. */
  keep(dataDir: string, stop: AbortSignal, told: Told): Promise<void>;
  close(): Promise<void>;
}

/** A running node, else a peer of our own in the data directory. */
async function openFeed(
  config: Config,
  bootstrap: readonly string[],
  policies: Policies | null,
): Promise<Watching> {
  const running = await runningNode(config);
  if (running !== null) return { ...running.api, name: running.api.name, keep: () => Promise.resolve() };
  if (bootstrap.length === 0) {
    throw new ClientError(
      "source/none",
      "no node runs here, and there is no address to begin at: start one (samebits node), or give --bootstrap",
    );
  }
  const builders = (policies?.all ?? []).flatMap(({ policy }) => [...policy.builders.values()]);
  const follower = await openFollower({
    network: config.network,
    dataDir: config.data,
    bootstrap,
    builders: builders.flatMap(({ keys }) => keys),
    origins: builders.flatMap(({ feeds }) => feeds),
  });
  return {
    ...follower,
    name: "a peer of its own",
    keep: (dataDir, stop, told) => carryDomains(dataDir, follower.domains, stop, told),
  };
}

/** Nothing = from now on; digits = after that alert; else a time. */
function readSince(
  text: string | undefined,
  now: number,
): { readonly afterNumber: number; readonly fromTime: number } {
  if (text === undefined) return { afterNumber: 0, fromTime: now };
  if (/^[0-9]{1,15}$/.test(text)) return { afterNumber: fromDecimal(text), fromTime: 0 };
  const time = Date.parse(text);
  if (Number.isNaN(time)) {
    throw new ClientError(
      "usage/bad-option",
      `--since ${text}: a time like 2026-11-12T00:00:00Z, or a number`,
    );
  }
  return { afterNumber: 0, fromTime: time };
}
