/** in-toto ResourceDescriptors and DigestSets, as far as claims need them (in-toto attestation spec v1). */
import { fromBase64 } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { MAX_MATERIALS, MAX_PATH_BYTES } from "../limits.ts";
import { isPrintable } from "./file-name.ts";
import { readGitSaid } from "./git-said.ts";
import type { GitSaid } from "./git-said.ts";

/** A file, a checkout or another thing, with those of its digests that we use. */
export interface Descriptor {
  /** As the signer names it, often a path; "" where it does not. */
  readonly name: string;
  readonly uri: string | null;
  readonly sha256: Uint8Array | null;
  /** Git's ids in hex: 40 or 64 digits. */
  readonly gitCommit: string | null;
  readonly gitTag: string | null;
  /** Git's id of a commit's tree. */
  readonly gitTree?: string;
  /** Of a commit or tag, its octets; nothing of them is checked. */
  readonly content?: Uint8Array;
  /** What samebits says beside of a commit. */
  readonly said?: GitSaid;
}

/** A file by its name and SHA-256, and nothing else. */
export function fileDescriptor(name: string, sha256: Uint8Array): Descriptor {
  return { name, uri: null, sha256, gitCommit: null, gitTag: null };
}

const GIT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** A ResourceDescriptor: unknown members and digests are ignored, as in-toto demands; known ones are exact. */
export function readDescriptor(shape: Shape): Descriptor {
  const resource = shape.record();
  const name = resource.optional("name");
  const digest = resource.optional("digest");
  const thing: Descriptor = {
    name: name === undefined ? "" : readName(name),
    uri: resource.optional("uri")?.string(MAX_PATH_BYTES) ?? null,
    ...readDigests(digest),
  };
  // Of other things others may have contents and annotations of any kind.
  return isOfGit(thing) ? { ...thing, ...readGit(resource, digest) } : thing;
}

/** Whether it is a commit or a tag. */
export function isOfGit({ gitCommit, gitTag }: Pick<Descriptor, "gitCommit" | "gitTag">): boolean {
  return gitCommit !== null || gitTag !== null;
}

function readGit(
  resource: RecordShape,
  digest: Shape | undefined,
): Pick<Descriptor, "gitTree" | "content" | "said"> {
  const gitTree = readGitId(digest?.record().optional("gitTree"));
  const content = resource.optional("content");
  const said = readGitSaid(resource.optional("annotations"));
  return {
    ...(gitTree === null ? {} : { gitTree }),
    ...(content === undefined ? {} : { content: content.within(() => fromBase64(content.string())) }),
    ...(said === null ? {} : { said }),
  };
}

/** The digests of a DigestSet that we use. Throws `bytes/bad-hex` for a known one that is not lowercase hex of its length. */
export function readDigests(shape: Shape | undefined): Pick<Descriptor, "sha256" | "gitCommit" | "gitTag"> {
  const digests = shape?.record();
  return {
    sha256: digests?.optional("sha256")?.hex(32) ?? null,
    gitCommit: readGitId(digests?.optional("gitCommit")),
    gitTag: readGitId(digests?.optional("gitTag")),
  };
}

/** The descriptors of a list. Throws `statement/too-many-materials`. */
export function readMaterials(shape: Shape | undefined): readonly Descriptor[] {
  if (shape === undefined) return [];
  const items = shape.list(Number.MAX_SAFE_INTEGER);
  assertFewMaterials(shape, items.length);
  return items.map(readDescriptor);
}

/** Throws `statement/too-many-materials` where there are more than MAX_MATERIALS. */
export function assertFewMaterials(shape: Shape, count: number): void {
  if (count > MAX_MATERIALS) {
    shape.fail(
      "statement/too-many-materials",
      `${count} materials; at most ${MAX_MATERIALS} are read: name the .buildinfo that lists them instead`,
    );
  }
}

/** A name of a material, product or step: one line of at most MAX_PATH_BYTES octets. */
export function readName(shape: Shape, maxBytes: number = MAX_PATH_BYTES): string {
  const name = shape.string(maxBytes);
  return isPrintable(name)
    ? name
    : shape.fail(
        "attestation/bad-name",
        "the name is empty, or holds a control character or what turns text around",
      );
}

function readGitId(shape: Shape | undefined): string | null {
  if (shape === undefined) return null;
  const id = shape.string();
  return GIT_ID.test(id)
    ? id
    : shape.fail("bytes/bad-hex", "a git id of 40 or 64 lowercase hex digits expected");
}
