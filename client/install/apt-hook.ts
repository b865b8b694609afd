/** The hook in apt's configuration: one file, which says all that the hook goes by. */
import { join } from "node:path";
import { ClientError } from "../errors.ts";
import { outputOf } from "../output-of.ts";
import { writeWhole } from "../write-file.ts";
import { hookIn, ifWritten, PLAIN } from "./hook-file.ts";
import { methodName, SCHEMES } from "./method/index.ts";

/** How a machine's apt is to be guarded. */
export interface HookSettings {
  /** Absolute path of the command that apt calls. */
  readonly program: string;
  /** Its words after that. */
  readonly words: readonly string[];
  /** Its words while apt plans; null = it is not called then. */
  readonly covers: readonly string[] | null;
  /** Its words after each update of apt's lists; null = it is not called then. */
  readonly holds: readonly string[] | null;
  /** The folder of the methods `samebits+http` and `samebits+https`; null = there are none. */
  readonly methods: string | null;
}

/** Octets of all of apt's configuration: some 30 KB. */
const MAX_APT_CONFIG_BYTES = 16 * 1024 * 1024;
/** After what packages bring along, before what an administrator adds. */
const NAME = "50samebits";
const METHODS = "Dir::Bin::Methods";
const HEAD = "// Written by `samebits apt install-hook`; `samebits apt remove-hook` takes it away.";
/**
 * The file's text (apt.conf(5)). Version 3 of the protocol is asked for by the first word of the command, as apt finds it. Throws
 * `usage/bad-option` for a word that would have to be quoted twice.
 */
export function hookText({ program, words, covers, holds, methods }: HookSettings): string {
  const all = [
    program,
    ...words,
    ...(covers ?? []),
    ...(holds ?? []),
    ...(methods === null ? [] : [methods]),
  ];
  const odd = all.find((word) => !PLAIN.test(word));
  if (odd !== undefined) {
    throw new ClientError(
      "usage/bad-option",
      `${odd}: apt's configuration takes paths and names of letters, digits and . _ + : @ % , / = - only; choose another path`,
    );
  }
  return [
    HEAD,
    `DPkg::Pre-Install-Pkgs { "${[program, ...words].join(" ")}"; };`,
    `DPkg::Tools::Options::${program} { Version "3"; };`,
    ...harmless("AptCli::Hooks::Install", program, covers),
    ...harmless("APT::Update::Post-Invoke-Success", program, holds),
    ...methodLines(methods),
    "",
  ].join("\n");
}

/** By default apt looks for a method in its own folder alone, which is dpkg's. */
function methodLines(folder: string | null): readonly string[] {
  if (folder === null) return [];
  return SCHEMES.map((scheme) => `${METHODS}::${methodName(scheme)} "${join(folder, methodName(scheme))}";`);
}

/** A call that apt does not fail with, whatever comes of it. */
function harmless(place: string, program: string, words: readonly string[] | null): readonly string[] {
  return words === null ? [] : [`${place} { "${[program, ...words].join(" ")} || true"; };`];
}

/** What a file that `hookText` wrote says; null for another one. */
export function readHook(text: string): HookSettings | null {
  const command = /^DPkg::Pre-Install-Pkgs \{ "([^"]+)"; \};$/m.exec(text)?.[1];
  const [program, ...words] = command?.split(" ") ?? [];
  if (program === undefined) return null;
  const hook = {
    program,
    words,
    covers: wordsAt("AptCli::Hooks::Install", text),
    holds: wordsAt("APT::Update::Post-Invoke-Success", text),
    methods: /^Dir::Bin::Methods::samebits\+http "([^"]+)\/samebits\+http";$/m.exec(text)?.[1] ?? null,
  };
  return ifWritten(hook, text, hookText);
}

/** The words of such a call; null where there is none. */
function wordsAt(place: string, text: string): readonly string[] | null {
  const line = text.split("\n").find((each) => each.startsWith(`${place} { "`));
  const words = /^\S+ \{ "\S+ (.+) \|\| true"; \};$/.exec(line ?? "")?.[1];
  return words?.split(" ") ?? null;
}

/** Where apt reads it. Throws `apt/no-apt`. */
export async function hookPath(): Promise<string> {
  return join(await aptFolder("Dir::Etc::parts"), NAME);
}

/** A folder of apt's configuration. Throws `apt/no-apt`. */
export function aptFolder(option: string): Promise<string> {
  return aptValue(`${option}/d`);
}

/** The machine's own architecture, as apt knows it. Throws `apt/no-apt`. */
export function nativeArch(): Promise<string> {
  return aptValue("APT::Architecture");
}

/** A value of apt's configuration by apt's own word, so that `APT_CONFIG` is heard. */
async function aptValue(option: string): Promise<string> {
  const said = (await aptConfig("shell", "VALUE", option)).trim();
  const value = /^VALUE='([^']+)'$/.exec(said)?.[1];
  if (value === undefined)
    throw new ClientError("apt/no-apt", `apt-config says nothing of ${option}: ${said}`);
  return value;
}

/** Whether apt calls the program now, and finds the methods. Throws `apt/no-apt`. */
export async function isHooked({ program, methods }: HookSettings): Promise<boolean> {
  const dump = await aptConfig("dump");
  const lines = dump.split("\n");
  return (
    lines.some((line) => line.startsWith(`DPkg::Pre-Install-Pkgs:: "${program} `)) &&
    lines.includes(`DPkg::Tools::Options::${program}::Version "3";`) &&
    methodLines(methods).every((line) => lines.some((each) => each.toLowerCase() === line.toLowerCase()))
  );
}

/** Throws `output/cannot-write`, `usage/bad-option`. */
export async function writeHook(path: string, settings: HookSettings): Promise<void> {
  // Also for root with a umask of 077: apt of a user who can't read a file of its configuration does nothing at all.
  await writeWhole(path, hookText(settings), { replace: true, isModeExact: true });
}

/** The hook that is there; null where there is none. Throws `input/…`, and `output/exists` for a file of somebody else. */
export function hookAt(path: string): HookSettings | null {
  return hookIn(path, readHook);
}

async function aptConfig(...words: readonly string[]): Promise<string> {
  try {
    return await outputOf("apt-config", words, MAX_APT_CONFIG_BYTES);
  } catch (error) {
    throw new ClientError("apt/no-apt", "apt-config can't be asked: is this a machine with apt?", {
      cause: error,
    });
  }
}
