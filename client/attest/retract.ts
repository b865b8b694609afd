import { buildRetraction } from "../../protocol/index.ts";
import type { Verified } from "../../protocol/index.ts";
import type { EnvelopeSigner } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { seal } from "./seal.ts";
import type { Sealed } from "./seal.ts";
import { stated } from "./statement.ts";

/** Takes a claim of one's own back, for ever visible (RULES R17). `replacedBy` is the claim id that stands instead. */
export async function retract(
  claim: Verified,
  signer: EnvelopeSigner,
  options: { readonly reason: string; readonly replacedBy: string | null; readonly time: number },
): Promise<Sealed> {
  const subjects = claim.claims
    .filter(({ kind }) => kind !== "retraction")
    .map(({ target, file, sha256 }) => ({ target, file, sha256 }));
  if (subjects.length === 0) {
    throw new ClientError(
      "usage/nothing-to-do",
      "the envelope makes no claim that could be taken back: name one that `attest` wrote",
    );
  }
  const statement = stated(() => buildRetraction(subjects, { retracts: [claim.id], ...options }));
  return seal(statement, signer);
}
