/** A rebuild of a Debian source package: from the source to what came out, and how that compares with what the archive has. */
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { MAX_BUILDINFO_BYTES, parseBuildinfo } from "../../../protocol/index.ts";
import type { Buildinfo, CommandRun } from "../../../protocol/index.ts";
import { parseFile, readWhole } from "../../artifact/index.ts";
import { ClientError } from "../../errors.ts";
import { makeFolder } from "../../folder.ts";
import type { ListedPackage } from "../../install/index.ts";
import { binariesOf, sourceOf } from "./archive.ts";
import { build, buildPathOf, entryOf, installNeeds, setAside, usualBuilder, variedBuilder } from "./build.ts";
import type { BuildPlan, Built } from "./build.ts";
import { fetchDeb } from "./deb.ts";
import { groupsOf, listedFiles, namedFiles } from "./expected.ts";
import type { Expected, Group } from "./expected.ts";
import type { Ground, Telling } from "./ground.ts";
import { outputsOf } from "./outputs.ts";
import type { Output } from "./outputs.ts";
import type { Room } from "./room.ts";
import { bringSource, fetchSource, readDsc } from "./source.ts";
import type { Source } from "./source.ts";

/** What is to be rebuilt, and how. */
export interface Request {
  /** A source or binary package of the archive (`version` null = the newest), or a .dsc with its files beside it. */
  readonly what: { readonly name: string; readonly version: string | null } | { readonly dsc: string };
  /** Of the package URLs: `debian`. */
  readonly namespace: string;
  readonly given: Given;
  /** Built by another user, in another place, time zone and mask than usual. */
  readonly varied: boolean;
  /** The package's own tests are run. */
  readonly check: boolean;
  readonly timeoutMs: number;
  /** Gets all that is kept: packages, .buildinfo, log, reports. Made where it lacks. */
  readonly output: string;
}

/** What files of the user's say. */
export interface Given {
  /** The build that is repeated: its versions are installed where the archive still has them, its path is taken. Null for none. */
  readonly repeated: Buildinfo | null;
  /** Compared with before the archive's. */
  readonly byUser: readonly Expected[];
}

/** Reads them, before anything is fetched: nobody waits for minutes to learn that a file is not there. Throws `input/…`, and what the parsers throw. */
export async function readGiven(
  dsc: string | null,
  buildinfo: string | null,
  compare: readonly string[],
  namespace: string,
): Promise<Given> {
  if (dsc !== null) readDsc(dsc);
  const bytes = buildinfo === null ? null : readWhole(buildinfo, MAX_BUILDINFO_BYTES);
  const repeated = bytes === null ? null : parseFile(buildinfo ?? "", () => parseBuildinfo(bytes));
  return { repeated, byUser: await namedFiles(compare, namespace) };
}

/** What came of it. */
export interface Rebuild {
  readonly source: Source;
  readonly expected: readonly Expected[];
  /** Empty where the build failed. */
  readonly outputs: readonly Output[];
  /** Why there are none; null where it succeeded. */
  readonly failure: string | null;
  /** The run that failed; null where it succeeded. */
  readonly run: CommandRun | null;
  /** `name (= version)` that the .buildinfo which was named lists, and that were not installed. */
  readonly drift: readonly string[];
  readonly log: string;
}

const LOG = "build.log";

/**
 * Rebuilds. A build that fails is a result; throws where none can be had: `rebuild/…`, `input/…`, `output/…`, and what the parsers throw.
 */
export async function rebuildDebian(ground: Ground, request: Request, tell: Telling): Promise<Rebuild> {
  const { output } = request;
  makeFolder(output);
  tell("reading the archive's lists");
  const listed = await ground.binaries();
  const room = await ground.open();
  try {
    return await rebuildIn(room, request, { listed, offline: ground.options.offline }, tell);
  } finally {
    tell("tidying up");
    await room.close();
  }
}

/** What a rebuild knows of the archive. */
interface Archive {
  readonly listed: readonly ListedPackage[];
  readonly offline: boolean;
}

async function rebuildIn(
  room: Room,
  request: Request,
  { listed, offline }: Archive,
  tell: Telling,
): Promise<Rebuild> {
  const { what, namespace, output, given } = request;
  const { repeated, byUser } = given;
  tell("fetching the source");
  const source =
    "dsc" in what ? await bringSource(room, what.dsc) : await fetchSource(room, ...named(what, listed));
  assertOf(repeated, source);
  const expected = merged(byUser, listedFiles(binariesOf(listed, source), namespace));
  const log = join(output, LOG);
  await rm(log, { force: true });
  tell(`installing what ${source.name} needs to be built`);
  const exact = repeated?.installed ?? [];
  await installNeeds(room, source, { exact, listed, log, offline });
  const made: Built[] = [];
  for (const group of groupsOf(expected, source.version)) {
    const plan = await planOf(room, group, source, request);
    tell(`building ${source.name} ${source.version} without a network`);
    const { run, failure, built } = await build(room, source, plan, log);
    if (built === null) return { source, expected, outputs: [], failure, run, drift: [], log };
    made.push(await setAside(room, built, made.length));
  }
  tell("comparing");
  const drift = made.flatMap(({ buildinfo }) => driftOf(repeated, buildinfo));
  const where = { namespace, folder: output, source: source.name, listed };
  const outputs = await outputsOf(room, made, expected, { ...where, drifted: drift.length });
  return { source, expected, outputs, failure: null, run: null, drift, log };
}

/** Throws `artifact/mismatch` for the .buildinfo of another source. */
function assertOf(repeated: Buildinfo | null, { name, version }: Source): void {
  if (repeated === null) return;
  const said = `${repeated.source} ${repeated.sourceVersion ?? repeated.version}`;
  if (said === `${name} ${version}`) return;
  throw new ClientError(
    "artifact/mismatch",
    `the .buildinfo is of ${said}, and ${name} ${version} is to be rebuilt; name the one of that build`,
  );
}

/** What the user names, and what the archive has beside it. */
function merged(byUser: readonly Expected[], byArchive: readonly Expected[]): readonly Expected[] {
  const said = new Set(byUser.map(({ target }) => target.keyHex));
  return [...byUser, ...byArchive.filter(({ target }) => !said.has(target.keyHex))];
}

/** A binary's name and version lead to its source's; what the lists do not have is left to apt, which says why. */
function named(
  { name, version }: { readonly name: string; readonly version: string | null },
  listed: readonly ListedPackage[],
): readonly [string, string | null] {
  if (version !== null) {
    const source = sourceOf(listed, name, version);
    return source === null ? [name, version] : [source.name, source.version];
  }
  if (listed.some(({ source }) => source.name === name)) return [name, null];
  return [listed.find((one) => one.name === name)?.source.name ?? name, null];
}

async function planOf(
  room: Room,
  { which, rebuiltAs }: Group,
  source: Source,
  { varied, check, timeoutMs, given: { repeated } }: Request,
): Promise<BuildPlan> {
  const builder = varied ? variedBuilder(check) : usualBuilder(check);
  const path = (varied ? null : safePath(repeated?.path ?? null)) ?? buildPathOf(source, varied);
  return { which, builder, path, timeoutMs, changelog: await changelogOf(room, rebuiltAs, repeated) };
}

/** A path that somebody's .buildinfo names: absolute, plain, and at least two folders deep, as builders have it. */
function safePath(path: string | null): string | null {
  return path !== null &&
    /^(?:\/[A-Za-z0-9+~_-][A-Za-z0-9+~._-]*){2,16}$/.test(path) &&
    /^\/(?:build|srv|home|tmp)\//.test(path)
    ? path
    : null;
}

async function changelogOf(
  room: Room,
  rebuiltAs: Expected | null,
  repeated: Buildinfo | null,
): Promise<string | null> {
  if (repeated !== null) return repeated.changelog;
  if (rebuiltAs === null) return null;
  const inside = "/tmp/rebuilt-as.deb";
  if (rebuiltAs.path !== null) await room.copyIn(createReadStream(rebuiltAs.path), inside);
  else if (rebuiltAs.listed !== null) await fetchDeb(room, rebuiltAs.listed, inside);
  const [name = ""] = rebuiltAs.target.file.split("_");
  return entryOf(room, inside, name, rebuiltAs.architecture);
}

function driftOf(repeated: Buildinfo | null, ours: Buildinfo): readonly string[] {
  if (repeated === null) return [];
  const installed = new Set(ours.installed);
  return repeated.installed.filter((one) => !installed.has(one));
}
