/** What a rule asks of the commit from which a file was built: who has signed it, on which branch it is, and of which repository. */
import { isPrintable, repositoryOf } from "../attestation/index.ts";
import { isJsonArray, quote } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { MAX_GIT_NAME_BYTES, MAX_SOURCE_NAMES } from "../limits.ts";
import type { GitRule, Requirement, Way } from "./types.ts";

/** Stands in a tag's name for the version of the purl. */
const VERSION = "{version}";

/** Reads who has to sign, and how that can be met. */
export type ReadSigners = (shape: Shape) => {
  readonly requirement: Requirement;
  readonly ways: readonly Way[];
};

/** `signed`, `tag`, `branch` and `repository`; null without any. Throws `policy/bad-rule`, and what `readSigners` throws. */
export function readGitRule(fields: RecordShape, readSigners: ReadSigners): GitRule | null {
  const signed = fields.optional("signed");
  const tag = fields.optional("tag");
  const branch = fields.optional("branch");
  const repository = fields.optional("repository");
  if ([signed, tag, branch, repository].every((one) => one === undefined)) return null;
  if (signed === undefined && tag !== undefined)
    tag.fail("policy/bad-rule", "a tag's name is worth what its signers are: say who, with signed");
  return Object.freeze({
    signed: signed === undefined ? null : Object.freeze(readSigners(signed)),
    tags: namesIn(tag, readTag),
    branch: branch === undefined ? null : readName(branch),
    repositories: namesIn(repository, readRepository),
  });
}

/** The names that a tag may have, of this version; empty = any, and the commit itself may be signed instead. */
export function tagsFor({ tags }: Pick<GitRule, "tags">, version: string): readonly string[] {
  return tags.map((tag) => tag.replaceAll(VERSION, () => version));
}

/** One, or a list of them. */
function namesIn(shape: Shape | undefined, read: (item: Shape) => string): readonly string[] {
  if (shape === undefined) return Object.freeze([]);
  if (!isJsonArray(shape.value)) return Object.freeze([read(shape)]);
  const names = shape.list(MAX_SOURCE_NAMES).map(read);
  if (names.length === 0) shape.fail("policy/never-met", "an empty list can never be met");
  return Object.freeze([...new Set(names)]);
}

/** Of no tag is the name such that it could be taken for a pattern. */
function readTag(shape: Shape): string {
  const tag = readName(shape);
  if (!/^[\w!-)+-/;->@`|]*$/.test(tag.replaceAll(VERSION, "")))
    shape.fail(
      "policy/bad-pattern",
      `${quote(tag)}: a tag's name in ASCII as it stands, and ${VERSION} for the package's`,
    );
  return tag;
}

function readName(shape: Shape): string {
  const name = shape.string(MAX_GIT_NAME_BYTES);
  return isPrintable(name) ? name : shape.fail("policy/bad-name", "a name of one line expected");
}

function readRepository(shape: Shape): string {
  return (
    repositoryOf(shape.string()) ??
    shape.fail("policy/bad-name", "a repository's address expected, without user, as in https://HOST/PATH")
  );
}
