/** Lists of sums, in which a name may be that of several files. */
import { SIGNED_SUMS } from "../attestation/index.ts";
import type { Claim, Verified } from "../attestation/index.ts";
import { toHex } from "../bytes/index.ts";
import type { Alias } from "./types.ts";

/** What a builder said of a file. */
interface Listed {
  readonly verified: Verified;
  readonly claim: Claim;
  readonly relation: string;
  readonly retracted: string | null;
}

/**
 * A name in a list of sums may be that of several files: each list of 23.0rc1 has one twice, for two processors, and Tor Browser's lists
 * of signed and of unsigned files have the same names. Who names this file has said nothing against it by naming others (RULES I3).
 */
export function withoutNamesakes<Some extends Listed>(
  heard: readonly Some[],
  isListed: boolean,
): readonly Some[] {
  const isNamed =
    isListed || heard.some((one) => isOfList(one) && one.relation === "same" && one.retracted === null);
  return isNamed ? heard.filter((one) => !isOfList(one) || one.relation === "same") : heard;
}

/** Whether it gives what is known to be this file before its signature was taken off. */
export function standsFor({ file, sha256 }: Claim, alias: Alias | undefined): boolean {
  return file === alias?.target.file && sha256 !== null && alias.known?.has(toHex(sha256)) === true;
}

export function isOfList({ verified, claim }: Pick<Listed, "verified" | "claim">): boolean {
  return verified.predicateType === SIGNED_SUMS && claim.target === null;
}
