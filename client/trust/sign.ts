/** Signatures under documents of a domain, one machine after the other; what enough have signed is put into place. */
import { basename } from "node:path";
import {
  addSignature,
  documentPath,
  equalBytes,
  keyIdPlain,
  MAX_TARGETS_BYTES,
  readMetadata,
  readTargets,
  sameKey,
  targetsSaid,
  verifyEd25519,
  firstRoot,
  fingerprintOf,
  nextRoot,
  ProtocolError,
} from "../../protocol/index.ts";
import type { PublicKey, Role, Root } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { rewrite } from "../output-file.ts";
import { lastOf, roleName } from "./domain.ts";
import type { Domain } from "./domain.ts";
import { OwnerFolder } from "./owner.ts";
import { standingOf } from "./standing.ts";
import type { Standing } from "./standing.ts";

/** A document in a file. */
export interface Opened {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly standing: Standing;
  /** Where it is a draft of an owner's folder. */
  readonly folder: OwnerFolder | null;
}

/** Opens a document. Throws `input/…`, `trust/…`, `json/…`, `shape/…`; what is wrong with it is told with its path. */
export function openDocument(path: string): Opened {
  const bytes = readWhole(path, MAX_TARGETS_BYTES);
  const place = OwnerFolder.of(path);
  try {
    const standing = standingOf(bytes, place?.name ?? null, place?.folder ?? null);
    if (place !== null && documentPath(standing.name) !== documentPath(place.name))
      throw new ClientError(
        "trust/bad-document",
        `${path}: it is ${documentPath(standing.name)}, and stands under another name`,
      );
    return { path, bytes, standing, folder: place?.folder ?? null };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError("trust/bad-document", `${path}: ${error.message} (${error.code})`, {
      cause: error,
    });
  }
}

/** Adds a signature, made here or elsewhere. Throws `trust/not-a-signer`, and `key/bad-file` for one that does not hold. */
export function withSignature(
  { path, bytes, standing }: Opened,
  key: PublicKey,
  signature: Uint8Array,
): Uint8Array {
  const { kind, document, signings } = standing;
  const isLone = signings.every(({ role }) => ![...role.keys.values()].some((one) => sameKey(one, key)));
  const mayBeElsewhere = isLone && !knowsAll(standing);
  const roles = mayBeElsewhere ? [loneRole(key)] : signings.map(({ role }) => role);
  if (!verifyEd25519(key.raw, document.signedBytes, signature))
    throw new ClientError(
      "key/bad-file",
      `the signature does not fit ${basename(path)} and this key: it was made by another, or over another file`,
    );
  return addSignature(bytes, kind, roles, key, () => signature);
}

/** Whether what stands beside the document says of everybody who may sign it. */
export function knowsAll({ kind, document, signings }: Standing): boolean {
  return kind === "root" ? document.version === 1 || signings.length === 2 : signings.length > 0;
}

/** Adds the signatures of copies that were signed elsewhere. Throws `trust/bad-document` for a copy of something else. */
export function withCopies(opened: Opened, copies: readonly string[]): Uint8Array {
  let { bytes } = opened;
  for (const path of copies) {
    const copy = readWhole(path, MAX_TARGETS_BYTES);
    const { kind, document, signings } = opened.standing;
    const other = readMetadata(copy, kind, MAX_TARGETS_BYTES);
    if (!equalBytes(other.signedBytes, document.signedBytes))
      throw new ClientError(
        "trust/bad-document",
        `${path}: it says something else than ${opened.path}: both have to sign the same document`,
      );
    for (const [keyid, signature] of other.signatures) {
      const key = signings.flatMap(({ role }) => role.keys.get(keyid) ?? [])[0];
      if (key === undefined || !verifyEd25519(key.raw, document.signedBytes, signature)) continue;
      bytes = addSignature(
        bytes,
        kind,
        signings.map(({ role }) => role),
        key,
        () => signature,
      );
    }
  }
  return bytes;
}

/** Writes a document back where it was. */
export async function writeBack({ path }: Opened, bytes: Uint8Array): Promise<void> {
  await rewrite(path, bytes);
}

/** What was put into place, and why something complete was not. */
export interface Settled {
  readonly published: readonly string[];
  readonly held: readonly string[];
}

/** Puts drafts into place that enough have signed: a root only with targets that hold under it. */
export async function settle(folder: OwnerFolder): Promise<Settled> {
  const published: string[] = [];
  const held: string[] = [];
  for (const name of folder.drafts()) {
    const bytes = folder.draft(name);
    if (bytes === null || !standingOf(bytes, name, folder).isComplete) continue;
    const problem =
      "root" in name ? rootProblem(folder, name.root, bytes) : targetsProblem(folder, name.role, bytes);
    if (problem !== null) {
      held.push(`${documentPath(name)}: ${problem}`);
      continue;
    }
    await folder.publish(name, bytes);
    published.push(folder.publicPath(name));
  }
  return { published, held };
}

function rootProblem(folder: OwnerFolder, version: number, bytes: Uint8Array): string | null {
  const roots = folder.roots();
  const next = roots === null ? firstRoot(bytes, fingerprintOf(bytes)) : nextRoot(lastOf(roots), bytes);
  if (folder.published({ role: [] }) === null) return null;
  const documents = [folder.draft({ role: [] }), folder.published({ role: [] })];
  const isSigned = documents.some((document) => document !== null && holdsUnder(next, document));
  return isSigned
    ? null
    : `enough have signed, but not targets.json by the keys that root ${version} names for it: make it (samebits trust release ${folder.path}) and sign it first; both go into place together`;
}

function targetsProblem(folder: OwnerFolder, role: readonly string[], bytes: Uint8Array): string | null {
  const roots = folder.roots();
  if (roots === null) return "the domain's first root is not signed yet";
  const problem = readProblem(folder, roots, role, bytes);
  if (problem !== null) return problem;
  const lacks = [...targetsSaid(bytes).files.values()].find((file) => folder.publishedFile(file) === null);
  return lacks === undefined
    ? null
    : `${lacks.path} is not in public/files: run samebits trust release again`;
}

function readProblem(
  folder: OwnerFolder,
  roots: Domain["roots"],
  role: readonly string[],
  bytes: Uint8Array,
): string | null {
  const { targets, lacking } = folder.domainUnder(roots, (path) =>
    path === documentPath({ role }) ? bytes : null,
  );
  if (targets.has(roleName(role))) return null;
  return lacking.get(roleName(role)) ?? "who delegates to it has not published that yet";
}

function holdsUnder(root: Root, bytes: Uint8Array): boolean {
  try {
    readTargets(root, bytes);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function loneRole(key: PublicKey): Role {
  return { keys: new Map([[keyIdPlain(key), key]]), threshold: 1 };
}
