/** A machine that relies on a trust domain, and on nothing else. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fingerprintOf } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { delegationTo, rootOf, signedBy, targetsOf } from "../../protocol/trust/domains.ts";
import { alice, bob, OWNERS } from "../trust/rig.ts";
import { Site } from "../trust/site.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";
import { envelopes, FILE, keyOf, member, NETWORK, policyText, PURL, SAME, TOOL } from "./stage.ts";
import type { Member } from "./stage.ts";

export const DAY: number = 86_400_000;
export const NOW: number = Date.now();
export const END: number = NOW + 60 * DAY;
const FIRST: Uint8Array = signedBy(rootOf(1, OWNERS, 2, { expires: NOW + 365 * DAY }), "root", alice, bob);
export const PIN: string = fingerprintOf(FIRST);
/** Those who may be builders; what the first two have signed of the tool is in the bundle. */
export const one: Member = member(1);
export const two: Member = member(2);
export const three: Member = member(3);
export const bundle: string = join(await newFolder(), "bundle");
await writeFile(bundle, envelopes(...[one, two].map((by) => keyOf(by).link(TOOL, SAME))));

interface Said {
  readonly builders: readonly Member[];
  readonly k: number;
  readonly expires?: number;
  /** The delegate `tools`, for all generic packages. */
  readonly tools?: { readonly builders: readonly Member[]; readonly k: number; readonly expires?: number };
}

export async function release(
  site: Site,
  version: number,
  { builders, k, expires = END, tools }: Said,
): Promise<void> {
  const files = [
    await site.file("policy.toml", policyText(builders, [], k)),
    await site.file("domain.toml", `version = 1\nnetwork = "${NETWORK}"\n`),
  ];
  const delegations = tools === undefined ? [] : [delegationTo("tools", bob, { purls: ["pkg:generic/*"] })];
  await site.put(
    { role: [] },
    signedBy(targetsOf(version, { files, delegations, expires }), "targets", alice),
  );
  if (tools === undefined) return;
  const own = [await site.file("tools/policy.toml", policyText(tools.builders, [], tools.k))];
  const document = targetsOf(version + 10, { files: own, expires: tools.expires ?? END });
  await site.put({ role: ["tools"] }, signedBy(document, "targets", bob));
}

/** A machine that has pinned a domain which says so, and knows nothing else. */
export class Machine {
  readonly home: string;
  readonly site: Site;
  readonly file: string;

  private constructor(home: string, site: Site) {
    this.home = home;
    this.site = site;
    this.file = join(home, FILE);
  }

  static async open(said: Said): Promise<Machine> {
    const machine = new Machine(await newFolder(), await Site.open());
    await writeFile(machine.file, SAME);
    await machine.site.put({ root: 1 }, FIRST);
    await release(machine.site, 1, said);
    await machine.run("trust", "add", PIN, "--from", machine.site.folder);
    return machine;
  }

  run(...argv: string[]): Promise<Ran> {
    return runCommand(argv, this.home);
  }

  verify(...options: string[]): Promise<Ran> {
    return this.run("verify", this.file, "--purl", PURL, "--offline", "--bundle", bundle, ...options);
  }

  async release(version: number, said: Said): Promise<Ran> {
    await release(this.site, version, said);
    return this.run("trust", "update");
  }

  async write(name: string, text: string): Promise<string> {
    await mkdir(join(this.home, "config/samebits"), { recursive: true });
    await writeFile(join(this.home, "config/samebits", name), text);
    return join(this.home, "config/samebits", name);
  }
}
