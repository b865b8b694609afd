/** Who has signed a document, who still has to, and by whose word. */
import {
  keyIdPlain,
  MAX_TARGETS_BYTES,
  readJson,
  readMetadata,
  record,
  rootSaid,
  signersOf,
  targetsSaid,
} from "../../protocol/index.ts";
import type {
  DocumentName,
  Metadata,
  MetadataKind,
  PublicKey,
  Role,
  RolePath,
} from "../../protocol/index.ts";
import { lastOf, roleName, roleWords } from "./domain.ts";
import { maxBytesOf } from "./owner.ts";
import type { OwnerFolder } from "./owner.ts";

/** A role that has to sign a document. */
export interface Signing {
  /** For people: `root 1, which it replaces`. */
  readonly whose: string;
  readonly role: Role;
  readonly signed: readonly PublicKey[];
  /** In the role, and not among those who have. */
  readonly missing: readonly PublicKey[];
}

/** A document, and who signs it. */
export interface Standing {
  readonly kind: MetadataKind;
  readonly document: Metadata;
  readonly name: DocumentName;
  /** All of these have to; empty where nothing here says who. */
  readonly signings: readonly Signing[];
  /** Each of them has enough. */
  readonly isComplete: boolean;
}

/** What a document is by its own word. Throws `json/…`, `shape/…`. */
export function kindOf(bytes: Uint8Array): MetadataKind {
  const outer = readJson(bytes, { maxBytes: MAX_TARGETS_BYTES, integersOnly: true });
  return record(outer, "document")
    .record("signed")
    .member("_type")
    .oneOf(["root", "targets"] as const);
}

/** Where a document stands, as far as what is in the folder (null = none) says who signs it. */
export function standingOf(
  bytes: Uint8Array,
  name: DocumentName | null,
  folder: OwnerFolder | null,
): Standing {
  const kind = kindOf(bytes);
  if (kind === "root") {
    const said = rootSaid(bytes);
    const own = { root: said.version };
    const document = readMetadata(bytes, kind, maxBytesOf(own));
    const before =
      folder === null || said.version === 1 ? null : folder.published({ root: said.version - 1 });
    const signings = [
      ...(before === null
        ? []
        : [signing(`root ${said.version - 1}, which it replaces,`, document, rootSaid(before).root)]),
      signing(`root ${said.version} itself`, document, said.root),
    ];
    // Without the root before, who else signs is not known.
    const isKnown = said.version === 1 || before !== null;
    return { kind, document, name: own, signings, isComplete: isKnown && signings.every(isEnough) };
  }
  targetsSaid(bytes);
  const role = name !== null && "role" in name ? name.role : [];
  const document = readMetadata(bytes, kind, MAX_TARGETS_BYTES);
  const signers = folder === null ? null : roleOf(folder, role);
  const signings = signers === null ? [] : [signing(signers.whose, document, signers.role)];
  return {
    kind,
    document,
    name: { role },
    signings,
    isComplete: signings.length > 0 && signings.every(isEnough),
  };
}

interface Signers {
  readonly whose: string;
  readonly role: Role;
}

/** Who signs targets: by the root that comes, where one is drafted, or by who delegates. Null where nothing here says. */
function roleOf(folder: OwnerFolder, role: RolePath): Signers | null {
  if (role.length === 0) {
    const root = rootToCome(folder);
    return root === null ? null : { whose: `the targets role of root ${root.version}`, role: root.targets };
  }
  const parent = role.slice(0, -1);
  const bytes = folder.draft({ role: parent }) ?? folder.published({ role: parent });
  const to =
    bytes === null ? undefined : targetsSaid(bytes).delegations.find(({ name }) => name === role.at(-1));
  return to === undefined ? null : { whose: `the role ${roleWords(roleName(role))}`, role: to.role };
}

function rootToCome(folder: OwnerFolder): { readonly version: number; readonly targets: Role } | null {
  const roots = folder.roots();
  const draft = folder.draft({ root: 1 + (roots?.length ?? 0) });
  if (draft !== null) return rootSaid(draft);
  return roots === null ? null : lastOf(roots);
}

function signing(whose: string, document: Metadata, role: Role): Signing {
  const signed = signersOf(document, role);
  const ids = new Set(signed.map(keyIdPlain));
  const missing = [...new Map([...role.keys.values()].map((key) => [keyIdPlain(key), key])).values()].filter(
    (key) => !ids.has(keyIdPlain(key)),
  );
  return { whose, role, signed, missing };
}

function isEnough({ signed, role }: Signing): boolean {
  return signed.length >= role.threshold;
}
