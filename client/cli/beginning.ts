import { beginBy } from "../begin.ts";
import type { Beginning } from "../begin.ts";
import type { Config } from "../config.ts";
import type { Policies } from "../policy-file.ts";
import type { Printer } from "./print.ts";

/**
 * Where a command begins: as the user says, else as the trust domain does, which names nothing of a private network that the user does not.
 * `named`: the places that the command was given.
 */
export async function beginningOf(
  config: Config,
  policies: Policies | null,
  named: readonly string[],
  printer: Printer,
): Promise<Beginning> {
  const begin = await beginBy(config, {
    places: policies?.places ?? null,
    named: [...(policies?.domain?.state.from ?? []), ...named],
  });
  for (const warning of begin.warnings) printer.note(`samebits: ${warning}`);
  return begin;
}

/** By this two answers to "who counts, and where does one begin" are told apart. */
export function markOf(policies: Policies | null): string {
  return JSON.stringify([policies?.all.map(({ policy }) => policy.sha256), policies?.places]);
}
