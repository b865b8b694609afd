import {
  checkEvidence,
  counted,
  describeEvidence,
  formatTime,
  keyIdPlain,
  parseAttestation,
  ProtocolError,
  publicKeyOf,
  sameKey,
  verifyEntry,
  verifyWith,
} from "../../../protocol/index.ts";
import type { Bundle, RawEntry } from "../../../protocol/index.ts";
import { claimLines, showAttestation } from "./attestation.ts";
import { showCheckpoint } from "./checkpoint.ts";
import type { KnownKey, Shown } from "./shown.ts";

const FALLBACK_NETWORK = "main";

/** A bundle with all that it holds, each part checked. Throws the code of the first that does not hold. */
export async function showBundle(bundle: Bundle, keys: readonly KnownKey[]): Promise<Shown> {
  const { made, entries, heads, envelopes, evidence } = bundle;
  const network = made?.network ?? FALLBACK_NETWORK;
  const facts = [
    made === null
      ? "file of envelopes"
      : `bundle of network ${network}, made ${formatTime(made.time)} as it says`,
    `  ${[
      counted(heads.length, "head"),
      counted(entries.length, "entry with proof", "entries with proofs"),
      counted(envelopes.length, "envelope"),
      counted(evidence.length, "proof of misdeeds", "proofs of misdeeds"),
    ].join(", ")}`,
  ];
  for (const { checkpoint } of heads) facts.push(...showCheckpoint(checkpoint).facts);
  for (const entry of entries) facts.push(...(await entryLines(entry, network, keys)));
  for (const envelope of envelopes) facts.push(...(await showAttestation(envelope, keys)).facts);
  for (const proof of evidence) facts.push(...describeEvidence(await checkEvidence(proof)));
  return {
    kind: "bundle",
    facts,
    proven: [
      ...(heads.length > 0
        ? [
            `${counted(heads.length, "head is signed by its feed's key", "heads are signed by their feeds' keys")}.`,
          ]
        : []),
      ...(entries.length > 0
        ? [
            `${counted(entries.length, "entry stands in this feed", "entries stand in these feeds")}, signed as shown.`,
          ]
        : []),
      ...(evidence.length > 0 ? [`${counted(evidence.length, "proof holds", "proofs hold")}.`] : []),
    ],
    notProven: [
      ...(envelopes.length > 0 && keys.length === 0
        ? ["who signed the loose envelopes: no key was given."]
        : []),
      "what its maker left out: dissent may be hidden.",
      "what happened since it was made.",
    ],
  };
}

async function entryLines(
  entry: RawEntry,
  network: string,
  keys: readonly KnownKey[],
): Promise<readonly string[]> {
  const { head, index } = verifyEntry(entry, network);
  const key = publicKeyOf(entry.signer);
  const verified = await verifyWith(parseAttestation(entry.entry), key);
  if (verified === null) {
    throw new ProtocolError(
      "verdict/bad-signature",
      `entry ${index} of ${head.origin} is not signed by whom it names`,
    );
  }
  const name =
    keys.find((known) => sameKey(known.key, key))?.name ?? `the key ${keyIdPlain(key).slice(0, 16)}…`;
  return [`entry ${index} of ${head.origin}, signed by ${name}`, ...verified.claims.flatMap(claimLines)];
}
