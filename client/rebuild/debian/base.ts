/** The systems that builds begin with: Debian's `buildd` variant as mmdebstrap makes it, once for each suite and architecture. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, createReadStream, existsSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { join, resolve } from "node:path";
import { sha256Hex, utf8 } from "../../../protocol/index.ts";
import { unreadable } from "../../artifact/index.ts";
import { ClientError } from "../../errors.ts";
import { systemCode } from "../../folder.ts";
import { locked } from "../../lock.ts";
import { untranslated } from "../../output-of.ts";
import { assertGoesOn, atSite } from "./room.ts";
import type { Site } from "./room.ts";
import { collected } from "./streams.ts";

/** Which Debian, and from where. */
export interface Suite {
  /** `bookworm`, `sid` */
  readonly name: string;
  /** `amd64` */
  readonly architecture: string;
  readonly components: readonly string[];
  readonly mirror: string;
  /** Null for suites without security updates of their own. */
  readonly securityMirror: string | null;
}

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** Suites that nothing is added to but by uploads to them. */
const ROLLING: ReadonlySet<string> = new Set(["sid", "unstable", "experimental"]);
/** ms after which a base is made anew: by then most of it would be updated in each build. */
const BASE_AGE_MS: number = 30 * 24 * 60 * 60 * 1000;
/** ms that another command may need to make one. */
const MAKING_MS = 900_000;
const BASES = "bases";
const STAMP = "used";
/** Says that a base is used, and takes away those that nobody has used for 90 days. */
const USED =
  'touch "$2" && find "$1" -mindepth 2 -maxdepth 2 -name used -mtime +90 -exec sh -c \'for used; do rm -rf "${used%/*}"; done\' sh {} +';
const MAX_SAID = 2_000;

/** The base of a suite, a folder of the site's; made where it lacks, anew every BASE_AGE_MS. Throws `rebuild/no-chroot`, `rebuild/no-isolation`. */
export async function baseOf(site: Site, suite: Suite, making: (what: string) => void): Promise<string> {
  const period = Math.floor(Date.now() / BASE_AGE_MS);
  const kind = `${suite.name}-${suite.architecture}-${suite.components.join("-")}`;
  return filled(site, `${kind}-${period}`, (base) => {
    making(`making a system to build in: ${suite.name} for ${suite.architecture}, once`);
    return unpackInto(site, base, suite);
  });
}

/** The base that a tar archive is, as mmdebstrap or sbuild make them; unpacked once. Throws as `baseOf`, and `input/…`. */
export async function baseFrom(site: Site, archive: string, making: (what: string) => void): Promise<string> {
  let there: Stats;
  try {
    accessSync(archive, constants.R_OK);
    there = statSync(archive);
  } catch (error) {
    throw unreadable(archive, error);
  }
  if (!there.isFile())
    throw new ClientError("input/unreadable", `${archive}: it is no file: name a tar archive`);
  const state = sha256Hex(utf8(`${resolve(archive)} ${there.size} ${there.mtimeMs}`)).slice(0, 16);
  return filled(site, `from-${state}`, (base) => {
    making(`unpacking ${archive}, once`);
    return atSite(site, untar(base), createReadStream(archive));
  });
}

/** A base of this name, filled by one command at a time, whole or not at all: nobody takes one without its stamp. What nobody has used for long goes. */
async function filled(site: Site, name: string, fill: (base: string) => Promise<void>): Promise<string> {
  const folder = join(BASES, name);
  const base = join(folder, "base");
  const use = async (): Promise<string> => {
    const isThere = existsSync(join(site.folder, folder, STAMP));
    if (!isThere) {
      await atSite(site, ["sh", "-c", 'rm -rf "$1" && mkdir -p "$2"', "sh", folder, base]);
      await fill(base);
    }
    await atSite(site, ["sh", "-c", USED, "sh", BASES, join(folder, STAMP)]);
    return base;
  };
  return locked(join(site.folder, "lock"), "rebuild/busy", use, MAKING_MS);
}

/** Devices are those of the room. */
function untar(base: string): readonly [string, ...string[]] {
  return ["tar", "--numeric-owner", "--exclude=./dev/*", "-C", base, "-xf", "-"];
}

/** apt's sources of a suite, binaries and sources. */
function sourcesList(suite: Suite): string {
  const { name, components, mirror, securityMirror } = suite;
  const places = ROLLING.has(name)
    ? [[mirror, name]]
    : [
        [mirror, name],
        [mirror, `${name}-updates`],
        ...(securityMirror === null ? [] : [[securityMirror, `${name}-security`]]),
      ];
  return places
    .flatMap((place) =>
      ["deb", "deb-src"].map(
        (kind) => `${kind} [signed-by=${KEYRING}] ${place.join(" ")} ${components.join(" ")}\n`,
      ),
    )
    .join("");
}

/** mmdebstrap makes it, and nobody outside of the namespace ever owns a file of it. */
async function unpackInto(site: Site, base: string, suite: Suite): Promise<void> {
  if (!existsSync(KEYRING)) throw noBase(`${KEYRING} is not here: sudo apt install debian-archive-keyring`);
  const options = [
    "--variant=buildd",
    "--skip=check/empty",
    "--format=tar",
    `--architectures=${suite.architecture}`,
  ];
  const child = spawn("mmdebstrap", [...options, suite.name, "-", "-"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: untranslated(),
    signal: site.signal,
  });
  const said = collected(MAX_SAID);
  child.stderr.pipe(said).resume();
  child.stdin.on("error", () => undefined);
  child.stdin.end(sourcesList(suite));
  const failure = (once(child, "close") as Promise<[number | null]>).then(
    ([status]) =>
      status === 0 ? null : noBase(said.tail().trim().split("\n").slice(-4).join("; ") || String(status)),
    (error: unknown) =>
      noBase(
        systemCode(error) === "ENOENT"
          ? "mmdebstrap is not here: sudo apt install mmdebstrap"
          : String(error),
      ),
  );
  const [first, second] = await Promise.allSettled([
    failure.then((error) => (error === null ? null : Promise.reject(error))),
    atSite(site, untar(base), child.stdout),
  ]);
  assertGoesOn(site.signal);
  // What tar says of an archive that ends early is no news.
  for (const end of [first, second]) if (end.status === "rejected") throw end.reason;
}

function noBase(why: string): ClientError {
  return new ClientError("rebuild/no-chroot", `no system to build in could be made: ${why}`);
}
