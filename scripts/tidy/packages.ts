/** The manifests and their lock files: exact versions, no registry's address, hashes, licences. */
import type { Fault, Repository } from "./repository.ts";

const MANIFESTS = ["package.json", "scripts/runtime/package.json", "scripts/nodes/package.json"];

/** Licences under which code may stand in or beside a program under Apache-2.0. */
const COMPATIBLE: ReadonlySet<string> = new Set(
  "Apache-2.0 MIT ISC BSD-2-Clause BSD-3-Clause 0BSD BlueOak-1.0.0 CC0-1.0 Unlicense Python-2.0".split(" "),
);

/**
 * Libraries under the LGPL, which a program under Apache-2.0 may use where they stay as they are and beside it, to be replaced by who likes to:
 * dependencies that are never bundled (`scripts/build/package.ts`).
 */
const USED_AS_THEY_ARE: ReadonlySet<string> = new Set(["openpgp"]);

/** Licences of tools that build and test here, and of which nothing goes into what is published. */
const OF_TOOLS: ReadonlySet<string> = new Set(["MPL-2.0"]);

/** Packages whose lock entry lacks the licence that their LICENSE file states. */
const STATED_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["prelude-ls", "MIT"],
  ["node-22-linux-arm64", "MIT"],
  ["node-22-linux-x64", "MIT"],
]);

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly optional?: boolean;
  /** Nothing but devDependencies asks for it. */
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function checkPackages(repository: Repository): Fault[] {
  return MANIFESTS.flatMap((file) => {
    const manifest = repository.get(file);
    const lockFile = file.replace("package.json", "package-lock.json");
    const lock = repository.get(lockFile);
    if (manifest === undefined || lock === undefined)
      return [{ file, line: 0, message: `${file} or its lock is gone` }];
    return [
      ...checkVersions(file, manifest),
      ...checkScripts(file, manifest, repository),
      ...checkLock(lockFile, lock),
    ];
  });
}

function checkVersions(file: string, text: string): Fault[] {
  const manifest = JSON.parse(text) as Record<string, Record<string, string> | undefined>;
  const wanted = {
    ...manifest["dependencies"],
    ...manifest["devDependencies"],
    ...manifest["optionalDependencies"],
  };
  return Object.entries(wanted)
    .filter(([, version]) => !/^(?:npm:[\w-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => ({ file, line: 0, message: `${name} ${version}: name one exact version` }));
}

function checkScripts(file: string, text: string, repository: Repository): Fault[] {
  const { scripts } = JSON.parse(text) as { scripts?: Readonly<Record<string, string>> };
  return Object.entries(scripts ?? {}).flatMap(([name, command]) => {
    const missing = (command.match(/[\w/-]+\.[jt]s\b/g) ?? []).filter((path) => !repository.has(path));
    return missing.map((path) => ({
      file,
      line: 0,
      message: `npm run ${name} starts ${path}, which is not there`,
    }));
  });
}

function checkLock(file: string, text: string): Fault[] {
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Entry>> };
  const messages: string[] = [];
  for (const [path, entry] of Object.entries(packages)) {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    if (entry.resolved !== undefined)
      messages.push(`${name} has a registry's address: run node scripts/lock.js`);
    for (const part of Object.keys(entry.optionalDependencies ?? {})) {
      const isThere =
        path === "" || `node_modules/${part}` in packages || `${path}/node_modules/${part}` in packages;
      if (!isThere) messages.push(`${part} is missing, so npm ci would refuse: run node scripts/lock.js`);
    }
    if (path === "") continue;
    if (entry.integrity === undefined && !entry.optional) messages.push(`${name} has no hash`);
    const licence = entry.license ?? STATED_ELSEWHERE.get(name);
    if (entry.dev === true && OF_TOOLS.has(licence ?? "")) continue;
    if (!isCompatible(licence) && !(USED_AS_THEY_ARE.has(name) && licence === "LGPL-3.0+"))
      messages.push(`${name} is under ${licence ?? "no licence"}: not compatible with ours`);
  }
  return messages.map((message) => ({ file, line: 0, message }));
}

function isCompatible(expression: string | undefined): boolean {
  if (expression === undefined) return false;
  const choices = expression.replaceAll(/[()]/g, "").split(" OR ");
  return choices.some((choice) => choice.split(" AND ").every((licence) => COMPATIBLE.has(licence)));
}
