/** Commits and tags as materials (protocol/spec/attestation.md, "Commits and tags"). */
import { isPath, MAX_GIT_CONTENT_BYTES, sha256 } from "../../protocol/index.ts";
import type { Descriptor, GitCommit, GitSaid, GitTag } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { openCheckout } from "../git/index.ts";
import type { GitCheckout, GitWish } from "../git/index.ts";

/** Options of commands that name commits. */
export interface GitOptions {
  readonly git?: readonly string[];
  readonly gitBranch?: string;
  readonly gitUrl?: string;
  readonly gitDirty?: boolean;
}

/** Null where no commit is named. Throws `usage/bad-option` for what is said of none. */
export function gitWishOf({ git = [], gitBranch, gitUrl, gitDirty }: GitOptions): GitWish | null {
  if (git.length > 0)
    return {
      references: git,
      branch: gitBranch ?? null,
      url: gitUrl ?? null,
      dirty: gitDirty === true,
    };
  if (gitBranch !== undefined || gitUrl !== undefined || gitDirty === true)
    throw bad("--git-branch, --git-url and --git-dirty say something of the commit that --git names");
  return null;
}

/** What is said of a checkout, and what the user is to be told. Throws what `openCheckout` throws. */
export async function gitMaterials(
  wish: GitWish,
): Promise<{ readonly materials: readonly Descriptor[]; readonly notes: readonly string[] }> {
  const checkout = await openCheckout(wish);
  const { commit, id, tags, submodules } = checkout;
  const left = new Set<GitTag | GitCommit>();
  let room = MAX_GIT_CONTENT_BYTES;
  // Tags first: they are what people sign.
  const octets = (object: GitTag | GitCommit): Pick<Descriptor, "content"> => {
    if (object.bytes.length > room) {
      left.add(object);
      return {};
    }
    room -= object.bytes.length;
    return { content: object.bytes };
  };
  const tagged = tags.map(({ id: tagId, tag }): Descriptor => {
    const name = isPath(tag.name) ? tag.name : "tag";
    const digests = { sha256: sha256(tag.bytes), gitCommit: null, gitTag: tagId };
    return { name, uri: null, ...digests, ...octets(tag) };
  });
  const source: Descriptor = {
    name: SOURCE,
    uri: uriOf(checkout.repository, id),
    sha256: sha256(commit.bytes),
    gitCommit: id,
    gitTree: commit.tree,
    gitTag: null,
    ...octets(commit),
    ...saidOf(checkout),
  };
  const parts = submodules.map(({ path, commit: part, repository }): Descriptor => ({
    name: path,
    uri: uriOf(repository, part),
    sha256: null,
    gitCommit: part,
    gitTag: null,
    said: { branch: null, isDirty: false, isSubmodule: true },
  }));
  return { materials: [source, ...tagged, ...parts], notes: [...checkout.notes, ...tooLarge(left)] };
}

/** The one material as which a link of a step names it: its products and materials are held against each other by all their digests. */
export async function gitStepMaterial(
  wish: GitWish,
): Promise<{ readonly materials: readonly Descriptor[]; readonly notes: readonly string[] }> {
  const { references, branch, url, dirty } = wish;
  if (references.length > 1 || branch !== null || url !== null || dirty === true)
    throw bad("a link of a step names a commit and its tag by one reference, and has no place for more");
  const { id, tags, notes } = await openCheckout(wish);
  const gitTag = tags[0]?.id ?? null;
  return { materials: [{ name: SOURCE, uri: null, sha256: null, gitCommit: id, gitTag }], notes };
}

const SOURCE = "source";

function uriOf(repository: string | null, commit: string): string | null {
  return repository === null ? null : `git+${repository}@${commit}`;
}

function saidOf({ branch, isDirty }: GitCheckout): { readonly said?: GitSaid } {
  return branch === null && !isDirty ? {} : { said: { branch, isDirty, isSubmodule: false } };
}

function tooLarge(left: ReadonlySet<GitTag | GitCommit>): readonly string[] {
  return [...left].map(
    (object) =>
      `${object.kind === "tag" ? `the tag ${object.name}` : "the commit"} is too large to go along ` +
      `(${object.bytes.length} octets; together at most ${MAX_GIT_CONTENT_BYTES}): it is named only, and who signed it is not seen from here`,
  );
}

function bad(why: string): ClientError {
  return new ClientError("usage/bad-option", why);
}
