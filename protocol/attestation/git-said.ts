/** What samebits says of a commit among the materials, for which in-toto has no member: `annotations.samebits`, read exactly. */
import { jsonObject } from "../bytes/index.ts";
import type { JsonValue, Shape } from "../bytes/index.ts";
import { MAX_GIT_NAME_BYTES } from "../limits.ts";
import { isPrintable } from "./file-name.ts";

/** Member under which it stands, as in predicates. */
const SAMEBITS = "samebits";

export interface GitSaid {
  /** The commit was on this branch. */
  readonly branch: string | null;
  /** What was built was not the commit as it stands: files of it had been changed. */
  readonly isDirty: boolean;
  /** It is what the commit named beside it has at the material's name: a part of that, and no input by itself. */
  readonly isSubmodule: boolean;
}

/** Null where nothing is said. Throws `shape/…`, `attestation/bad-name`. */
export function readGitSaid(annotations: Shape | undefined): GitSaid | null {
  const shape = annotations?.record().optional(SAMEBITS);
  if (shape === undefined) return null;
  const fields = shape.record();
  const branch = fields.optional("branch");
  const isDirty = fields.optional("dirty")?.boolean() ?? false;
  const isSubmodule = fields.optional("submodule")?.boolean() ?? false;
  fields.done();
  return Object.freeze({ branch: branch === undefined ? null : readBranch(branch), isDirty, isSubmodule });
}

/** The annotations as we write them: what is not so is left out. */
export function gitSaidJson({ branch, isDirty, isSubmodule }: GitSaid): JsonValue {
  return jsonObject({
    [SAMEBITS]: jsonObject({
      branch: branch ?? undefined,
      dirty: isDirty || undefined,
      submodule: isSubmodule || undefined,
    }),
  });
}

function readBranch(shape: Shape): string {
  const name = shape.string(MAX_GIT_NAME_BYTES);
  return isPrintable(name)
    ? name
    : shape.fail(
        "attestation/bad-name",
        "the branch has an empty name, or one that is not shown as it stands",
      );
}
