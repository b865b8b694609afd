/** `samebits rebuild debian`: really rebuilds, compares, signs what came out. */
import { basename } from "node:path";
import type { Command } from "commander";
import { ClientError, EXIT } from "../../errors.ts";
import { Ground, readGiven, rebuildDebian } from "../../rebuild/index.ts";
import type { Request } from "../../rebuild/index.ts";
import { parseEvery } from "../duration.ts";
import { addCommonOptions, openConfig } from "../options.ts";
import { openPrinter } from "../print.ts";
import { rebuildMany } from "./debian-many.ts";
import { addDebianOptions, groundOf, requestOf, siteOf } from "./debian-options.ts";
import type { DebianOptions } from "./debian-options.ts";
import { reportRebuild, statusOf } from "./debian-report.ts";
import { signRebuild, workOf } from "./debian-sign.ts";
import { watched } from "./watched.ts";

export function defineDebian(command: Command): void {
  addDebianOptions(addCommonOptions(command))
    .addHelpText(
      "after",
      `
The build runs in namespaces of its own, without a network, as a user that is nobody outside. Needs mmdebstrap; as a
plain user uidmap too, and ids in /etc/subuid. Ends with 0 where all is as in the archive, 1 where a file is another
one (its cause is said, and signed), 2 where the build failed (signed too).

Examples:
  samebits rebuild debian usrmerge
  samebits rebuild debian kernel-wedge=2.106~deb12u1 --key tu.key --publish
  samebits rebuild debian --dsc hello_2.10-3.dsc --compare hello_2.10-3_amd64.deb --vary
  samebits rebuild debian --follow bookworm/main --shard 2/5 --every 6h --key tu.key --publish
  samebits audit --suggest > list
  samebits rebuild debian --loop list --key tu.key --publish`,
    )
    .action(async (name: string | undefined, options: DebianOptions) => {
      process.exitCode = await rebuild(name, options);
    });
}

async function rebuild(name: string | undefined, options: DebianOptions): Promise<number> {
  const config = await openConfig(options);
  const printer = openPrinter(options);
  assertSense(name, options);
  const site = siteOf(options, config);
  const work = await workOf(options, config, printer);
  if (work !== null && (options.follow !== undefined || options.loop !== undefined)) {
    await rebuildMany({ options, config, site, work, printer });
    return EXIT.ok;
  }
  const what = whatOf(name, options);
  const output = options.output ?? folderFor(what);
  const common = requestOf(options, config);
  const { buildinfo = null, compare = [], dsc = null } = options;
  const given = await readGiven(dsc, buildinfo, compare, common.namespace);
  const wanted = await groundOf(options);
  const result = await watched(printer, async (tell) => {
    const ground = await Ground.lay(site, wanted, tell);
    try {
      return await rebuildDebian(ground, { ...common, what, given, output }, tell);
    } finally {
      await ground.close();
    }
  });
  reportRebuild(result, printer);
  if (work !== null) await signRebuild(result, output, work);
  return statusOf(result);
}

/** Throws `usage/bad-option` for what makes no sense together. */
function assertSense(name: string | undefined, options: DebianOptions): void {
  const { dsc, follow, loop, shard, every, retry, key, compare, buildinfo, replace } = options;
  const ways = [name, dsc, follow, loop].filter((way) => way !== undefined).length;
  if (ways !== 1)
    throw bad("name a package, a .dsc with --dsc, a suite with --follow or a list with --loop: one of them");
  const isMany = follow !== undefined || loop !== undefined;
  if (isMany && key === undefined) throw bad("--follow and --loop need --key: whose results are they?");
  if (isMany && (compare ?? buildinfo ?? replace) !== undefined)
    throw bad("--compare, --buildinfo and --replace are about one package, not about many");
  if (shard !== undefined && follow === undefined) throw bad("--shard goes with --follow");
  if ((every !== undefined || retry === true) && !isMany)
    throw bad("--every and --retry go with --follow or --loop");
  if (every !== undefined) parseEvery(every);
  if (every !== undefined && (retry === true || loop === "-"))
    throw bad(
      "--every goes neither with --retry, which would try what always fails for ever, nor with --loop -",
    );
  if (options.offline === true && options.base === undefined)
    throw bad("--offline needs --base: making a system to build in would fetch it");
}

function whatOf(name: string | undefined, { dsc }: DebianOptions): Request["what"] {
  if (dsc !== undefined) return { dsc };
  const [, source, version] = /^([a-z0-9][a-z0-9+.-]+)(?:=([A-Za-z0-9.+~:-]+))?$/.exec(name ?? "") ?? [];
  if (source === undefined) throw bad(`${name}: write PACKAGE or PACKAGE=VERSION, e.g. usrmerge=37~deb12u1`);
  return { name: source, version: version ?? null };
}

/** `hello_2.10-3`, in the working folder. */
function folderFor(what: Request["what"]): string {
  if ("dsc" in what) return basename(what.dsc, ".dsc");
  return `${what.name}_${what.version?.replaceAll(":", "%3a") ?? "newest"}`;
}

function bad(why: string): ClientError {
  return new ClientError("usage/bad-option", why);
}
