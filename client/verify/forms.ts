/** Normal forms of the files at hand, where a rule ties its steps by them (spec/verdict.md, "Steps"). */
import { asksForForm, isWholeForm, ProtocolError, toHex } from "../../protocol/index.ts";
import type { Artifact, FileForm, Policy } from "../../protocol/index.ts";
import { hashForm } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import type { Examined } from "./examine.ts";

export type Forms = ReadonlyMap<string, FileForm>;

/** What was found of the files, and which of them is without signatures at hand too. */
export interface Formed {
  readonly files: readonly Examined[];
  /** By hex SHA-256 of the file. */
  readonly forms: Forms;
}

/**
 * Reads each file again for whose rule its normal form matters; the others not at all. `unsigned`: what the only file was before it was signed, as the
 * user says. Throws `artifact/not-unsigned` where that is something else, `usage/bad-option` where no step asks for it, `input/…`, `normal-form/…`.
 */
export async function formsOf(
  files: readonly Examined[],
  policy: Policy,
  unsigned: string | null,
): Promise<Formed> {
  const forms = new Map<string, FileForm>();
  for (const { path, artifact } of files)
    if (path !== null && asksForForm(artifact, policy)) forms.set(...(await formAt(path, artifact)));
  const [file, ...others] = files;
  if (unsigned === null || file === undefined || others.length > 0) return { files, forms };
  const form = forms.get(toHex(file.artifact.sha256));
  if (form === undefined)
    throw new ClientError(
      "usage/bad-option",
      `--unsigned ${unsigned}: no step of a rule for this file is tied to the one before by its normal form`,
    );
  const brought = await hashForm(unsigned);
  forms.set(toHex(brought.sha256), writeForm(brought));
  if (!("why" in form) && form.sha256 !== toHex(brought.unsigned))
    throw new ClientError(
      "artifact/not-unsigned",
      `${unsigned} is not what was signed: its normal form is ${toHex(brought.unsigned)}, that of ${file.artifact.name} is ${form.sha256}`,
    );
  const artifact = { ...file.artifact, unsigned: toHex(brought.sha256) };
  return { files: [{ ...file, artifact }], forms };
}

/** Both digests are of the same octets, which must be those that are judged. */
async function formAt(path: string, { sha256 }: Artifact): Promise<readonly [string, FileForm]> {
  const judged = toHex(sha256);
  try {
    const read = await hashForm(path);
    if (toHex(read.sha256) !== judged)
      throw new ClientError("input/unreadable", `${path}: it changed while it was read; try again`);
    return [judged, writeForm(read)];
  } catch (error) {
    if (error instanceof ProtocolError) return [judged, { why: `${error.message} (${error.code})` }];
    throw error;
  }
}

function writeForm({ unsigned, format }: Awaited<ReturnType<typeof hashForm>>): FileForm {
  return Object.freeze({ sha256: toHex(unsigned), isWhole: isWholeForm(format) });
}
