import { verifyWith } from "../../protocol/index.ts";
import type { Attestation, PublicKey } from "../../protocol/index.ts";

/** The first whose key made one of the attestation's signatures; null where nobody's did. */
export async function whoSigned<Holder extends { readonly key: PublicKey }>(
  attestation: Attestation,
  holders: readonly Holder[],
): Promise<Holder | null> {
  for (const holder of holders) if ((await verifyWith(attestation, holder.key)) !== null) return holder;
  return null;
}
