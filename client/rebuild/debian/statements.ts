/** What a rebuild says, as statements to be signed (protocol/spec/attestation.md, "Differing results"). */
import { equalBytes, MAX_REASON_BYTES } from "../../../protocol/index.ts";
import { draft, draftFailure, madeAt } from "../../attest/index.ts";
import type { Draft, FormWish, Inputs, StatementOptions } from "../../attest/index.ts";
import { ClientError } from "../../errors.ts";
import type { Output } from "./outputs.ts";
import type { Rebuild } from "./rebuild.ts";

/** One for each package that came out; of a build that failed, one for each that should have. Throws as `madeAt`. */
export async function draftsOf(
  rebuild: Rebuild,
  keyId: string,
  time: number,
  forms: FormWish,
): Promise<readonly Draft[]> {
  const { source, failure, run, outputs, expected } = rebuild;
  const said: StatementOptions = { step: "rebuild", how: "built", predicate: "link", keyId, time };
  if (failure !== null) {
    const inputs: Inputs = { materials: source.materials, environment: null, listed: null };
    const options = run === null ? said : { ...said, run };
    return expected.map(({ target }) => draftFailure(target.purl, target.file, failure, inputs, options));
  }
  const drafts: Draft[] = [];
  for (const output of outputs) {
    const { path, target, sha256, buildinfo, environment } = output;
    const made = await madeAt(path, { target, file: target.file }, forms);
    if (!equalBytes(made.sha256, sha256))
      throw new ClientError(
        "artifact/mismatch",
        `${path}: it was changed since it was built; nothing was signed`,
      );
    const inputs: Inputs = { materials: [...source.materials, buildinfo], environment, listed: null };
    const reason = reasonOf(output);
    const options = { ...said, run: output.run, ...(reason === null ? {} : { reason }) };
    drafts.push(...draft([made], inputs, options, true));
  }
  return drafts;
}

/** Why it is another file than the archive's; null where it is not. */
export function reasonOf({ cause }: Output): string | null {
  if (cause === null) return null;
  const reason = `${cause.class}: ${cause.detail}`.replaceAll("\\", "/"); // no backslash is signed alike by all tools
  const octets = new TextEncoder().encode(reason);
  return new TextDecoder().decode(octets.subarray(0, MAX_REASON_BYTES - 3)).replace(/\uFFFD+$/u, "");
}
