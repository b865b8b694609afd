import { basename, dirname, join } from "node:path";
import {
  counted,
  fromUtf8,
  keyIdPlain,
  MAX_CERTIFICATE_BYTES,
  MAX_SUMS_BYTES,
  parseAttestation,
  parseSums,
  ProtocolError,
  readDetached,
  wrapSums,
} from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import type { NamedKey } from "./certificates.ts";
import type { Harvest, Imported, LeftOut } from "./imported.ts";
import { filesBelow } from "./walk.ts";
import { whoSigned } from "./who-signed.ts";

/** How lists and their signatures lie in a folder. */
export type SumsLayout = "guix" | "flat";

/** A list, and a detached signature beside it. */
interface Pair {
  readonly list: string;
  readonly signature: string;
  /** Who signed, as the place says; "" where it doesn't. */
  readonly place: string;
}

/** `NAME.asc`, `NAME.sig`, `NAME.asc-SIGNER`. */
const SIGNATURE = /^(?<list>.+)\.(?:asc|sig|gpg)(?:-(?<who>[\w.-]+))?$/;
/** What guix-attest writes, under the name of who signs. */
const GUIX_LIST = /^(?:noncodesigned|all|codesigned)\.SHA256SUMS$/;

/**
 * The signed lists below a folder, one document a signature, each checked with the keys at hand. What can't be read or is signed by nobody
 * whose key is at hand is left out, and told. Throws `input/…` for the folder alone.
 */
export async function harvestSums(
  folder: string,
  layout: SumsLayout,
  keys: readonly NamedKey[],
): Promise<Harvest> {
  const imported: Imported[] = [];
  const leftOut: LeftOut[] = [];
  for (const pair of pairsOf(filesBelow(folder), layout)) {
    const source = join(folder, pair.signature);
    try {
      const list = readWhole(join(folder, pair.list), MAX_SUMS_BYTES);
      // Before its signatures: a list that can't be read is of no use, whoever signed it.
      parseSums(list);
      for (const packet of readDetached(readWhole(source, MAX_CERTIFICATE_BYTES))) {
        const one = await signedBy(fromUtf8(list), packet, sorted(keys, pair.place));
        if (one === null) leftOut.push(stranger(source, keys.length));
        else imported.push({ source, ...one });
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      leftOut.push({ source, code: error.code, reason: error.message });
    }
  }
  return { imported, leftOut };
}

/** The document of a list and one signature, and which of the keys made that. */
async function signedBy(
  list: string,
  packet: Uint8Array,
  keys: readonly NamedKey[],
): Promise<Omit<Imported, "source"> | null> {
  const unnamed = parseAttestation(wrapSums(list, packet, ""));
  const known = await whoSigned(unnamed, keys);
  if (known === null) return null;
  const { key, signer } = known;
  return { attestation: parseAttestation(wrapSums(list, packet, keyIdPlain(key))), signer };
}

function pairsOf(files: readonly string[], layout: SumsLayout): readonly Pair[] {
  const known = new Set(files);
  return files.flatMap((signature) => {
    const { list = "", who = "" } = SIGNATURE.exec(signature)?.groups ?? {};
    if (!known.has(list)) return [];
    if (layout === "flat") return [{ list, signature, place: who }];
    return GUIX_LIST.test(basename(list)) ? [{ list, signature, place: basename(dirname(list)) }] : [];
  });
}

/** The keys of whom the place names first: nearly always it is right, and a check of RSA takes its time. */
function sorted(keys: readonly NamedKey[], place: string): readonly NamedKey[] {
  const named = keys.filter(({ signer }) => signer.name === place);
  return named.length === 0 ? keys : [...named, ...keys.filter(({ signer }) => signer.name !== place)];
}

function stranger(source: string, keys: number): LeftOut {
  return {
    source,
    code: "import/unknown-key",
    reason: `none of the ${counted(keys, "key")} at hand made this signature: whose it is, and whether the list was changed since, is not known`,
  };
}
