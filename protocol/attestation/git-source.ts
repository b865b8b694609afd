/** What a claim says of the commit that is its source, beside its id, and the commits and tags of git that it brings. */
import { toHex } from "../bytes/index.ts";
import { MAX_GIT_OBJECTS, MAX_REPOSITORY_CHARS } from "../limits.ts";
import type { Descriptor } from "./descriptor.ts";

/** The octets of a commit or tag, as somebody gave them: that they are what the id says is not checked yet. */
export interface GitOctets {
  readonly kind: "commit" | "tag";
  /** Hex, of 40 or 64 digits. */
  readonly id: string;
  /** Hex SHA-256 that stands beside; null where none does. */
  readonly sha256: string | null;
  readonly bytes: Uint8Array;
}

export interface GitSource {
  /** Hex SHA-256 of the octets of the commit that is the claim's source; null where the materials have none, or several. */
  readonly sha256: string | null;
  /** As `repositoryOf` has it: the one of which that commit is. */
  readonly repository: string | null;
  /** On which it was. */
  readonly branch: string | null;
  /** At most MAX_GIT_OBJECTS, in the order of the materials. */
  readonly objects: readonly GitOctets[];
}

/** `commit`: what the claim names as its source. Null where nothing is said but ids. */
export function gitSourceOf(materials: readonly Descriptor[], commit: string | null): GitSource | null {
  const own = materials.filter(({ gitCommit, said }) => gitCommit === commit && said?.isSubmodule !== true);
  const ofCommit = commit === null ? [] : own;
  const sha256 = only(
    ofCommit.map(({ gitTag, sha256: digest }) => (digest === null || gitTag !== null ? null : toHex(digest))),
  );
  const repository = only(ofCommit.map(({ uri }) => repositoryIn(uri)));
  const branch = only(ofCommit.map(({ said }) => said?.branch ?? null));
  const objects = materials.flatMap(octetsIn).slice(0, MAX_GIT_OBJECTS);
  if (sha256 === null && repository === null && branch === null && objects.length === 0) return null;
  return Object.freeze({ sha256, repository, branch, objects: Object.freeze(objects) });
}

/** Of a material that names both, it can't be known of which it has the octets. */
function octetsIn({ gitCommit, gitTag, sha256, content, said }: Descriptor): readonly GitOctets[] {
  if (content === undefined || said?.isSubmodule === true || (gitCommit === null) === (gitTag === null))
    return [];
  const of = { sha256: sha256 === null ? null : toHex(sha256), bytes: content };
  if (gitTag !== null) return [Object.freeze({ kind: "tag", id: gitTag, ...of })];
  return gitCommit === null ? [] : [Object.freeze({ kind: "commit", id: gitCommit, ...of })];
}

function only(values: readonly (string | null)[]): string | null {
  const named = new Set(values.filter((value) => value !== null));
  return named.size === 1 ? ([...named][0] ?? null) : null;
}

const REPOSITORY = /^(?:https?|ssh|git):\/\/[a-z0-9.-]+(?::[0-9]{1,5})?(?:\/[\w.~%+-]+)+$/;

/** A repository's URL without what says nothing (`.git` and a slash at its end); null where it is none, or has a user, a query or a fragment in it. */
export function repositoryOf(url: string): string | null {
  if (url.length > MAX_REPOSITORY_CHARS) return null;
  const short = withoutEnd(withoutEnd(url, "/"), ".git");
  return REPOSITORY.test(short) ? short : null;
}

/** Out of `git+URL@COMMIT` or `git+URL`, as SPDX and SLSA name a checkout. */
function repositoryIn(uri: string | null): string | null {
  if (uri === null || !uri.startsWith("git+")) return null;
  const [url = "", , third] = uri.slice("git+".length).split("@");
  return third === undefined ? repositoryOf(url) : null;
}

function withoutEnd(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, -end.length) : text;
}
