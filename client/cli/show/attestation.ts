import { formatTime, parseAttestation, toHex, verifyWith } from "../../../protocol/index.ts";
import type { Attestation, Claim, Verified } from "../../../protocol/index.ts";
import { showFreeze } from "./freeze.ts";
import { showVsa } from "./vsa.ts";
import { plain } from "./shown.ts";
import type { KnownKey, Shown } from "./shown.ts";

const FORMS: Readonly<Record<Attestation["form"], string>> = {
  dsse: "DSSE envelope",
  link: "legacy in-toto link",
  sums: "list of sums with an OpenPGP signature",
};

/**
 * A DSSE envelope, a legacy link or a signed list of sums: what it claims, and by whom it is signed, as far as the keys at hand can tell. `published`: that it
 * stands in a feed is proven already.
 */
export async function showAttestation(
  bytes: Uint8Array,
  keys: readonly KnownKey[],
  { published }: { readonly published: boolean } = { published: false },
): Promise<Shown> {
  const attestation = parseAttestation(bytes);
  const signers: { readonly name: string; readonly verified: Verified }[] = [];
  for (const { name, key } of keys) {
    const verified = await verifyWith(attestation, key);
    if (verified !== null) signers.push({ name, verified });
  }
  const freeze = showFreeze(attestation);
  const vsa = showVsa(attestation);
  return {
    kind: "attestation",
    facts: [
      `${FORMS[attestation.form]}, predicate ${plain(attestation.predicateType)}`,
      ...attestation.signatures.map(
        ({ keyid }) => `  signed with a key that it calls ${plain(keyid ?? "nothing")}`,
      ),
      ...attestation.claims.flatMap(claimLines),
      ...(freeze?.facts ?? []),
      ...(vsa?.facts ?? []),
      ...(attestation.claims.length === 0 && freeze === null && vsa === null
        ? ["  no claim that is known here: it is carried and counts for nothing"]
        : []),
      ...signers.map(({ name, verified }) => `  claim id ${verified.id} (${name})`),
    ],
    proven: [...signers.map(({ name }) => `${name} signed exactly this.`), ...(freeze?.proven ?? [])],
    notProven: [
      ...(freeze?.notProven ?? []),
      ...(vsa?.notProven ?? []),
      ...doubts(attestation, signers.length, keys.length),
      published ? "that it was not taken back since." : "that it was published, or not taken back since.",
    ],
  };
}

/** What a claim says, in two lines. */
export function claimLines(claim: Claim): readonly string[] {
  const what = claim.target === null ? `the file ${plain(claim.file)} (no package named)` : claim.target.purl;
  const time = claim.time === null ? "" : `, ${formatTime(claim.time)}`;
  return [`  ${verb(claim)} ${what}`, `    ${[...details(claim)].join(", ")}${time}`];
}

function verb({ kind, how, step }: Claim): string {
  switch (kind) {
    case "positive":
      return `${step}: ${how} ·`;
    case "failed":
      return `${step}: gave no file ·`;
    case "differs":
      return `${step}: gave another file than this ·`;
    case "retraction":
      return "takes back what it said of";
  }
}

function* details(claim: Claim): Generator<string> {
  if (claim.target !== null) yield `file ${plain(claim.file)}`;
  if (claim.sha256 !== null) yield `SHA-256 ${toHex(claim.sha256)}`;
  for (const id of claim.retracts) yield `claim ${id}`;
  if (claim.replacedBy !== null) yield `replaced by ${claim.replacedBy}`;
  if (claim.reason !== null && claim.reason !== "") yield `"${plain(claim.reason)}"`;
  const { commit, tag, files } = claim.source ?? { commit: null, tag: null, files: [] };
  if (commit !== null) yield `commit ${commit}`;
  if (tag !== null) yield `tag ${tag}`;
  const { repository, branch } = claim.git ?? { repository: null, branch: null };
  if (branch !== null) yield `on ${plain(branch)}`;
  if (repository !== null) yield `of ${repository}`;
  for (const file of files) yield `source ${file.slice(0, 12)}…`;
  if (claim.inputs !== null) yield `inputs ${claim.inputs.slice(0, 12)}…`;
  if (claim.environment !== null) yield `environment ${claim.environment.slice(0, 12)}…`;
}

function doubts({ claims }: Attestation, signers: number, keys: number): readonly string[] {
  return [
    ...(signers === 0 ? [`who signed it: ${nobodyOf(keys)}.`] : []),
    ...(claims.length > 0
      ? ["that what it says is true: that takes others who say the same (samebits verify)."]
      : []),
  ];
}

function nobodyOf(keys: number): string {
  if (keys === 0) return "no key was given (--key, --policy)";
  if (keys === 1) return "the one key at hand made none of its signatures";
  return `none of the ${keys} keys at hand made its signatures`;
}
