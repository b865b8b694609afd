/** What `samebits rebuild debian` can be told, and what it means. */
import { join } from "node:path";
import type { Command } from "commander";
import type { CommonOptions, Config } from "../../config.ts";
import { ClientError } from "../../errors.ts";
import { osRelease } from "../../os-release.ts";
import { outputOf } from "../../output-of.ts";
import type { GroundOptions, Request, Site, Suite } from "../../rebuild/index.ts";
import { parseTimeout } from "../duration.ts";
import { stopSignal } from "../stop-signal.ts";

export interface DebianOptions extends CommonOptions {
  readonly dsc?: string;
  readonly buildinfo?: string;
  readonly compare?: readonly string[];
  readonly suite?: string;
  readonly component: readonly string[];
  readonly mirror: string;
  readonly securityMirror: string;
  readonly base?: string;
  readonly offline?: boolean;
  readonly vary?: boolean;
  readonly check: boolean;
  readonly timeout: string;
  readonly chroots?: string;
  readonly output?: string;
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly replace?: boolean;
  readonly publish?: boolean;
  readonly follow?: string;
  readonly shard?: string;
  readonly loop?: string;
  readonly every?: string;
  readonly retry?: boolean;
  readonly normalForm?: boolean;
}

/** Adds all but the common options. */
export function addDebianOptions(command: Command): Command {
  return command
    .argument("[package]", "PACKAGE or PACKAGE=VERSION: a source package of Debian, or a binary one's")
    .option("--dsc <file>", "instead: a .dsc, its files beside it")
    .option(
      "--buildinfo <file>",
      "the build to repeat: its versions where the archive still has them, its path",
    )
    .option("--compare <deb...>", "what to compare with (default: the archive's files of that version)")
    .option("--suite <name>", "bookworm, trixie, sid … (default: this machine's)")
    .option("--component <name...>", "of the archive", ["main"])
    .option(
      "--base <tar>",
      "the system to build in, as mmdebstrap and sbuild make them (default: one is made)",
    )
    .option("--offline", "fetch nothing: --base has all that is needed, --dsc the source")
    .option("--mirror <url>", "a mirror of the archive", "http://deb.debian.org/debian")
    .option("--security-mirror <url>", "one of its security updates", "http://deb.debian.org/debian-security")
    .option("--vary", "build as another user, elsewhere, in another time zone, with another umask")
    .option("--no-check", "leave the package's own tests out")
    .option("--timeout <duration>", "of the build", "6h")
    .option("--chroots <dir>", "where the systems to build in are kept (default: in the data directory)")
    .option("-o, --output <dir>", "for packages, log, reports and envelopes (default: NAME_VERSION here)")
    .option("--key <key>", "sign the results with this key (default: sign nothing)")
    .option("--passphrase-file <file>", "its passphrase is the first line of this file")
    .option("--replace", "take back what this key said before with another digest")
    .option("--publish", "hand the results to the node too")
    .option("--normal-form", "sign also what packages are without debsigs' signatures, as FILE.unsigned")
    .option("--follow <suite>", "rebuild all of SUITE or SUITE/COMPONENT, what is done but once")
    .option("--shard <i/n>", "with --follow: only the I-th of N parts, which others share with you")
    .option("--loop <list>", "rebuild a list of package URLs, one a line (- for stdin)")
    .option(
      "--every <duration>",
      "with --follow or --loop: look again and again, such as 6h, until it is stopped",
    )
    .option("--retry", "with --follow or --loop: try what failed again now, not after its pause");
}

/** What all rebuilds of a command line have in common. */
export function requestOf(
  options: DebianOptions,
  config: Config,
): Omit<Request, "what" | "given" | "output"> {
  return {
    namespace: config.debNamespace ?? "debian",
    varied: options.vary === true,
    check: options.check,
    timeoutMs: parseTimeout("--timeout", options.timeout),
  };
}

/** The system that is built in. Throws `usage/bad-option`. */
export async function groundOf(
  options: DebianOptions,
  followed: string | null = null,
): Promise<GroundOptions> {
  const suite = await suiteOf(options, followed);
  return { suite, base: options.base ?? null, offline: options.offline === true };
}

/** Where systems to build in are; told to stop, it ends what runs there. */
export function siteOf({ chroots }: DebianOptions, { data }: Config): Site {
  return { folder: chroots ?? join(data, "chroots"), signal: stopSignal("SIGHUP") };
}

/** The Debian that is rebuilt. Throws `usage/bad-option`. */
async function suiteOf(options: DebianOptions, followed: string | null): Promise<Suite> {
  const name = followed ?? options.suite ?? thisSuite();
  for (const word of [name, ...options.component]) {
    if (!/^[a-z][a-z0-9.-]*$/.test(word))
      throw new ClientError(
        "usage/bad-option",
        `${word}: no name of a suite or component; e.g. --suite bookworm`,
      );
  }
  for (const url of [options.mirror, options.securityMirror]) {
    if (!/^(?:https?|file):\/\/?[^\s[\]]+$/.test(url))
      throw new ClientError(
        "usage/bad-option",
        `${url}: no address of a mirror; e.g. --mirror http://deb.debian.org/debian`,
      );
  }
  return {
    name,
    architecture: await thisArchitecture(),
    components: options.component,
    mirror: options.mirror,
    securityMirror: options.securityMirror,
  };
}

function thisSuite(): string {
  const fields = osRelease();
  const name = fields.get("VERSION_CODENAME") ?? "";
  if (fields.get("ID") === "debian" && name !== "") return name;
  throw new ClientError(
    "usage/bad-option",
    "this machine is no Debian: say which suite with --suite, e.g. --suite bookworm",
  );
}

async function thisArchitecture(): Promise<string> {
  const names: ReadonlyMap<string, string> = new Map([
    ["x64", "amd64"],
    ["arm64", "arm64"],
    ["ppc64", "ppc64el"],
    ["s390x", "s390x"],
    ["riscv64", "riscv64"],
  ]);
  return (
    await outputOf("dpkg", ["--print-architecture"], 64).catch(() => names.get(process.arch) ?? "amd64")
  ).trim();
}
