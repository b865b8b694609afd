/** What `show` says of a file: sniffed by its first octets, read exactly, and checked as far as it proves itself. */
import {
  beginsAsSplit,
  checkEvidence,
  checkSplit,
  describeEvidence,
  describeSplit,
  fromUtf8,
  MAX_LINK_BYTES,
  ProtocolError,
  readBundleFile,
  readVsa,
  startsWith,
  utf8,
} from "../../../protocol/index.ts";
import { showAttestation } from "./attestation.ts";
import { showBundle } from "./bundle.ts";
import { showCheckpoint } from "./checkpoint.ts";
import { showLayout } from "./layout.ts";
import { showProof } from "./proof.ts";
import { showBareVsa } from "./vsa.ts";
import type { KnownKey, Shown } from "./shown.ts";

export { layoutLines, ranOf } from "./layout.ts";
export { plain } from "./shown.ts";
export { beginsAsSums, showSums } from "./sums.ts";
export type { NamedSums } from "./sums.ts";
export type { KnownKey, Shown } from "./shown.ts";

const PROOF = utf8("c2sp.org/tlog-proof@v1\n");
const EVIDENCE = utf8('{"samebits":1,"type":"evidence"');
const STATEMENT = utf8('{"_type":"https://in-toto.io/Statement/');
const BRACE = 0x7b;

/** Throws ProtocolError with the code of what does not read or does not hold. */
export async function showFile(bytes: Uint8Array, keys: readonly KnownKey[]): Promise<Shown> {
  if (startsWith(bytes, PROOF)) return showProof(bytes, keys);
  if (startsWith(bytes, EVIDENCE) && isOneLine(bytes)) return showEvidence(bytes);
  if (startsWith(bytes, STATEMENT) && isOneLine(bytes)) return showBareVsa(readVsa(bytes));
  if (firstVisible(bytes) !== BRACE) return showCheckpoint(bytes);
  const layout = bytes.length > MAX_LINK_BYTES ? null : await showLayout(bytes, keys);
  if (layout !== null) return layout;
  const bundle = readBundleFile(bytes);
  const [envelope, ...more] = bundle.envelopes;
  const only =
    bundle.made === null && bundle.entries.length + bundle.heads.length + bundle.evidence.length === 0;
  return only && envelope !== undefined && more.length === 0
    ? showAttestation(envelope, keys)
    : showBundle(bundle, keys);
}

async function showEvidence(bytes: Uint8Array): Promise<Shown> {
  const lines = beginsAsSplit(bytes)
    ? describeSplit(checkSplit(bytes))
    : describeEvidence(await checkEvidence(bytes));
  const starting = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length));
  return {
    kind: "evidence",
    facts: lines.filter((line) => !/^(Not p|P)roven: /.test(line)),
    proven: starting("Proven: "),
    notProven: starting("Not proven: "),
  };
}

function isOneLine(bytes: Uint8Array): boolean {
  const end = bytes.indexOf(0x0a);
  return end === -1 || end === bytes.length - 1;
}

function firstVisible(bytes: Uint8Array): number | undefined {
  return bytes.find((octet) => octet > 0x20);
}

/** For a file that is none of ours: what its first line looks like. */
export function firstLine(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes.subarray(0, 80)).split("\n", 1)[0] ?? "";
  } catch (error) {
    if (error instanceof ProtocolError) return "octets that are no text";
    throw error;
  }
}
