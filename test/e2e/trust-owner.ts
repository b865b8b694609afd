/** One owner of a trust domain, who releases what it says, and commands that know nothing but what stands in their home. */
import assert from "node:assert/strict";
import { fingerprintOf, toVkey } from "../../protocol/index.ts";
import { runCommand } from "../client/cli/run.ts";
import type { Ran } from "../client/cli/run.ts";
import type { Site } from "../client/trust/site.ts";
import { owner, rootOf, signedBy, targetsOf } from "../protocol/trust/domains.ts";
import type { TestBuilder } from "./claims.ts";

export const DAY = 86_400_000;
const signer = owner(1);

/** A root by the owner alone. */
export function rootFor(version: number, days: number): Uint8Array {
  return signedBy(rootOf(version, [signer], 1, { expires: Date.now() + days * DAY }), "root", signer);
}

export const FIRST: Uint8Array = rootFor(1, 365);
export const PIN: string = fingerprintOf(FIRST);

/** What a release says; places as lines of `domain.toml`. */
export interface Release {
  readonly builders: readonly TestBuilder[];
  /** How many of them have to agree; else all. */
  readonly k?: number;
  readonly network: string;
  readonly places?: string;
  /** ms since 1970; else in 60 days. */
  readonly expires?: number;
}

export async function release(
  site: Site,
  version: number,
  { builders, k = builders.length, network, places = "", expires = Date.now() + 60 * DAY }: Release,
): Promise<void> {
  const keys = builders.map(
    ({ raw }, at) => `[builders.b${at}]\nkey = "${toVkey(`b${at}`, raw)}"\nroles = ["r"]\n`,
  );
  const rule = `[[rules]]\nname = "debian"\nmatch = "pkg:deb/debian/*"\nrequire = { k = ${k}, of = "role:r" }\n`;
  const files = [
    await site.file("policy.toml", `version = 1\n${keys.join("")}${rule}`),
    await site.file("domain.toml", `version = 1\nnetwork = "${network}"\n${places}\n`),
  ];
  await site.put({ role: [] }, signedBy(targetsOf(version, { files, expires }), "targets", signer));
}

/** Runs a command, which has to end with `code`. */
export async function ran(home: string, code: number, ...argv: string[]): Promise<Ran> {
  const ended = await runCommand(argv, home);
  assert.equal(ended.code, code, `${argv.join(" ")}: ${ended.out}${ended.err}`);
  return ended;
}
