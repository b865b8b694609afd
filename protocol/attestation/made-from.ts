/** What an attestation says that its products were made from. Claims have digests of it only: it is read again where it is asked for. */
import { readJson, record, toHex } from "../bytes/index.ts";
import type { RecordShape } from "../bytes/index.ts";
import { MAX_ENTRY_BYTES } from "../limits.ts";
import type { Attestation } from "./attestation.ts";
import { isOfGit, readDigests, readMaterials } from "./descriptor.ts";
import type { Descriptor } from "./descriptor.ts";
import { readEnvelope } from "./dsse.ts";
import { LEGACY_LINK } from "./legacy.ts";
import { LINK_V03 } from "./link.ts";
import { SLSA_V1 } from "./slsa.ts";

/** A file that went into what the attestation is about. */
export interface Input {
  /** As the signer names it, often a path; "" where it does not. */
  readonly name: string;
  /** Hex. */
  readonly sha256: string;
}

const LIMITS = { maxBytes: MAX_ENTRY_BYTES };

/** Files among the materials, by their SHA-256: of a link (either kind) and of SLSA's provenance; of other attestations none. Pass what `parseAttestation` made. */
export function madeFrom(attestation: Attestation): readonly Input[] {
  const { form, predicateType, bytes } = attestation;
  if (form === "sums") return [];
  const outer = record(readJson(bytes, LIMITS), "envelope");
  const root =
    form === "link"
      ? outer.record("signed")
      : record(readJson(readEnvelope(outer).payload, LIMITS), "payload");
  switch (predicateType) {
    case LINK_V03:
      return withDigest(readMaterials(root.record("predicate").optional("materials")));
    case SLSA_V1:
      return withDigest(
        readMaterials(root.record("predicate").record("buildDefinition").optional("resolvedDependencies")),
      );
    case LEGACY_LINK:
      return legacyInputs(root);
    default:
      return [];
  }
}

function legacyInputs(link: RecordShape): readonly Input[] {
  return [...link.member("materials").table(Number.MAX_SAFE_INTEGER)].flatMap(([name, digests]) => {
    const { sha256, ...git } = readDigests(digests);
    return sha256 === null || isOfGit(git) ? [] : [{ name, sha256: toHex(sha256) }];
  });
}

function withDigest(materials: readonly Descriptor[]): readonly Input[] {
  return materials.flatMap((one) =>
    one.sha256 === null || isOfGit(one) ? [] : [{ name: one.name, sha256: toHex(one.sha256) }],
  );
}
