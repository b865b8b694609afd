/** New documents of a domain, for its owners to sign. */
import { readdirSync } from "node:fs";
import { join, sep } from "node:path";
import {
  buildRoot,
  buildTargets,
  matchTargetPattern,
  MAX_POLICY_BYTES,
  MAX_TARGET_FILE_BYTES,
  MAX_TARGET_FILES,
  parseDocument,
  ProtocolError,
  readDomainFile,
  readPolicy,
  rootSaid,
  sameKey,
  sha256,
  targetsSaid,
} from "../../protocol/index.ts";
import type {
  Delegation,
  DelegationChoice,
  PublicKey,
  Role,
  RoleChoice,
  RolePath,
  RootChoice,
  TargetFile,
  TargetsSaid,
} from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { isFolder } from "../folder.ts";
import { lastOf, roleName } from "./domain.ts";
import type { OwnerFolder } from "./owner.ts";
import { DOMAIN_FILE, POLICY_FILE } from "./policies.ts";

/** Begins a domain: a root that nobody has signed. Throws `output/exists` where one was begun. */
export async function initDomain(folder: OwnerFolder, choice: Omit<RootChoice, "version">): Promise<string> {
  if (folder.published({ root: 1 }) !== null)
    throw new ClientError(
      "output/exists",
      `${folder.publicPath({ root: 1 })} is there already: change it with samebits trust rotate`,
    );
  const bytes = checkedRoot({ ...choice, version: 1 });
  folder.make();
  return folder.writeDraft({ root: 1 }, bytes, false);
}

/** What changes with the next root; what is left out stays. */
export interface RootChange {
  readonly expires: number;
  readonly add: readonly PublicKey[];
  readonly remove: readonly PublicKey[];
  readonly threshold: number | null;
  readonly addTargets: readonly PublicKey[];
  readonly removeTargets: readonly PublicKey[];
  readonly targetsThreshold: number | null;
}

/** The root after the published one. Throws `output/exists` where it is drafted already, unless `again`. */
export async function rotateDomain(folder: OwnerFolder, change: RootChange, again: boolean): Promise<string> {
  const last = lastOf(folder.domain().roots);
  const version = last.version + 1;
  const bytes = checkedRoot({
    version,
    expires: change.expires,
    root: changedRole("root", last.root, change.add, change.remove, change.threshold),
    targets: changedRole(
      "targets",
      last.targets,
      change.addTargets,
      change.removeTargets,
      change.targetsThreshold,
    ),
  });
  return folder.writeDraft({ root: version }, bytes, again);
}

export interface ReleaseOptions {
  readonly role: RolePath;
  readonly expires: number;
  /** A draft that is there already is replaced; its signatures are lost. */
  readonly again: boolean;
  /** What becomes of the delegations. */
  readonly delegate?: (now: readonly DelegationChoice[]) => readonly DelegationChoice[];
}

/** The next targets of a role, with the files that stand in `targets/`. Throws `config/bad-file` for a policy that is none. */
export async function releaseTargets(
  folder: OwnerFolder,
  { role, expires, again, delegate }: ReleaseOptions,
): Promise<string> {
  const name = { role };
  const published = folder.published(name);
  const draft = folder.draft(name);
  const before = draft === null ? null : targetsSaid(draft);
  const last = published === null ? null : targetsSaid(published);
  const delegations = (before ?? last)?.delegations.map(choiceOf) ?? [];
  const files = filesOf(folder, role, before ?? last);
  const bytes = buildTargets({
    version: 1 + (last?.version ?? 0),
    expires,
    files: files.map(({ file }) => file),
    delegations: delegate === undefined ? delegations : delegate(delegations),
  });
  // Read back, so that nobody is asked to sign what no client would take.
  targetsSaid(bytes);
  const path = await folder.writeDraft(name, bytes, again);
  for (const { octets, file } of files) await folder.publishFile(octets, file.sha256);
  return path;
}

function checkedRoot(choice: RootChoice): Uint8Array {
  const bytes = buildRoot(choice);
  rootSaid(bytes);
  return bytes;
}

function changedRole(
  what: string,
  { keys, threshold }: Role,
  add: readonly PublicKey[],
  remove: readonly PublicKey[],
  next: number | null,
): RoleChoice {
  const now = [...keys.values()];
  for (const key of remove)
    if (!now.some((one) => sameKey(one, key)))
      throw new ClientError(
        "usage/bad-option",
        `a key to be removed is not in the ${what} role: samebits trust show lists those that are`,
      );
  const kept = [...now, ...add].filter((key) => !remove.some((one) => sameKey(one, key)));
  return { keys: kept, threshold: next ?? threshold };
}

export function choiceOf({ name, role, paths, purls }: Delegation): DelegationChoice {
  return { name, keys: [...role.keys.values()], threshold: role.threshold, paths, purls };
}

interface Listed {
  readonly file: TargetFile;
  readonly octets: Uint8Array;
}

/** Files of `targets/` that this role lists: a delegate those that it may, the domain those that no delegate may. */
function filesOf(folder: OwnerFolder, role: RolePath, own: TargetsSaid | null): readonly Listed[] {
  const by = delegationsTo(folder, role);
  const mayList = (path: string): boolean =>
    by.every(({ paths }) => paths.some((pattern) => matchTargetPattern(pattern, path))) &&
    !(own?.delegations ?? []).some(({ paths }) => paths.some((pattern) => matchTargetPattern(pattern, path)));
  const paths = walk(folder.files).filter(mayList).toSorted();
  if (paths.length > MAX_TARGET_FILES)
    throw new ClientError(
      "usage/bad-option",
      `${folder.files}: ${paths.length} files; at most ${MAX_TARGET_FILES} are listed`,
    );
  return paths.map((path) => {
    const octets = readWhole(join(folder.files, path), MAX_TARGET_FILE_BYTES);
    assertReadable(join(folder.files, path), path, octets);
    assertLayouts(folder, path, octets, paths);
    return { octets, file: { path, length: octets.length, sha256: sha256(octets) } };
  });
}

/** What a policy leaves to a layout waits for ever where that is not listed beside it. */
function assertLayouts(
  { files }: OwnerFolder,
  path: string,
  octets: Uint8Array,
  listed: readonly string[],
): void {
  if (!isPolicy(path)) return;
  for (const { name, file } of readPolicy(octets, path).layouts.values()) {
    const beside = `${path.slice(0, -POLICY_FILE.length)}${file}`;
    if (!listed.includes(beside))
      throw new ClientError(
        "config/bad-file",
        `${join(files, path)}: layouts.${name}: ${file} is not among the files that are listed: put it at ${join(files, beside)}`,
      );
    asFile(join(files, beside), () => parseDocument(readWhole(join(files, beside), MAX_TARGET_FILE_BYTES)));
  }
}

function delegationsTo(folder: OwnerFolder, role: RolePath): readonly Delegation[] {
  if (role.length === 0) return [];
  const parent = role.slice(0, -1);
  const bytes = folder.draft({ role: parent }) ?? folder.published({ role: parent });
  const to =
    bytes === null ? undefined : targetsSaid(bytes).delegations.find(({ name }) => name === role.at(-1));
  if (to === undefined) {
    throw new ClientError(
      "input/missing",
      `${folder.publicPath({ role: parent })} delegates nothing to ${roleName(role)}: get the domain first (samebits trust export DOMAIN -o ${folder.path}/public)`,
    );
  }
  return [...delegationsTo(folder, parent), to];
}

function walk(base: string): readonly string[] {
  if (!isFolder(base)) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(base.length + 1)
        .split(sep)
        .join("/"),
    );
}

/** What clients would refuse to read is not signed. */
function assertReadable(file: string, path: string, octets: Uint8Array): void {
  asFile(null, () => {
    if (path === DOMAIN_FILE) readDomainFile(octets, file);
    if (!isPolicy(path)) return;
    if (octets.length > MAX_POLICY_BYTES)
      throw new ProtocolError("bytes/too-big", `${file}: at most ${MAX_POLICY_BYTES} octets`);
    readPolicy(octets, file);
  });
}

function isPolicy(path: string): boolean {
  return path === POLICY_FILE || path.endsWith(`/${POLICY_FILE}`);
}

/** `file` is put in front where messages do not name it already. */
function asFile(file: string | null, read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const where = file === null ? "" : `${file}: `;
    throw new ClientError("config/bad-file", `${where}${error.message} (${error.code})`, { cause: error });
  }
}
