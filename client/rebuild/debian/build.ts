/** The build itself: what it needs is installed with a network, and built without one, by a user who can do nothing else. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { MAX_BUILDINFO_BYTES, parseBuildinfo, sha256 } from "../../../protocol/index.ts";
import type { Buildinfo, CommandRun, Printed } from "../../../protocol/index.ts";
import { parseFile } from "../../artifact/index.ts";
import type { ListedPackage } from "../../install/index.ts";
import { ClientError } from "../../errors.ts";
import { APT_GET } from "./archive.ts";
import type { Builder, Room } from "./room.ts";
import { contentOf, SOURCE_FOLDER } from "./source.ts";
import type { Source } from "./source.ts";

/** What is to be built of a source, in one run of dpkg-buildpackage. */
export interface BuildPlan {
  /** `-b` all, `-B` what depends on the architecture, `-A` what does not. */
  readonly which: "-b" | "-B" | "-A";
  /** An entry for the top of the changelog, as a binNMU has it; null for none. */
  readonly changelog: string | null;
  /** Where the source is unpacked to. */
  readonly path: string;
  readonly builder: Builder;
  readonly timeoutMs: number;
}

/** How a build ended. */
export interface BuildEnd {
  /** dpkg-buildpackage as it ran; what it printed on both streams as its stdout. */
  readonly run: CommandRun;
  /** Why it failed, in words; null = it succeeded. */
  readonly failure: string | null;
  /** What it left; null where it failed. */
  readonly built: Built | null;
}

/** What a build left in its folder. */
export interface Built {
  readonly run: CommandRun;
  readonly folder: string;
  /** In that folder. */
  readonly buildinfoFile: string;
  readonly buildinfoBytes: Uint8Array;
  readonly buildinfo: Buildinfo;
}

const BUILD_COMMAND = ["dpkg-buildpackage", "-us", "-uc"] as const;
/** Debian's own builders and its reproducibility tests build here. */
const BUILD_FOLDER = "/build/reproducible-path";
const NOTHING: Printed = { sha256: sha256(new Uint8Array()), length: 0 };
/** A folder of the builder's own, and a name for the builder. */
const PLACE = String.raw`rm -rf "$1" && mkdir -p "$1" && chown "$2:$2" "$1"
grep -q ^builder: /etc/passwd || printf 'builder:x:%s:%s::/nonexistent:/bin/sh\n' "$2" "$2" >> /etc/passwd`;
/** Where packages wait for all runs to end, closed to builders: each run empties the folder that it builds in. */
const ASIDE_FOLDER = "/built";
const ASIDE = String.raw`folder=$1 to=$2; shift 2
mkdir -p "$(dirname "$to")" && chmod 700 "$(dirname "$to")" && mkdir "$to" && cd "$folder" && mv -- "$@" "$to"`;
/** One of these has nothing to do with what a build is to give. */
const USUAL_UID = 1000;

/** A builder whose user, time zone, mask and processor count are the usual ones; `check` = the package's own tests are run. */
export function usualBuilder(check: boolean): Builder {
  return builderOf(USUAL_UID, { TZ: "UTC", LC_ALL: "C.UTF-8" }, "022", availableParallelism(), check);
}

/** One who has nothing of that in common with the usual one: what comes out must not depend on it. */
export function variedBuilder(check: boolean): Builder {
  return builderOf(USUAL_UID + 700, { TZ: "XYZ-14", LC_ALL: "C" }, "002", 1, check);
}

function builderOf(
  uid: number,
  variables: Readonly<Record<string, string>>,
  umask: string,
  processes: number,
  check: boolean,
): Builder {
  const options = [`parallel=${processes}`, ...(check ? [] : ["nocheck"])].join(" ");
  return { uid, environment: { ...variables, DEB_BUILD_OPTIONS: options }, umask };
}

/** Where a source is built; `varied` = elsewhere than everybody does. */
export function buildPathOf({ name, version }: Source, varied: boolean): string {
  const folder = `${name}-${version.replace(/^[0-9]+:/, "").replace(/-[^-]*$/, "")}`;
  return join(varied ? "/srv/another/place/to-build-in" : BUILD_FOLDER, folder);
}

/** What is to be installed, and from where. */
export interface Needs {
  /** `name (= version)`: those that the archive offers are installed in this very version. */
  readonly exact: readonly string[];
  readonly listed: readonly ListedPackage[];
  readonly log: string;
  readonly offline: boolean;
}

/** Installs what a source needs to be built. Throws `rebuild/no-dependencies`. */
export async function installNeeds(room: Room, { dsc }: Source, needs: Needs): Promise<void> {
  const { exact, listed, log, offline } = needs;
  const offered = new Set(listed.map(({ name, version }) => `${name} (= ${version})`));
  const wanted = exact
    .filter((one) => offered.has(one))
    .map((one) => one.replace(/^(\S+) \(= (\S+)\)$/, "$1=$2"));
  const steps: (readonly [string, ...string[]])[] = [
    [...APT_GET, "build-dep", join(SOURCE_FOLDER, dsc)],
    ...(wanted.length === 0 ? [] : [[...APT_GET, "--allow-downgrades", "install", ...wanted] as const]),
  ];
  for (const argv of steps) {
    const { status, said } = await room.run({ argv, network: !offline }, log);
    if (status === 0) continue;
    const lines = said.trim().split("\n").slice(-4).join("; ");
    throw new ClientError(
      "rebuild/no-dependencies",
      `what ${dsc} needs can't be installed: ${lines}; the log is ${log}`,
    );
  }
}

/** Builds. Throws what `parseBuildinfo` throws, and `rebuild/bad-build`. */
export async function build(room: Room, { dsc }: Source, plan: BuildPlan, log: string): Promise<BuildEnd> {
  const { path, builder, which, changelog, timeoutMs } = plan;
  const folder = join(path, "..");
  await room.must({ argv: ["sh", "-c", PLACE, "sh", folder, String(builder.uid)] });
  const started = Date.now();
  const command = [...BUILD_COMMAND, which] as const;
  const ended = async (argv: readonly [string, ...string[]], name: string): Promise<BuildEnd> => {
    const end = await room.run({ argv, as: builder, timeoutMs }, log);
    const run = {
      command,
      status: end.status,
      started,
      finished: Date.now(),
      stdout: end.printed,
      stderr: NOTHING,
    };
    const failure = end.timedOut
      ? `${name} took longer than ${timeoutMs / 1_000} seconds`
      : `${name} ended with ${end.status}`;
    return { run, failure: end.status === 0 ? null : failure, built: null };
  };
  const unpack = ["dpkg-source", "--no-check", "--extract", join(SOURCE_FOLDER, dsc), path] as const;
  const unpacked = await ended(unpack, "dpkg-source");
  if (unpacked.failure !== null) return unpacked;
  if (changelog !== null) await addEntry(room, path, changelog, builder);
  const end = await ended(["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", path, ...command], "the build");
  if (end.failure !== null) return end;
  const found = await room.must({ argv: ["sh", "-c", 'cd "$1" && ls -- *.buildinfo', "sh", folder] });
  const [buildinfoFile = ""] = found.trim().split("\n");
  const bytes = await contentOf(room, join(folder, buildinfoFile), MAX_BUILDINFO_BYTES);
  const buildinfo = parseFile(buildinfoFile, () => parseBuildinfo(bytes));
  return { ...end, built: { run: end.run, folder, buildinfoFile, buildinfoBytes: bytes, buildinfo } };
}

/** Takes the packages of a run out of the way of the next one; `run` = which it was. Throws `rebuild/bad-build`. */
export async function setAside(room: Room, built: Built, run: number): Promise<Built> {
  const files = built.buildinfo.files.map(({ file }) => file).filter(isPackage);
  if (files.length === 0) return built;
  const folder = join(ASIDE_FOLDER, String(run));
  await room.must({ argv: ["sh", "-c", ASIDE, "sh", built.folder, folder, ...files] });
  return { ...built, folder };
}

/** Whether a file of a build is one of its packages. */
export function isPackage(file: string): boolean {
  return /\.u?deb$/.test(file);
}

/** A binNMU has no source of its own: its entry goes on top of the source's changelog, an empty line between them. */
async function addEntry(room: Room, path: string, entry: string, builder: Builder): Promise<void> {
  const script =
    'cd "$1/debian" && { cat && echo && cat changelog; } > changelog.new && mv changelog.new changelog';
  await room.must({
    argv: ["sh", "-c", script, "sh", path],
    as: builder,
    input: Readable.from([Buffer.from(entry)]),
  });
}

/** The entry of a binNMU, out of the archive's own package. Throws `rebuild/bad-build`. */
export async function entryOf(room: Room, deb: string, name: string, architecture: string): Promise<string> {
  const member = `./usr/share/doc/${name}/changelog.Debian.${architecture}.gz`;
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -xO "$2" | gzip -dc';
  return room.must({ argv: ["sh", "-c", script, "sh", deb, member] });
}
