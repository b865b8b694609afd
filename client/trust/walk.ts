/** Walks what a source has of a domain, from what is known on. Every octet is checked here; nothing is written. */
import {
  checkSplit,
  documentPath,
  equalBytes,
  firstRoot,
  isSplit,
  MAX_TRUST_DEPTH,
  MAX_TRUST_FILES_BYTES,
  MAX_TRUST_ROLES,
  MAX_TRUST_ROOTS,
  nextRoot,
  ProtocolError,
  proveSplit,
  quote,
  readDelegated,
  readTargets,
  rootSaid,
  sha256Hex,
  toHex,
  tried,
  writeSplit,
} from "../../protocol/index.ts";
import type { RolePath, Root, TargetFile, Targets } from "../../protocol/index.ts";
import type { TrustSource } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { lastOf, roleName } from "./domain.ts";
import type { Domain, Octets } from "./domain.ts";
import { SPLIT_PATH } from "./mesh-source.ts";

/** The first root that a source has, held against a fingerprint. Throws `trust/unreachable`, `trust/bad-document`. */
export async function fetchFirst(
  source: TrustSource,
  pin: string | null,
  fingerprint: (bytes: Uint8Array) => string,
): Promise<Root> {
  const bytes = await source.root(1);
  if (bytes === null) throw new ClientError("trust/unreachable", `${source.name}: no 1.root.json is there`);
  return checked(source, "1.root.json", () => firstRoot(bytes, pin ?? fingerprint(bytes)));
}

/** The roots of a domain as far as they are known, and two of one version where such were seen or proven. */
export class RootWalk {
  readonly #roots: [Root, ...Root[]];
  split: readonly [Root, Root] | null = null;
  /** The proof of that, for others; null where there is none, or the chain before is too long for one. */
  proof: Uint8Array | null = null;

  constructor([first, ...others]: Domain["roots"]) {
    this.#roots = [first, ...others];
  }

  get roots(): Domain["roots"] {
    return this.#roots;
  }

  /** Goes on with what the source has. Throws `trust/unreachable`, `trust/bad-document`. */
  async take(source: TrustSource): Promise<void> {
    await this.#takeProof(source);
    if (this.split === null) await this.#compare(source);
    while (this.split === null && this.#roots.length < MAX_TRUST_ROOTS) {
      const last = lastOf(this.#roots);
      const bytes = await source.root(last.version + 1);
      if (bytes === null) return;
      this.#roots.push(checked(source, `${last.version + 1}.root.json`, () => nextRoot(last, bytes)));
    }
  }

  /** What others have seen counts as if it was seen here: the proof holds by itself. */
  async #takeProof(source: TrustSource): Promise<void> {
    const bytes = (await source.split?.()) ?? null;
    if (bytes === null || this.split !== null) return;
    const evidence = checked(source, SPLIT_PATH, () => checkSplit(bytes));
    const { roots, a, b } = evidence;
    if (roots[0].domain !== this.#roots[0].domain)
      throw bad(source, SPLIT_PATH, "it is about another domain");
    this.split = [a, b];
    this.proof = writeSplit(evidence);
  }

  /** How many of our versions the source has, which may be an older copy. */
  async #sharedWith(source: TrustSource): Promise<number> {
    const { length } = this.#roots;
    if ((await source.root(length)) !== null) return length;
    // The first, by which it was found, and its roots have no gaps: the last one is between.
    let [has, lacks] = [1, length];
    while (lacks - has > 1) {
      const middle = Math.floor((has + lacks) / 2);
      if ((await source.root(middle)) === null) lacks = middle;
      else has = middle;
    }
    return has;
  }

  /** Holds the source's root of the last version that both have against ours; where it is another one, goes back to where both part. */
  async #compare(source: TrustSource): Promise<void> {
    let problem: ClientError | null = null;
    const shared = this.#roots.slice(0, await this.#sharedWith(source));
    for (const [at, ours] of [...shared.entries()].reverse()) {
      const bytes = await source.root(ours.version);
      const path = `${ours.version}.root.json`;
      const isOurs =
        bytes === null ||
        equalBytes(checked(source, path, () => rootSaid(bytes)).signedBytes, ours.signedBytes);
      if (isOurs && problem !== null) throw problem;
      if (isOurs) return;
      const before = this.#roots[at - 1];
      try {
        const other = checked(source, path, () =>
          before === undefined ? firstRoot(bytes, ours.domain) : nextRoot(before, bytes),
        );
        if (!isSplit(ours, other)) return;
        this.split = [ours, other];
        this.proof = proofOf(this.#roots.slice(0, at), ours, other);
        return;
      } catch (error) {
        if (before === undefined || !(error instanceof ClientError)) throw error;
        // It may follow another root than ours: both parted further back.
        problem ??= error;
      }
    }
  }
}

/** The proof that two roots are a split; null where it would be too long. */
function proofOf(roots: readonly Root[], ours: Root, other: Root): Uint8Array | null {
  const [first, ...others] = roots;
  if (first === undefined) return null;
  return tried(() => writeSplit(proveSplit([first, ...others], ours.bytes, other.bytes)));
}

/** Newest targets of all roles, and their files, from several sources. */
export class TargetsWalk {
  readonly #root: Root;
  readonly #kept: Octets;
  /** What was fetched and holds, by path. */
  readonly documents: Map<string, Uint8Array> = new Map();
  /** By SHA-256. */
  readonly files: Map<string, Uint8Array> = new Map();
  /** Octets of each role's files, kept or fetched. */
  readonly #sizes: Map<string, number>;
  /** What was not taken, and why; the rest goes on. */
  readonly failures: ClientError[] = [];

  /** `known`: what was kept before, by role. */
  constructor(root: Root, kept: Octets, known: Domain["targets"] = new Map()) {
    this.#root = root;
    this.#kept = kept;
    this.#sizes = new Map([...known].map(([name, targets]) => [name, sizeOf(targets)]));
  }

  /** Documents and files, fetched ones before those that are kept. */
  get octets(): Octets {
    return {
      document: (path) => this.documents.get(path) ?? this.#kept.document(path),
      file: (file) => this.files.get(toHex(file.sha256)) ?? this.#kept.file(file),
    };
  }

  /** Takes what is newer at the source. Throws for the domain's own targets; what a delegate lacks is a failure beside. */
  async take(source: TrustSource): Promise<void> {
    const own = await this.#role(source, [], (bytes) => readTargets(this.#root, bytes));
    if (own === null) throw new ClientError("trust/unreachable", `${source.name}: no targets.json is there`);
    const waiting = [own];
    for (const parent of waiting) {
      this.#dropOthers(parent);
      if (parent.role.length >= MAX_TRUST_DEPTH) continue;
      for (const { name } of parent.delegations) {
        if (waiting.length >= MAX_TRUST_ROLES) return;
        const role = [...parent.role, name];
        const targets = await this.#role(source, role, (bytes) => readDelegated(parent, name, bytes)).catch(
          (error: unknown) => this.#note(error),
        );
        if (targets !== null) waiting.push(targets);
      }
    }
  }

  /** The newest of a role: the source's or ours. Null where nobody has any. */
  async #role(
    source: TrustSource,
    role: RolePath,
    read: (bytes: Uint8Array) => Targets,
  ): Promise<Targets | null> {
    const path = documentPath({ role });
    const known = this.octets.document(path);
    const ours = known === null ? null : tried(() => read(known));
    // Files of what can't be read any more are not kept either.
    if (ours === null) this.#sizes.delete(roleName(role));
    const bytes = await source.targets(role);
    if (bytes === null) {
      if (role.length > 0 && ours === null)
        this.#note(
          new ClientError(
            "trust/unreachable",
            `${source.name}: ${roleName(role)} has published nothing there (${path})`,
          ),
        );
      return ours;
    }
    const theirs = checked(source, path, () => read(bytes));
    if (ours !== null && theirs.version <= ours.version) {
      assertSame(source, path, theirs, ours);
      return ours;
    }
    this.#assertRoom(source, path, theirs);
    await this.#takeFiles(source, path, theirs);
    this.documents.set(path, bytes);
    this.#sizes.set(roleName(role), sizeOf(theirs));
    return theirs;
  }

  /** All updates count together. The domain's own targets go before what delegates have taken: none of them keeps it from dropping them. */
  #assertRoom(source: TrustSource, path: string, theirs: Targets): void {
    const name = roleName(theirs.role);
    const others = [...this.#sizes].filter(([other]) => other !== name && name !== "");
    const all = others.reduce((sum, [, octets]) => sum + octets, sizeOf(theirs));
    if (all > MAX_TRUST_FILES_BYTES) {
      throw bad(
        source,
        path,
        `with its files the domain has ${all} octets; at most ${MAX_TRUST_FILES_BYTES} are kept`,
      );
    }
  }

  /** Forgets the sizes of roles to which this one delegates no more, and of those below them. */
  #dropOthers({ role, delegations }: Targets): void {
    const names = new Set(delegations.map(({ name }) => name));
    for (const other of this.#sizes.keys()) {
      const path = other === "" ? [] : other.split("/");
      const below = path[role.length];
      const isBelow = below !== undefined && role.every((name, at) => path[at] === name);
      if (isBelow && !names.has(below)) this.#sizes.delete(other);
    }
  }

  async #takeFiles(source: TrustSource, path: string, { files }: Targets): Promise<void> {
    for (const file of files.values()) {
      if (this.octets.file(file) !== null) continue;
      const bytes = await source.file(file);
      if (bytes === null) throw bad(source, path, `${quote(file.path)}, which it lists, is not there`);
      assertFile(source, path, file, bytes);
      this.files.set(toHex(file.sha256), bytes);
    }
  }

  #note(error: unknown): null {
    if (!(error instanceof ClientError)) throw error;
    this.failures.push(error);
    return null;
  }
}

function sizeOf({ files }: Targets): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, 0);
}

/** A lower version is a rollback, and so is another document of ours: versions are used once. */
function assertSame(source: TrustSource, path: string, theirs: Targets, ours: Targets): void {
  if (theirs.version === ours.version && equalBytes(theirs.signedBytes, ours.signedBytes)) return;
  const shows =
    theirs.version < ours.version
      ? `version ${theirs.version}, and version ${ours.version} was seen before`
      : `another version ${ours.version} than was seen before`;
  throw new ClientError(
    "trust/rollback",
    `${source.name}: ${path} is ${shows}: it is out of date, or lies; what was seen is kept`,
  );
}

function assertFile(
  source: TrustSource,
  document: string,
  { path, length, sha256 }: TargetFile,
  bytes: Uint8Array,
): void {
  if (bytes.length === length && sha256Hex(bytes) === toHex(sha256)) return;
  throw bad(source, document, `${quote(path)} is not the file of ${length} octets that it lists`);
}

function checked<Value>(source: TrustSource, path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw bad(source, path, `${error.message} (${error.code})`, error);
  }
}

function bad(source: TrustSource, path: string, why: string, cause?: unknown): ClientError {
  return new ClientError("trust/bad-document", `${source.name}: ${path}: ${why}`, { cause });
}
