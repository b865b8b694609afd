/** Lets a package by for a while. */
import type { Command } from "commander";
import { formatTime, isPrintable, MAX_APT_ALLOWED_MS, MAX_LABEL_BYTES } from "../../../protocol/index.ts";
import type { CommonOptions } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import {
  AllowedList,
  APT,
  hookAt,
  hookPath,
  pacmanHookAt,
  pacmanHookPath,
  shown,
} from "../../install/index.ts";
import type { Allowed, Manager } from "../../install/index.ts";
import { durationInWords, parseDuration } from "../duration.ts";
import { addCommonOptions } from "../options.ts";
import { openPrinter } from "../print.ts";
import type { Printer } from "../print.ts";
import { stateOf, stateOfHook } from "./settings.ts";

interface Options extends CommonOptions {
  readonly reason?: string;
  readonly for: string;
  readonly evenContradicted?: boolean;
  readonly remove?: boolean;
  readonly state?: string;
}

/** deb-control(5), deb-version(7). */
const DEB = /^([a-z0-9][a-z0-9+.-]{1,127})=((?:[0-9]{1,9}:)?[0-9][A-Za-z0-9.+~-]{0,127})$/;

/** PKGBUILD(5): any version has the release of its package. */
const ALPM = /^([a-z0-9@_+][a-z0-9@._+-]{0,127})=((?:[0-9]{1,9}:)?[A-Za-z0-9._+~]{1,128}-[0-9.]{1,16})$/;

export function defineAllow(command: Command, manager: Manager = APT): void {
  const example = `samebits ${manager.name} allow sl=5.02-${manager === APT ? "1+b1" : "1"}`;
  addCommonOptions(command)
    .argument("[package=version]", "what is let by; without it: what is let by now")
    .option("--reason <words>", "why: it stands on every screen, and in the log")
    .option("--for <duration>", "for how long: 30m, 24h, 7d", "24h")
    .option("--even-contradicted", "also where builders got something else")
    .option("--remove", "let it by no more")
    .option("--state <dir>", "the folder that the hook was given (default: as the hook says)")
    .addHelpText(
      "after",
      `
For root only, on this machine only. What it is used for is logged in log.jsonl of that folder. A file that is not what it says is never let by.

Examples:
  ${example} --reason "needed for the demo" --for 2h
  samebits ${manager.name} allow
  ${example} --remove`,
    )
    .action((what: string | undefined, options: Options) => allow(what, options, manager));
}

async function allow(what: string | undefined, options: Options, manager: Manager): Promise<void> {
  const printer = openPrinter(options);
  const list = new AllowedList(options.state ?? (await stateFor(manager)), manager);
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  if (what === undefined) {
    show(list.read(now), printer);
    return;
  }
  if (process.geteuid?.() !== 0)
    throw new ClientError(manager.codes.notRoot, "who is let by is root's to say: run it as root");
  const one = packageOf(what, manager);
  if (options.remove === true) {
    if (!(await list.remove(one, now)))
      throw new ClientError(
        "usage/bad-option",
        `${what} is not let by; samebits ${manager.name} allow shows what is`,
      );
    printer.note(`samebits: ${what} is let by no more`);
    return;
  }
  const forMs = parseDuration("--for", options.for);
  if (forMs === 0 || forMs > MAX_APT_ALLOWED_MS)
    throw new ClientError(
      "usage/bad-option",
      `--for ${options.for}: more than nothing, and at most ${durationInWords(MAX_APT_ALLOWED_MS)}`,
    );
  const allowed: Allowed = {
    ...one,
    reason: reasonOf(options),
    untilMs: now + forMs,
    evenContradicted: options.evenContradicted === true,
  };
  await list.add(allowed, now);
  show([allowed], printer);
}

/** Where the hook looks; where there is none, or none of ours, in the usual place. */
async function stateFor(manager: Manager): Promise<string> {
  try {
    const hook = manager === APT ? hookAt(await hookPath()) : pacmanHookAt(await pacmanHookPath(null));
    return stateOfHook(hook, manager);
  } catch (error) {
    if (error instanceof ClientError) return stateOf(manager);
    throw error;
  }
}

function show(all: readonly Allowed[], printer: Printer): void {
  for (const one of all) {
    const { name, version, untilMs, reason, evenContradicted } = one;
    if (printer.json) printer.object({ samebits: 1, ...shown(one) });
    else
      printer.data(
        `${name}=${version} until ${formatTime(untilMs)}${evenContradicted ? ", even contradicted" : ""}: ${reason}`,
      );
  }
}

function packageOf(text: string, manager: Manager): { readonly name: string; readonly version: string } {
  const [, name, version] = (manager === APT ? DEB : ALPM).exec(text) ?? [];
  if (name === undefined || version === undefined)
    throw new ClientError(
      "usage/bad-option",
      `${text}: write it like ${manager.name}, PACKAGE=VERSION with the whole version`,
    );
  return { name, version };
}

function reasonOf({ reason = "" }: Options): string {
  const isFit = isPrintable(reason) && reason.trim() !== "" && Buffer.byteLength(reason) <= MAX_LABEL_BYTES;
  if (isFit) return reason;
  throw new ClientError(
    "usage/bad-option",
    `--reason: say why, on one line of at most ${MAX_LABEL_BYTES} octets`,
  );
}
