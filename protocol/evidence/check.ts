/** Checks evidence from its octets alone: offline, with no state, trusting nobody who handed it over. */
import {
  parseAttestation,
  parseTarget,
  signatureItems,
  trustChecked,
  verifyWith,
} from "../attestation/index.ts";
import type { Verified } from "../attestation/index.ts";
import { toHex } from "../bytes/index.ts";
import { publicKeyOf, verifyEd25519 } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { parseCheckpoint, parseOrigin, verifyEntry, verifyHead } from "../feed/index.ts";
import { badLeaf } from "./bad-leaf.ts";
import { contradiction } from "./contradiction.ts";
import { assertCanonical, readEvidenceFile } from "./file.ts";
import type { Evidence, EvidenceFile } from "./file.ts";
import { fork } from "./fork.ts";

type Side = Extract<EvidenceFile, { readonly a: { readonly signer: Uint8Array } }>["a"];
type Contradiction = Extract<EvidenceFile, { readonly a: Side }>;

/**
 * The evidence that `bytes` are, with every signature and proof checked. Rejects with the code of what is wrong: `evidence/…`, or that of
 * the part that fails.
 */
export function checkEvidence(bytes: Uint8Array): Promise<Evidence> {
  return Promise.resolve()
    .then(() => verifyFile(readEvidenceFile(bytes)))
    .then((evidence) => {
      assertCanonical(evidence, bytes);
      return evidence;
    });
}

function verifyFile(file: EvidenceFile): Evidence | Promise<Evidence> {
  if (file.kind === "fork" || file.kind === "bad-leaf") return withoutEnvelopes(file);
  return Promise.all([verifySide(file.a), verifySide(file.b)]).then(([a, b]) => joinSides(file, a, b));
}

/** As `checkEvidence`, at once, for what only Ed25519 keys signed: what gossip carries. Throws `evidence/foreign-key` for other keys. */
export function checkEvidenceSync(bytes: Uint8Array): Evidence {
  const file = readEvidenceFile(bytes);
  const evidence =
    file.kind === "fork" || file.kind === "bad-leaf"
      ? withoutEnvelopes(file)
      : joinSides(file, verifySideSync(file.a), verifySideSync(file.b));
  assertCanonical(evidence, bytes);
  return evidence;
}

/** Evidence about a feed: its key is Ed25519, always. It holds in whatever network the feed is. */
function withoutEnvelopes(file: Exclude<EvidenceFile, Contradiction>): Evidence {
  if (file.kind === "fork") return fork(verifyHead(file.a), verifyHead(file.b), file.join, file.common);
  const { network } = parseOrigin(parseCheckpoint(file.checkpoint).origin);
  return badLeaf(verifyEntry(file, network), file.path);
}

function joinSides(file: Contradiction, a: Verified, b: Verified): Evidence {
  const evidence = contradiction(a, b, parseTarget(file.purl, file.file).key);
  if (evidence.kind !== file.kind) {
    throw new ProtocolError("evidence/wrong-kind", `this is a ${evidence.kind}, not a ${file.kind}`);
  }
  return evidence;
}

function verifySide(side: Side): Promise<Verified> {
  const key = publicKeyOf(side.signer);
  return verifyWith(parseAttestation(side.envelope), key).then((verified) => verified ?? refuse(side));
}

function verifySideSync(side: Side): Verified {
  const key = publicKeyOf(side.signer);
  if (key.type !== "ed25519") {
    throw new ProtocolError(
      "evidence/foreign-key",
      `the signature of a key of type ${key.type} needs a slow check`,
    );
  }
  const attestation = parseAttestation(side.envelope);
  const holds = signatureItems(attestation, key).some(({ message, signature }) =>
    verifyEd25519(key.raw, message, signature),
  );
  return holds ? trustChecked(attestation, key) : refuse(side);
}

function refuse(side: Side): never {
  throw new ProtocolError(
    "evidence/bad-signature",
    `no signature of the envelope is that of ${toHex(side.signer)}`,
  );
}
