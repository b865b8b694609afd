/** A pinned domain as its documents have it, each verified from its octets. */
import {
  delegationFor,
  documentPath,
  firstRoot,
  MAX_TRUST_DEPTH,
  MAX_TRUST_ROLES,
  nextRoot,
  ProtocolError,
  quote,
  readDelegated,
  readTargets,
  sha256Hex,
  toHex,
} from "../../protocol/index.ts";
import type { DomainVersions, RolePath, Root, TargetFile, Targets } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { DomainState } from "./state.ts";
import type { TrustStore } from "./store.ts";

/** What a domain says at present. */
export interface Domain {
  readonly state: DomainState;
  /** From the first on; the last one speaks. */
  readonly roots: readonly [Root, ...Root[]];
  /** By the names of the delegations that lead there, joined by `/`; the domain's own is the empty one, and first. */
  readonly targets: ReadonlyMap<string, Targets>;
  /** Roles without good targets, and why. */
  readonly lacking: ReadonlyMap<string, string>;
  /** Octets of a file that one of them lists; null where they are not kept. */
  readonly read: (file: TargetFile) => Uint8Array | null;
  /** The file with the proof that it has split; null where it has not, or there is none. */
  readonly proof: string | null;
}

/** The octets of documents and files, kept or just fetched. */
export interface Octets {
  /** Of the newest targets of a role, by their path. */
  readonly document: (path: string) => Uint8Array | null;
  readonly file: (file: TargetFile) => Uint8Array | null;
}

/** Opens a domain that is pinned. Throws `trust/not-pinned`, `trust/bad-document`. */
export function openDomain(store: TrustStore, fingerprint: string): Domain {
  const state = store.state(fingerprint);
  if (state === null)
    throw new ClientError("trust/not-pinned", `${fingerprint} is not pinned here: samebits trust add`);
  const roots = chain(
    fingerprint,
    state.roots.map((sha256) => store.object(fingerprint, sha256)),
  );
  const octets: Octets = {
    document(path) {
      const sha256 = state.documents.get(path);
      return sha256 === undefined ? null : store.find(fingerprint, sha256);
    },
    file: ({ sha256 }) => store.find(fingerprint, toHex(sha256)),
  };
  const proof =
    state.split === null || store.proof(fingerprint) === null ? null : store.proofFile(fingerprint);
  return domainOf(state, roots, octets, proof);
}

/** What these documents say under the last root. */
export function domainOf(
  state: DomainState,
  roots: Domain["roots"],
  octets: Octets,
  proof: string | null = null,
): Domain {
  const { targets, lacking } = readRoles(lastOf(roots), octets.document);
  return Object.freeze({ state, roots, targets, lacking, read: octets.file, proof });
}

export function lastOf(roots: Domain["roots"]): Root {
  return roots.at(-1) ?? roots[0];
}

/** How new it is, as nodes tell each other. */
export function versionsOf({ roots, targets, state }: Domain): DomainVersions {
  const own = targets.get("")?.version ?? 0;
  const all = [...targets.values()].reduce((sum, { version }) => sum + version, 0);
  return { root: lastOf(roots).version, targets: own, delegated: all - own, split: state.split !== null };
}

/** Name of a role in maps and words; empty for the domain's own. */
export function roleName(role: RolePath): string {
  return role.join("/");
}

/** Roles for people. */
export function roleWords(name: string): string {
  return name === "" ? "the domain itself" : quote(name);
}

/** Who speaks for a package: the names of the delegations that lead there. A delegate's own targets decide on, where it delegates in turn. */
export function speakerFor(domain: Domain, purl: string): RolePath {
  let role: RolePath = [];
  for (let depth = 0; depth < MAX_TRUST_DEPTH; depth++) {
    const targets = domain.targets.get(roleName(role));
    const to = targets === undefined ? null : delegationFor(targets, purl);
    if (to === null) break;
    role = [...role, to.name];
  }
  return role;
}

/** The SHA-256, in hex, of all octets that the domain as it is needs. */
export function namedBy({ state, targets }: Domain): ReadonlySet<string> {
  return new Set([
    ...state.roots,
    ...state.documents.values(),
    ...(state.split?.roots ?? []),
    ...[...targets.values()].flatMap(({ files }) => [...files.values()].map(({ sha256 }) => toHex(sha256))),
  ]);
}

function chain(fingerprint: string, octets: readonly Uint8Array[]): Domain["roots"] {
  try {
    const [one, ...others] = octets;
    const roots: [Root, ...Root[]] = [firstRoot(one ?? new Uint8Array(), fingerprint)];
    for (const bytes of others) roots.push(nextRoot(lastOf(roots), bytes));
    return roots;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError(
      "trust/bad-document",
      `what is kept of ${fingerprint} is broken: ${error.message} (${error.code}); remove it and add it again`,
      { cause: error },
    );
  }
}

interface Roles {
  readonly targets: Map<string, Targets>;
  readonly lacking: Map<string, string>;
}

function readRoles(root: Root, document: Octets["document"]): Roles {
  const roles: Roles = { targets: new Map(), lacking: new Map() };
  const waiting: { readonly role: RolePath; readonly read: (bytes: Uint8Array) => Targets }[] = [
    { role: [], read: (bytes) => readTargets(root, bytes) },
  ];
  for (const { role, read } of waiting) {
    const path = documentPath({ role });
    const bytes = document(path);
    const targets = bytes === null ? null : readGood(bytes, read);
    if (targets === null || typeof targets === "string") {
      roles.lacking.set(roleName(role), targets ?? `${path} was not to be had`);
      continue;
    }
    roles.targets.set(roleName(role), targets);
    if (role.length >= MAX_TRUST_DEPTH) continue;
    for (const { name } of targets.delegations.slice(0, MAX_TRUST_ROLES - waiting.length))
      waiting.push({ role: [...role, name], read: (below) => readDelegated(targets, name, below) });
  }
  return roles;
}

/** Why it is not good, in words. */
function readGood(bytes: Uint8Array, read: (bytes: Uint8Array) => Targets): Targets | string {
  try {
    return read(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.message} (${error.code})`;
  }
}

/** Names octets as `DomainState` does. */
export function nameOctets(bytes: Uint8Array): string {
  return sha256Hex(bytes);
}
