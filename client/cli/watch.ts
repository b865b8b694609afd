import type { Command } from "commander";
import type { Policy, Severity } from "../../protocol/index.ts";
import type { Beginning } from "../begin.ts";
import type { Config, CommonOptions } from "../config.ts";
import type { Sink } from "../edges.ts";
import { followedPolicies } from "../policy-file.ts";
import type { Policies } from "../policy-file.ts";
import { addressRule, assertOption } from "../settings/index.ts";
import { VerdictMemory } from "../verify/index.ts";
import {
  follow,
  InstalledNow,
  installedPackages,
  LineBook,
  looksAt,
  Outboxes,
  RemovedKeys,
} from "../watch/index.ts";
import type { ExpectedReport, FollowOptions } from "../watch/index.ts";
import { addSinkOptions, openSinks, readSeverity, withSettings } from "./alerting.ts";
import type { SinkOptions } from "./alerting.ts";
import { beginningOf } from "./beginning.ts";
import { DEFAULT_RELEASE, expectBy, readPatience } from "./expecting.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { openPrinter } from "./print.ts";
import type { Printer } from "./print.ts";
import { readSince } from "./since.ts";
import type { Since } from "./since.ts";
import { HangUp } from "./stop-signal.ts";
import { Watched } from "./watched.ts";
import { openFeed } from "./watching.ts";
import type { Watching } from "./watching.ts";

interface Options extends CommonOptions, SinkOptions {
  readonly policy?: string;
  readonly installed?: string;
  readonly unreproduced?: string;
  readonly unexpectedRelease: string;
  readonly since?: string;
  readonly bootstrap?: readonly string[];
}

const DEFAULT_NAMESPACE = "debian";
/** ms after which policies are read again: a trust domain may have been updated. */
const RENEW_MS = 10_000;
/** ms between two looks at what became of alerts that go on. */
const LOOK_MS = 60_000;

export function define(command: Command): void {
  addSinkOptions(addCommonOptions(command))
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
    .option(
      "--unreproduced <time>",
      "tell of what a publisher lists and no quorum has rebuilt by then: 7d (default: what rules say, rebuilt_within)",
    )
    .option(
      "--unexpected-release <time>",
      "tell of files whose source nobody has stated by then, where a rule asks for that",
      DEFAULT_RELEASE,
    )
    .option("--bootstrap <multiaddr...>", "peers to begin at, where no node runs here")
    .addHelpText(
      "after",
      `
Each line is a JSON object that carries its evidence: save \`evidence\` as a file, and \`samebits evidence check\` takes it.
Where a trust domain removes a builder's key, a line says which verdicts of this machine rested on it.
Without a running node, a peer of its own follows the policy's feeds from the data directory.

Examples:
  samebits watch --policy policy.toml --unreproduced 7d
  samebits watch --webhook https://alerts.example.org/samebits --webhook-secret secret.txt
  samebits watch --exec '/usr/local/bin/page on-call' --severity critical
  samebits watch --since 0 | jq -c .evidence > evidence.jsonl`,
    )
    .action(watch);
}

/**
 * Until it is told to stop; anew whenever it is told to read its configuration again (SIGHUP), and with a peer of its own whenever what a
 * pinned trust domain says of builders and places has changed. What can't be read then changes nothing.
 */
async function watch(given: Options): Promise<void> {
  const since = readSince(given.since, Date.now());
  readPatience(given);
  assertOption("--bootstrap", given.bootstrap ?? [], addressRule);
  const printer = openPrinter(given);
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  const hangUp = new HangUp();
  let { afterNumber } = since;
  let told = hangUp.next();
  let setup = await openSetup(given, printer);
  while (!stop.signal.aborted) {
    const either = AbortSignal.any([stop.signal, told]);
    afterNumber = await watchWith(setup, { ...since, afterNumber }, { printer, stop: either });
    if (stop.signal.aborted) break;
    // Before it is read: what changes while it is read is read once more.
    told = hangUp.next();
    setup = await openAgain(given, setup, printer);
  }
}

/** What is asked for, with what the configuration says of it. */
interface Setup {
  readonly said: Config;
  readonly options: Options;
  readonly sinks: readonly Sink[];
  readonly least: Severity;
  readonly watched: Watched;
  readonly has: InstalledNow | null;
}

/** Throws for what is asked for and can't be had. */
async function openSetup(given: Options, printer: Printer): Promise<Setup> {
  const said = await openConfig(given);
  const options = withSettings(given, said.watch);
  const sinks = openSinks(options);
  const least = readSeverity(options.severity);
  const read = (): Promise<Policies | null> => followedPolicies(said, options.policy, Date.now());
  const watched = new Watched(read, await read(), printer);
  const has = await openInstalled(options, said, watched);
  return { said, options, sinks, least, watched, has };
}

/** The configuration as it is now; where it can't be used, that is said, and it goes on with what it had. */
async function openAgain(given: Options, before: Setup, printer: Printer): Promise<Setup> {
  try {
    const setup = await openSetup(given, printer);
    printer.note("samebits: the configuration was read again");
    return setup;
  } catch (error) {
    printer.failure(error);
    printer.note("samebits: what is configured cannot be used: the watch goes on with what it had");
    return before;
  }
}

/** Tells of alerts until the signal, in one place after the other. Resolves to the number of the last finding that was told of. */
async function watchWith(
  { said, options, sinks, least, watched, has }: Setup,
  since: Since,
  { printer, stop }: { readonly printer: Printer; readonly stop: AbortSignal },
): Promise<number> {
  const begin = (): Promise<Beginning> => beginningOf(said, watched.now, options.bootstrap ?? [], printer);
  let { config } = await begin();
  const removed = new RemovedKeys(new VerdictMemory(config.data, config.network), since.fromTime);
  watched.onRead((policies) => {
    const domain = policies?.domain ?? null;
    if (domain !== null) for (const object of removed.news(domain, Date.now())) printer.object(object);
  });
  const renewed = setInterval(() => void watched.renew(), RENEW_MS);
  let { afterNumber } = since;
  try {
    while (!stop.aborted) {
      const feed = await openFeed(config, options.bootstrap ?? config.bootstrap, watched.now);
      printer.note(`samebits: watching by ${feed.name}`);
      const installed = has === null ? null : (time: number) => has.at(time);
      const wanted = { installed, afterNumber, fromTime: since.fromTime };
      const expect = (signal: AbortSignal, offer: Offer): Promise<void> =>
        expectBy(feed.api, options, { config, watched, printer, installed, offer, signal });
      const alerting = { sinks, least, dataDir: config.data };
      afterNumber = await watchBy(feed, wanted, { watched, printer, expect, alerting, stop });
      if (stop.aborted) break;
      const next = await begin();
      // Where nobody is named any more, it goes on where it was.
      if (next.config.bootstrap.length > 0) config = next.config;
    }
  } finally {
    clearInterval(renewed);
  }
  return afterNumber;
}

/** What is installed, from now on; null = whatever anybody has. Throws `input/…`, `usage/bad-option`. */
async function openInstalled(
  { installed: what }: Options,
  { debNamespace }: Config,
  watched: Watched,
): Promise<InstalledNow | null> {
  if (what === undefined) return null;
  const read = (): Promise<ReadonlySet<string>> => installedPackages(what, debNamespace ?? DEFAULT_NAMESPACE);
  const readAt = Date.now();
  return new InstalledNow(read, { known: await read(), readAt }, (error) => watched.complain(error));
}

/** Tells of alerts until it is to stop, or to go on in another place. Resolves to the number of the last finding that was told of. */
async function watchBy(
  feed: Watching,
  wanted: Pick<FollowOptions, "installed" | "afterNumber" | "fromTime">,
  {
    watched,
    printer,
    expect,
    alerting,
    stop,
  }: {
    readonly watched: Watched;
    readonly printer: Printer;
    /** Tells of what is missing, until the signal. */
    readonly expect: (signal: AbortSignal, offer: Offer) => Promise<void>;
    readonly alerting: Alerting;
    readonly stop: AbortSignal;
  },
): Promise<number> {
  const end = new AbortController();
  const signal = AbortSignal.any([stop, end.signal]);
  if (feed.isOwn) {
    watched.onChange(() => {
      printer.note("samebits: the trust domain says something else now: the watch follows that");
      end.abort();
    });
  }
  const keeping = feed.keep(signal, {
    failed: (error) => watched.failed(error),
    changed: () => watched.renew(),
  });
  let last = wanted.afterNumber;
  const refused = (number: number): void => {
    last = number;
    printer.note(`samebits: finding ${number} is left out: its evidence does not hold`);
  };
  const policies = (): readonly Policy[] | null => watched.policies;
  const outboxes = outboxesOf(feed, wanted, { watched, alerting, signal });
  const telling = outboxes.run();
  const expecting = expect(signal, (report, object) => outboxes.offer(report, object));
  // A sink that can't go on at all ends the watch: what it would have told is in its place still.
  telling.catch(() => end.abort());
  try {
    const lines = new LineBook(alerting.least);
    for await (const alert of follow(feed, { ...wanted, policies, signal, refused })) {
      last = alert.number;
      const object = lines.object(alert, watched.concernedBy(alert), Date.now());
      if (object !== null) printer.object(object);
    }
  } finally {
    end.abort();
    await Promise.all([keeping, expecting, telling]);
    await feed.close();
  }
  return last;
}

type Offer = (report: ExpectedReport, object: object) => Promise<void>;

/** Who is told, beside whoever reads the lines. */
interface Alerting {
  readonly sinks: readonly Sink[];
  readonly least: Severity;
  readonly dataDir: string;
}

function outboxesOf(
  feed: Watching,
  { installed, afterNumber, fromTime }: Pick<FollowOptions, "installed" | "afterNumber" | "fromTime">,
  {
    watched,
    alerting,
    signal,
  }: { readonly watched: Watched; readonly alerting: Alerting; readonly signal: AbortSignal },
): Outboxes {
  const failed = (error: unknown): void => watched.failed(error);
  const { sinks, least, dataDir } = alerting;
  return new Outboxes(sinks, {
    dataDir,
    least,
    first: { afterNumber, fromTime },
    // The lines say which findings are left out.
    alerts: (from, passed) =>
      follow(feed, {
        ...from,
        installed,
        passed,
        policies: () => watched.policies,
        signal,
        refused: () => undefined,
      }),
    policyOf: (keys) => watched.concernedWith(keys),
    looks: feed.asked === null ? null : looksAt(feed.asked, failed),
    lookMs: LOOK_MS,
    signal,
    failed,
  });
}
