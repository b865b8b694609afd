/**
 * The folder in which a domain's owner works: `targets/` has the files as they are written, `draft/` documents that are still to be
 * signed, and `public/` what a web server serves, into which only what enough have signed is put.
 */
import { readdirSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import {
  documentAt,
  documentPath,
  filePath,
  fingerprintOf,
  firstRoot,
  MAX_ROOT_BYTES,
  MAX_TARGETS_BYTES,
  MAX_TRUST_ROOTS,
  nextRoot,
  ProtocolError,
  sha256Hex,
  toHex,
} from "../../protocol/index.ts";
import type { DocumentName, Root, TargetFile } from "../../protocol/index.ts";
import { readIfThere } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { isFolder, makeFolder } from "../folder.ts";
import { writeWhole } from "../write-file.ts";
import { domainOf, lastOf } from "./domain.ts";
import type { Domain, Octets } from "./domain.ts";
import { PUBLIC } from "./folder-source.ts";

const DRAFT = "draft";
const TARGETS = "targets";

export class OwnerFolder {
  readonly path: string;
  /** The files as their owner writes them. */
  readonly files: string;

  constructor(path: string) {
    this.path = path;
    this.files = join(path, TARGETS);
  }

  /** The folder that a draft stands in, and what it is; null for a file that stands elsewhere. */
  static of(file: string): { readonly folder: OwnerFolder; readonly name: DocumentName } | null {
    let folder = dirname(resolve(file));
    while (dirname(folder) !== folder) {
      const name = documentAt(relative(folder, resolve(file)).split(sep).join("/"));
      if (folder.endsWith(`${sep}${DRAFT}`) && name !== null)
        return { folder: new OwnerFolder(dirname(folder)), name };
      folder = dirname(folder);
    }
    return null;
  }

  draftPath(name: DocumentName): string {
    return join(this.path, DRAFT, documentPath(name));
  }

  publicPath(name: DocumentName): string {
    return join(this.path, PUBLIC, documentPath(name));
  }

  draft(name: DocumentName): Uint8Array | null {
    return readIfThere(this.draftPath(name), maxBytesOf(name));
  }

  published(name: DocumentName): Uint8Array | null {
    return readIfThere(this.publicPath(name), maxBytesOf(name));
  }

  /** Drafts, roots first, then targets, each before what it delegates to. */
  drafts(): readonly DocumentName[] {
    const base = join(this.path, DRAFT);
    if (!isFolder(base)) return [];
    const names = readdirSync(base, { recursive: true, encoding: "utf8" }).flatMap(
      (path) => documentAt(path.split(sep).join("/")) ?? [],
    );
    return names.toSorted((a, b) => rank(a) - rank(b));
  }

  async writeDraft(name: DocumentName, bytes: Uint8Array, replace: boolean): Promise<string> {
    const path = this.draftPath(name);
    makeFolder(dirname(path));
    await writeWhole(path, bytes, { replace });
    return path;
  }

  /** Puts a document into place, and takes its draft away. */
  async publish(name: DocumentName, bytes: Uint8Array): Promise<void> {
    const path = this.publicPath(name);
    makeFolder(dirname(path));
    await writeWhole(path, bytes, { replace: true });
    rmSync(this.draftPath(name), { force: true });
  }

  async publishFile(bytes: Uint8Array, sha256: Uint8Array): Promise<void> {
    const path = join(this.path, PUBLIC, filePath(sha256));
    makeFolder(dirname(path));
    if (this.publishedFile({ path: "", length: bytes.length, sha256 }) === null)
      await writeWhole(path, bytes, { replace: true });
  }

  publishedFile({ sha256, length }: TargetFile): Uint8Array | null {
    const bytes = readIfThere(join(this.path, PUBLIC, filePath(sha256)), length);
    return bytes !== null && sha256Hex(bytes) === toHex(sha256) ? bytes : null;
  }

  /** The published roots; null where there is none yet. Throws `trust/…` with the file that does not hold. */
  roots(): Domain["roots"] | null {
    const first = this.published({ root: 1 });
    if (first === null) return null;
    const roots: [Root, ...Root[]] = [this.#good({ root: 1 }, () => firstRoot(first, fingerprintOf(first)))];
    while (roots.length < MAX_TRUST_ROOTS) {
      const name: DocumentName = { root: roots.length + 1 };
      const bytes = this.published(name);
      if (bytes === null) break;
      roots.push(this.#good(name, () => nextRoot(lastOf(roots), bytes)));
    }
    return roots;
  }

  /** What is published, as its clients will see it. Throws `trust/bad-document` where nothing is. */
  domain(): Domain {
    const roots = this.roots();
    if (roots === null)
      throw new ClientError(
        "input/missing",
        `${this.publicPath({ root: 1 })}: no such file: samebits trust init makes it, samebits trust sign puts it there`,
      );
    return this.domainUnder(roots);
  }

  domainUnder(roots: Domain["roots"], documents: (path: string) => Uint8Array | null = () => null): Domain {
    const octets: Octets = {
      document: (path) => documents(path) ?? this.#document(path),
      file: (file) => this.publishedFile(file),
    };
    const state = {
      domain: roots[0].domain,
      verified: true,
      from: [],
      pinned: 0,
      updated: null,
      roots: [],
      documents: new Map<string, string>(),
      removed: [],
      split: null,
    };
    return domainOf(state, roots, octets);
  }

  /** Makes the folders in which an owner works. */
  make(): void {
    for (const folder of [this.files, join(this.path, DRAFT), join(this.path, PUBLIC)]) makeFolder(folder);
  }

  #document(path: string): Uint8Array | null {
    const name = documentAt(path);
    return name === null ? null : this.published(name);
  }

  #good<Value>(name: DocumentName, read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new ClientError(
        "trust/bad-document",
        `${this.publicPath(name)}: ${error.message} (${error.code})`,
        { cause: error },
      );
    }
  }
}

export function maxBytesOf(name: DocumentName): number {
  return "root" in name ? MAX_ROOT_BYTES : MAX_TARGETS_BYTES;
}

function rank(name: DocumentName): number {
  return "root" in name ? name.root - MAX_TRUST_ROOTS : name.role.length;
}
