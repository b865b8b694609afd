/** What the archive offers, read in a room from the lists that apt has fetched and checked there. */
import { MAX_LIST_TARGETS } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { readPackagesList } from "../../install/index.ts";
import type { ListedPackage } from "../../install/index.ts";
import type { Room } from "./room.ts";
import { readSourcesList } from "./sources-list.ts";
import type { ListedSource } from "./sources-list.ts";

const HELPER = "/usr/lib/apt/apt-helper";
/** Installs without asking, and no more than is needed. */
export const APT_GET = ["apt-get", "--yes", "--no-install-recommends", "-o", "Acquire::Retries=3"] as const;

/** Brings a room's lists up to date. Throws `rebuild/no-archive`. */
export async function updateLists(room: Room): Promise<void> {
  const retries = ["-o", "Acquire::Retries=3", "-o", "Acquire::Languages=none"];
  const argv = ["apt-get", ...retries, "--error-on=any", "update"] as const;
  const { status, said } = await room.run({ argv, network: true });
  if (status === 0) return;
  const lines = said.split("\n").filter((line) => /^[EW]:/.test(line));
  throw new ClientError(
    "rebuild/no-archive",
    `the archive's lists can't be fetched: ${lines.slice(0, 3).join("; ") || said.trim().slice(-300)}; name another mirror with --mirror`,
  );
}

/** Brings what is installed up to date. Throws `rebuild/no-archive`. */
export async function upgrade(room: Room): Promise<void> {
  const { status, said } = await room.run({ argv: [...APT_GET, "dist-upgrade"], network: true });
  if (status === 0) return;
  const lines = said.trim().split("\n").slice(-3).join("; ");
  throw new ClientError("rebuild/no-archive", `the system to build in can't be brought up to date: ${lines}`);
}

/** All binary packages that the archive offers for the room's architecture. Throws `input/…`, `rebuild/bad-build`. */
export async function listedBinaries(room: Room): Promise<readonly ListedPackage[]> {
  const listed: ListedPackage[] = [];
  for (const path of await listsOf(room, "Packages"))
    for await (const one of readPackagesList(room.read({ argv: [HELPER, "cat-file", path] }), path))
      listed.push(one);
  return listed;
}

/**
 * All source packages that the archive offers, of one component or of all; what was added last to a suite first: its security updates, its other
 * updates, then the suite. Throws `input/…`, `rebuild/bad-build`.
 */
export async function listedSources(room: Room, component: string | null): Promise<readonly ListedSource[]> {
  const listed: ListedSource[] = [];
  const paths = await listsOf(room, "Sources", component === null ? [] : [`Component: ${component}`]);
  for (const path of paths.toSorted((a, b) => ageOf(a) - ageOf(b)))
    for await (const one of readSourcesList(room.read({ argv: [HELPER, "cat-file", path] }), path))
      listed.push(one);
  return listed;
}

/** By the name that apt gives a list: `deb.debian.org_debian-security_dists_bookworm-security_main_source_Sources`. */
function ageOf(path: string): number {
  const [, suite = ""] = /_dists_([^_]+)_/.exec(path) ?? [];
  return suite.endsWith("-security") ? 0 : suite.endsWith("-updates") ? 1 : 2;
}

/** The files of apt's lists of a kind. */
async function listsOf(
  room: Room,
  kind: "Packages" | "Sources",
  more: readonly string[] = [],
): Promise<readonly string[]> {
  const text = await room.must({
    argv: ["apt-get", "indextargets", "--format", "$(FILENAME)", `Created-By: ${kind}`, ...more],
  });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .slice(0, MAX_LIST_TARGETS);
}

/** The source of a package, by its own name and version or by those of a binary; null where the archive has neither. */
export function sourceOf(
  listed: readonly ListedPackage[],
  name: string,
  version: string,
): ListedPackage["source"] | null {
  const isSource = listed.some(({ source }) => source.name === name && source.version === version);
  if (isSource) return { name, version };
  return listed.find((one) => one.name === name && one.version === version)?.source ?? null;
}

/** The binaries of a source, in the archive's order. */
export function binariesOf(
  listed: readonly ListedPackage[],
  source: ListedPackage["source"],
): readonly ListedPackage[] {
  return listed.filter((one) => one.source.name === source.name && one.source.version === source.version);
}
