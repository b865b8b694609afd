import { access, constants, statfs } from "node:fs/promises";
import type { Command } from "commander";
import { counted } from "../../protocol/index.ts";
import type { CommonOptions, Config } from "../config.ts";
import { ClientError } from "../errors.ts";
import { cannotWrite, makeFolder } from "../folder.ts";
import { findPolicies } from "../policy-file.ts";
import { hookPath, pacmanHookPath } from "../install/index.ts";
import { runningNode } from "../source/index.ts";
import type { RunningNode } from "../source/index.ts";
import { inspectHook } from "./apt/index.ts";
import {
  lookAtInodes,
  lookAtKeys,
  lookAtOwners,
  lookAtPorts,
  lookAtReach,
  lookAtStore,
  lookAtTimes,
} from "./doctor/index.ts";
import { fail, ok, tellFinding, warn, why } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { addCommonOptions, openConfig } from "./options.ts";
import { inspectPacmanHook } from "./pacman/index.ts";
import { openPrinter } from "./print.ts";

interface Options extends CommonOptions {
  readonly policy?: string;
  readonly pacmanConf?: string;
}

const LOW_DISK_BYTES = 1024 ** 3;
/** No clock that is right shows a day before this was written. */
const WRITTEN = Date.UTC(2026, 10, 1);

export function define(command: Command): void {
  addCommonOptions(command)
    .option("--policy <file>", "the policy to look at (default: the configuration's)")
    .option("--pacman-conf <file>", "pacman's configuration (default: its own)")
    .addHelpText(
      "after",
      "\nEnds with 1 if anything fails; warnings alone end with 0.\n\nExample:\n  samebits doctor",
    )
    .action(async (options: Options) => {
      const config = await openConfig(options);
      const printer = openPrinter(options);
      let failed = false;
      const looks = [
        lookAtData,
        lookAtInodes,
        lookAtOwners,
        lookAtKeys,
        lookAtClock,
        lookAtPolicy,
        lookAtNode,
        lookAtApt,
        lookAtPacman,
      ];
      for (const look of looks) {
        for (const finding of await look(config, options)) {
          failed ||= finding.result === "fail";
          tellFinding(finding, printer);
        }
      }
      process.exitCode = failed ? 1 : 0;
    });
}

async function lookAtData({ data }: Config): Promise<readonly Finding[]> {
  try {
    makeFolder(data, 0o700);
    await access(data, constants.W_OK);
  } catch (error) {
    return [fail("data", why(error instanceof ClientError ? error : cannotWrite(data, error)))];
  }
  const { bavail, bsize } = await statfs(data);
  const free = bavail * bsize;
  const room = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  return [
    ok("data", `${data} can be written`),
    free < LOW_DISK_BYTES
      ? warn("disk", `${room}: make room, or give the node --max-store`)
      : ok("disk", room),
  ];
}

async function lookAtClock(): Promise<readonly Finding[]> {
  const now = new Date();
  return [
    now.getTime() < WRITTEN
      ? fail("clock", `it says ${now.toISOString()}: set it, ages of heads are told by it`)
      : ok("clock", now.toISOString()),
  ];
}

async function lookAtPolicy(config: Config, { policy }: Options): Promise<readonly Finding[]> {
  try {
    const policies = await findPolicies(config, policy, Date.now());
    if (policies === null) {
      const words =
        "there is none: nothing can be reproduced; put policy.toml beside config.toml, or pin a trust domain (samebits trust add)";
      return [warn("policy", words)];
    }
    return [
      ...policies.all.map(({ path, policy: { builders, rules } }) =>
        ok("policy", `${path}: ${counted(builders.size, "builder")}, ${counted(rules.length, "rule")}`),
      ),
      ...policies.warnings.map((warning) => warn("policy", warning)),
    ];
  } catch (error) {
    return [fail("policy", why(error))];
  }
}

async function lookAtNode(config: Config): Promise<readonly Finding[]> {
  let running: RunningNode | null;
  try {
    running = await runningNode(config);
  } catch (error) {
    return [fail("node", why(error))];
  }
  if (running === null) {
    const text =
      config.bootstrap.length === 0
        ? "none runs here and no bootstrap is configured: start `samebits node`, or set bootstrap = [ … ]"
        : "none runs here: verify joins the mesh by itself, which takes seconds; `samebits node` makes it milliseconds";
    return [warn("node", text), ...(await lookAtStore(config)), ...(await lookAtPorts(config))];
  }
  const { status, api } = running;
  const { peers, entries: held, wanted } = status.counts;
  return [
    status.trouble === null
      ? ok("node", `${status.peer} at ${api.name}`)
      : fail("node", `${api.name} signs and stores nothing until this is mended: ${status.trouble}`),
    peers === 0
      ? warn("peers", "none: give the node --bootstrap, or let peers reach one of its --listen addresses")
      : ok("peers", `${peers} connected`),
    held < wanted
      ? warn(
          "feeds",
          `${held} of ${counted(wanted, "entry")} held: still syncing, withheld, oversized, or without room (samebits feed list)`,
        )
      : ok("feeds", `${counted(held, "entry")} held`),
    ...status.domains.flatMap(({ domain, problem }) =>
      problem === null ? [] : warn("domain", `${domain.slice(0, 16)}… says nothing: ${problem}`),
    ),
    ownFeed(running),
    ...(await lookAtTimes(running, Date.now())),
    ...(await lookAtReach(running)),
  ];
}

/** Only where a hook is installed. */
async function lookAtApt(): Promise<readonly Finding[]> {
  try {
    return await inspectHook(await hookPath());
  } catch (error) {
    if (error instanceof ClientError && error.code === "apt/no-apt") return [];
    return [fail("apt", why(error))];
  }
}

/** The same of pacman's. */
async function lookAtPacman(_: Config, { pacmanConf }: Options): Promise<readonly Finding[]> {
  try {
    return await inspectPacmanHook(await pacmanHookPath(pacmanConf ?? null));
  } catch (error) {
    if (error instanceof ClientError && error.code === "pacman/no-pacman") return [];
    return [fail("pacman", why(error))];
  }
}

function ownFeed({ status: { own } }: RunningNode): Finding {
  if (own === null) return warn("own feed", "none: this node publishes nothing");
  if (own.state === "not-begun") {
    return fail(
      "own feed",
      `${own.origin} was not begun here: start the node once with --first, if this key never had a feed anywhere; else make a new key`,
    );
  }
  if (
    own.state === "lost" ||
    own.state === "forked" ||
    own.state === "frozen" ||
    own.state === "unconfirmed"
  ) {
    return fail(
      "own feed",
      `${own.origin} is ${own.state}: ${own.reason ?? "the node signs nothing more, so that the feed does not fork"}; do not delete the own-head file`,
    );
  }
  return ok("own feed", `${own.origin}, ${counted(own.size, "entry")}, ${own.state}`);
}
