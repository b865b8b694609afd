/** What a hook of a package manager does with what it is told, whoever tells it: read it, look who could change the files, say what was found. */
import { APT_HOOK_MS, counted } from "../../../protocol/index.ts";
import { readStdin } from "../../artifact/index.ts";
import { ClientError, EXIT } from "../../errors.ts";
import { holdAll, shown, writersOf } from "../../install/index.ts";
import type { Allowed, Held, Manager } from "../../install/index.ts";
import { noteCircumstances } from "../circumstances.ts";
import type { Judgement } from "../judging.ts";
import type { Printer } from "../print.ts";
import { exitOf, printJson } from "../verify.ts";
import type { NearOptions } from "./near.ts";
import { screenOf } from "./screen.ts";
import { goneBy } from "./settings.ts";
import type { HookMode } from "./settings.ts";

/** All that the package manager says on stdin, within a time and a size. Throws `…/bad-input`, for a terminal as well. */
export async function readTold(manager: Manager, maxBytes: number): Promise<Uint8Array> {
  const bad = (why: string): ClientError => badTold(manager, why);
  if (process.stdin.isTTY) throw bad("it comes from a terminal");
  const late = setTimeout(
    () => process.stdin.destroy(bad(`${manager.name} has not come to its end in ${APT_HOOK_MS / 1_000} s`)),
    APT_HOOK_MS,
  );
  const octets = await readStdin(maxBytes)
    .catch((error: unknown) => {
      throw error instanceof ClientError && error.code === "input/unreadable" ? bad(error.message) : error;
    })
    .finally(() => clearTimeout(late));
  if (octets === null) throw bad(`it has more than ${maxBytes} octets`);
  return octets;
}

function badTold({ name, codes }: Manager, why: string): ClientError {
  return new ClientError(
    codes.badInput,
    `what ${name} says of the transaction can't be read: ${why}; this command is for ${name} to call (samebits ${name} install-hook)`,
  );
}

/** What others than root could change between this and its use: no verdict on it is worth anything. Throws `…/unsafe-file` in mode enforce, else tells. */
export function assertSafe(
  manager: Manager,
  paths: readonly string[],
  { mode, policy, config }: NearOptions,
  printer: Printer,
): void {
  const places = [...goneBy(policy, config), ...paths];
  const unsafe = places.flatMap((place) => {
    const writers = writersOf(place);
    return writers === null ? [] : [`${place}: ${writers}`];
  });
  const [first, ...others] = unsafe;
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const error = new ClientError(
    manager.codes.unsafeFile,
    `others than root can change what is checked here, before it is used: ${first}${more}`,
  );
  if (mode === "enforce") throw error;
  printer.failure(error);
}

/** The files of a transaction, each hashed and looked into, while it is told how many are. Throws as `holdAll`. */
export async function holdTold(
  paths: readonly string[],
  options: Parameters<typeof holdAll>[1],
  printer: Printer,
): Promise<readonly Held[]> {
  let checked = 0;
  const ended = printer.progress(() => `checking ${checked} of ${counted(paths.length, "package")} …`);
  try {
    return await holdAll(paths, options, (done) => (checked = done));
  } finally {
    ended();
  }
}

/**
 * Whether the package manager goes on though nothing could be judged: what is wrong with the transaction itself stops it in either mode, and so
 * does what nobody expected (RULES R32).
 */
export function goesOnWith({ name }: Manager, error: unknown, mode: HookMode): boolean {
  return mode === "warn" && error instanceof ClientError && !error.code.startsWith(`${name}/`);
}

/** By whom a transaction was judged, and for whom. */
export interface Telling {
  readonly manager: Manager;
  readonly allowed: readonly Allowed[];
  readonly options: NearOptions;
  /** What becomes of what is refused. */
  readonly refusal: string;
}

/** What was found, on one screen, and the exit status. */
export function tell(judgement: Judgement, telling: Telling, printer: Printer): number {
  const { manager, allowed, refusal } = telling;
  const { mode } = telling.options;
  const { outcome } = judgement;
  const refused = outcome.judged.filter(({ verdict }) => verdict.decision === "refuse");
  const stops = refused.length > 0 && mode === "enforce";
  if (printer.json) {
    printJson(judgement, printer);
    const [packages, shownAllowed] = [outcome.judged.length, allowed.map(shown)];
    const counts = { packages, refused: refused.length, goes_on: !stops };
    printer.object({ samebits: 1, event: manager.name, mode, ...counts, allowed: shownAllowed });
  } else {
    const { color } = printer;
    for (const line of screenOf(judgement, allowed, { manager, mode, refusal, color })) printer.data(line);
  }
  noteCircumstances(judgement, printer);
  return stops ? exitOf(judgement, true) : EXIT.ok;
}

/** What is refused before anything is unpacked. */
export const STOPPED = "transaction refused before unpacking; nothing was changed";
