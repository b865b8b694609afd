/** What a rebuild says, as statements to be signed (protocol/spec/attestation.md, "Differing results"). */
import { MAX_REASON_BYTES } from "../../../protocol/index.ts";
import { draft, draftFailure } from "../../attest/index.ts";
import type { Draft, Inputs, StatementOptions } from "../../attest/index.ts";
import type { Output } from "./outputs.ts";
import type { Rebuild } from "./rebuild.ts";

/** One for each package that came out; of a build that failed, one for each that should have. */
export function draftsOf(rebuild: Rebuild, keyId: string, time: number): readonly Draft[] {
  const { source, failure, run, outputs, expected } = rebuild;
  const said: StatementOptions = { step: "rebuild", how: "built", predicate: "link", keyId, time };
  if (failure !== null) {
    const inputs: Inputs = { materials: source.materials, environment: null, listed: null };
    const options = run === null ? said : { ...said, run };
    return expected.map(({ target }) => draftFailure(target.purl, target.file, failure, inputs, options));
  }
  return outputs.flatMap((output) => {
    const { target, sha256, buildinfo, environment } = output;
    const inputs: Inputs = { materials: [...source.materials, buildinfo], environment, listed: null };
    const reason = reasonOf(output);
    const options = { ...said, run: output.run, ...(reason === null ? {} : { reason }) };
    return draft([{ target, file: target.file, sha256 }], inputs, options, true);
  });
}

/** Why it is another file than the archive's; null where it is not. */
export function reasonOf({ cause }: Output): string | null {
  if (cause === null) return null;
  const reason = `${cause.class}: ${cause.detail}`.replaceAll("\\", "/"); // no backslash is signed alike by all tools
  const octets = new TextEncoder().encode(reason);
  return new TextDecoder().decode(octets.subarray(0, MAX_REASON_BYTES - 3)).replace(/\uFFFD+$/u, "");
}
