/** The rows that make the claims of an entry findable: put when it is indexed, deleted when its feed goes. */
import { legacyKey } from "../attestation/index.ts";
import type { Attestation, Claim } from "../attestation/index.ts";
import { fromHex } from "../bytes/index.ts";
import { MAX_LEGACY_SIGNERS } from "../limits.ts";
import { writeClaimRow } from "./claim-row.ts";
import type { KnownKeys } from "./keys.ts";
import { digestKey, retractedKey, targetKey } from "./rows.ts";
import type { Row } from "./types.ts";

const NOTHING = new Uint8Array(0);

/** Rows of the entry at `index` of feed `no`; the row of its name apart, which all claims about a target share. */
export function indexRows(
  keys: KnownKeys,
  no: number,
  index: number,
  attestation: Attestation,
): readonly Row[] {
  return attestation.claims.flatMap((claim, number) => [
    ...claim.retracts.map((id) => row(retractedKey(fromHex(id), no, index), NOTHING)),
    ...(claim.sha256 === null ? [] : [row(digestKey(claim.sha256, no, index), NOTHING)]),
    ...targetsOf(keys, claim, attestation).map((target) =>
      row(targetKey(target, no, index, number), writeClaimRow(claim)),
    ),
  ]);
}

/** A legacy link names a file only: it is found under its signer and file name (RULES R5). */
function targetsOf(keys: KnownKeys, claim: Claim, attestation: Attestation): readonly Uint8Array[] {
  if (claim.target !== null) return [claim.target.key];
  if (claim.kind === "retraction") return [];
  const signers = keys.namedBy(attestation).slice(0, MAX_LEGACY_SIGNERS);
  return signers.map((signer) => legacyKey(signer.raw, claim.file));
}

function row(key: Uint8Array, value: Uint8Array): Row {
  return { key, value };
}
