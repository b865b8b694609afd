/** What a manifest comes to, in whatever format it was written. */
import {
  alpmTarget,
  debTarget,
  hasProfile,
  npmTarget,
  parsePurl,
  parseTarget,
  ProtocolError,
  quote,
  toHex,
  writePurl,
} from "../../protocol/index.ts";
import type { Target } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

export type Format = "sha256sums" | "npm-lock" | "cyclonedx";

/** One file that the manifest names whole: what it is, and its digest. */
export interface Entry {
  /** Where it stands: `line 3`, `components[2]`. */
  readonly place: string;
  readonly target: Target;
  /** 32 octets. */
  readonly sha256: Uint8Array;
}

/** One of which only another digest is known. */
export interface Sealed {
  readonly place: string;
  readonly target: Target;
  /** 64 octets. */
  readonly sha512: Uint8Array;
}

/** Why something that is listed can't be checked. */
export type Gap =
  | "no-sha256" // it has no SHA-256, by which builders attest
  | "no-purl" // nothing says what it is
  | "no-target" // its package URL is of a type, or in a form, that names no target
  | "no-file-name" // its package URL leaves open which file it is
  | "several-digests" // one name has several digests
  | "bundled" // it comes inside another package
  | "not-from-registry" // it comes from a repository or a web site, not from the registry that its name is of
  | "not-cached" // the cache that was named does not have it
  | "not-listed"; // no list of the package manager has it

/** Something that is listed and that nobody can be asked about. */
export interface Unchecked {
  readonly place: string;
  readonly name: string;
  readonly gap: Gap;
  /** For people; the same for all of one kind. */
  readonly reason: string;
}

export interface Manifest {
  readonly path: string;
  readonly format: Format;
  readonly entries: readonly Entry[];
  readonly sealed: readonly Sealed[];
  readonly unchecked: readonly Unchecked[];
}

/** Collects the entries of one manifest, each file once. */
export class Listing {
  readonly sealed: Sealed[] = [];
  readonly unchecked: Unchecked[] = [];
  readonly #entries = new Map<string, Entry>();

  add(entry: Entry): void {
    const name = nameOf(entry);
    if (!this.#entries.has(name)) this.#entries.set(name, entry);
  }

  leaveOut(place: string, name: string, gap: Gap, reason: string): void {
    this.unchecked.push({ place, name, gap, reason });
  }

  done(path: string, format: Format): Manifest {
    return {
      path,
      format,
      entries: [...this.#entries.values()],
      sealed: this.sealed,
      unchecked: this.unchecked,
    };
  }
}

/** By this two entries are told apart, in one manifest and in several. */
export function nameOf({ target, sha256 }: Pick<Entry, "target" | "sha256">): string {
  return `${target.keyHex} ${toHex(sha256)}`;
}

/** What is wrong with a manifest, and where. */
export function badManifest(path: string, why: string, cause?: unknown): ClientError {
  return new ClientError("input/bad-manifest", `${path}: ${why}`, { cause });
}

/** Names what is wrong with foreign octets by the manifest's own code; other errors as they are. */
export function within<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw badManifest(path, `${error.message} (${error.code})`, error);
  }
}

/** The target of a package whose package URL says which file it is; null where that leaves it open. Throws as `parseTarget` does. */
function packageIn(purl: string): Target | null {
  const { type, namespace, name, version, qualifiers } = parsePurl(purl);
  const arch = qualifiers.get("arch") ?? "";
  switch (type) {
    case "deb":
      return debTarget({ namespace, name, version, arch });
    case "alpm":
      return alpmTarget({ namespace, name, version, arch });
    case "rpm":
      return parseTarget(purl, `${name}-${version}.${arch}.rpm`);
    case "npm":
      return npmTarget({ scope: namespace, name, version });
    default:
      return null;
  }
}

/** A target, or why there is none. */
export type Named =
  { readonly target: Target } | { readonly target: null; readonly gap: Gap; readonly reason: string };

/** What a package URL in any valid writing names; `file` says which file where the package URL does not. */
export async function namedBy(text: string, file: string | null): Promise<Named> {
  try {
    const purl = await writePurl(text);
    const target = packageIn(purl) ?? (file === null ? null : parseTarget(purl, file));
    return target === null
      ? gap("no-file-name", "the package URL does not say which file it is")
      : { target };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const type = /^pkg:\/*([A-Za-z][A-Za-z0-9.+-]*)\//.exec(text)?.[1]?.toLowerCase() ?? "";
    if (type !== "" && !hasProfile(type))
      return gap("no-target", `nothing fixes yet what names a package of type ${quote(type)}`);
    return gap("no-target", "the package URL lacks what names a package of its type, or is none");
  }
}

function gap(kind: Gap, reason: string): Named {
  return { target: null, gap: kind, reason };
}
