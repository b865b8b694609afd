/** The files that pacman is about to install, found as it finds them: by its databases, and in its caches. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import {
  fromUtf8,
  isPrintable,
  MAX_APT_ACTIONS,
  parsePurl,
  ProtocolError,
  quote,
} from "../../protocol/index.ts";
import { readPacmanDb } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { outputOf } from "../output-of.ts";
import type { Held } from "./held.ts";
import type { PacmanCall } from "./pacman-call.ts";

/** Octets of pacman's configuration, as it tells it. */
const MAX_SAID_BYTES = 1024 * 1024;

/** A file, and what a database takes it for. */
export interface PacmanFile {
  readonly path: string;
  /** Null for one that the call names. */
  readonly as: { readonly name: string; readonly version: string; readonly arch: string } | null;
}

/** Where pacman looks. */
export interface PacmanPlaces {
  readonly cachedirs: readonly string[];
  /** Of databases, in their order. */
  readonly databases: readonly string[];
}

/** Names of packages, one a line, as a hook with `NeedsTargets` gets them. Throws `pacman/bad-input`. */
export function readTargets(bytes: Uint8Array): ReadonlySet<string> {
  const lines = textOf(bytes).split("\n");
  if (bytes.length === 0) throw bad("it names no package");
  if (lines.pop() !== "") throw bad("its last line has no end");
  if (lines.length > MAX_APT_ACTIONS) throw bad(`it has more than ${MAX_APT_ACTIONS} names`);
  const odd = lines.find(
    (name) => name === "" || name.includes("/") || name.includes(" ") || !isPrintable(name),
  );
  if (odd !== undefined) throw bad(`${quote(odd)} is no name of a package`);
  return new Set(lines);
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw bad("it is not UTF-8");
  }
}

/** By pacman's own word, and by what this call of it says; `file`: its configuration, unless the call names one. Throws `pacman/no-pacman`. */
export async function pacmanPlaces(call: PacmanCall | null, file: string | null): Promise<PacmanPlaces> {
  const config = call?.config ?? file;
  const repositories = await pacmanConf(config, "--repo-list");
  const [dbpath = ""] = call?.dbpath ? [call.dbpath] : await pacmanConf(config, "DBPath");
  const named = call?.cachedirs ?? [];
  return {
    cachedirs: named.length > 0 ? named : await pacmanConf(config, "CacheDir"),
    databases: repositories.map((name) => `${dbpath}/sync/${name}.db`),
  };
}

/** Lines of pacman's configuration. Throws `pacman/no-pacman`. */
export async function pacmanConf(config: string | null, what: string): Promise<readonly string[]> {
  const words = config === null ? [what] : ["--config", config, what];
  try {
    const text = await outputOf("pacman-conf", words, MAX_SAID_BYTES);
    return text.split("\n").filter((line) => line !== "");
  } catch (error) {
    throw new ClientError("pacman/no-pacman", "pacman-conf can't be asked: is this a machine with pacman?", {
      cause: error,
    });
  }
}

/** Files that the call names: as they stand there, or where pacman has put what it downloaded. Throws `pacman/no-file`. */
export function calledFiles(call: PacmanCall | null, { cachedirs }: PacmanPlaces): readonly PacmanFile[] {
  return (call?.files ?? []).map((target) => {
    if (!target.includes("://")) return { path: target, as: null };
    const path = cached(basename(target), cachedirs);
    if (path === null) throw noFile(target);
    return { path, as: null };
  });
}

/**
 * The cached files of packages by name. A package of several repositories may come from any (`pacman -S REPOSITORY/NAME`): each of its
 * files that is there counts. Throws `pacman/no-file`, `input/…`.
 */
export async function cachedFiles(
  names: ReadonlySet<string>,
  { cachedirs, databases }: PacmanPlaces,
): Promise<readonly PacmanFile[]> {
  const found: PacmanFile[] = [];
  const seen = new Set<string>();
  for (const database of names.size === 0 ? [] : databases.filter((path) => existsSync(path))) {
    await readPacmanDb(database, ({ name, version, arch, filename }) => {
      const path = names.has(name) ? cached(filename, cachedirs) : null;
      if (path === null) return;
      seen.add(name);
      found.push({ path, as: { name, version, arch } });
    });
  }
  const lacking = [...names].find((name) => !seen.has(name));
  if (lacking !== undefined) throw noFile(lacking);
  return found;
}

/** The first of that name, as pacman takes it; null where there is none. */
function cached(fileName: string, folders: readonly string[]): string | null {
  if (fileName !== basename(fileName)) return null;
  return (
    folders.map((folder) => `${folder.replace(/\/+$/, "")}/${fileName}`).find((path) => existsSync(path)) ??
    null
  );
}

/** The file, and what speaks against it: a database says what it is, and inside it says something else. */
export function asPacman(held: Held, { as }: PacmanFile): Held {
  const { target } = held.artifact;
  if (target === null || as === null || held.unfit !== null) return held;
  const { name, version, qualifiers } = parsePurl(target.purl);
  if (name === as.name && version === as.version && qualifiers.get("arch") === as.arch) return held;
  const unfit = `${held.path}: pacman installs it as ${as.name} ${as.version} ${as.arch}, but inside it says ${target.purl}; do not install it before you know why`;
  return { ...held, unfit };
}

function noFile(what: string): ClientError {
  return new ClientError(
    "pacman/no-file",
    `${what}: pacman installs it, and its file is in none of the places where pacman keeps packages: it can't be checked`,
  );
}

function bad(what: string): ClientError {
  return new ClientError(
    "pacman/bad-input",
    `what pacman says of the transaction can't be read: ${what}; nothing is let through (this command is for pacman to call: samebits pacman install-hook)`,
  );
}
