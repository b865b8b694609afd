import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { writersOf } from "../../install/index.ts";
import type { HookSettings, Manager } from "../../install/index.ts";

/** Of a machine as a whole, where commands of its users have folders of their own. */
export const MACHINE_DATA = "/var/lib/samebits";
export const MACHINE_CONFIG = "/etc/samebits/config.toml";
export const MACHINE_POLICY = "/etc/samebits/policy.toml";
/** A hook's configuration where the machine has none. */
export const NO_CONFIG = "/dev/null";

/** Files that a hook goes by: whoever can change one of them decides what it lets through. */
export function goneBy(policy: string, config: string | undefined): readonly string[] {
  return [
    ...(policy.startsWith("domain:") ? [] : [policy]),
    ...(config === undefined || config === NO_CONFIG ? [] : [config]),
  ];
}

/** What only root may write: who is let by, and what a hook has seen of feeds. */
export function stateOf({ name }: Manager): string {
  return `/var/lib/samebits-${name}`;
}

/** What a hook is told by an option; null where its words have none of that name. */
export function saidIn({ words }: Pick<HookSettings, "words">, option: string): string | null {
  const at = words.indexOf(option);
  return at === -1 ? null : (words[at + 1] ?? null);
}

/** The same folder as a hook says; the usual one where there is no hook. */
export function stateOfHook(hook: Pick<HookSettings, "words"> | null, manager: Manager): string {
  return (hook === null ? null : saidIn(hook, "--state")) ?? stateOf(manager);
}

/** What the name of a mirror begins with that is a folder. */
export const FOLDER = "file:";

/** Throws `usage/bad-option` for a mirror that is elsewhere. */
export function assertNear(mirror: string): void {
  if (mirror.startsWith(FOLDER)) return;
  throw new ClientError(
    "usage/bad-option",
    `--mirror ${mirror}: a hook reads file:DIR only, it asks no network`,
  );
}

/** Whether the package manager goes on where samebits says no. */
export type HookMode = "warn" | "enforce";

/** The node of the data folder, by its socket alone: on a port of this machine anybody may listen (RULES R32). */
export type NodeSocket =
  { readonly kind: "there"; readonly socket: string } | { readonly kind: "none"; readonly why: string };

/** Whose socket it is: root's, or the user's whose folder it lies in, and to whom nobody else may write. */
export function nodeSocket({ data }: Config): NodeSocket {
  const socket = join(data, "api.sock");
  if (!existsSync(socket)) return { kind: "none", why: `no node runs here (there is no ${socket})` };
  const writers = writersOf(socket, new Set([0, statSync(data).uid]));
  return writers === null
    ? { kind: "there", socket }
    : { kind: "none", why: `the node's socket is not to be trusted: ${writers}` };
}
