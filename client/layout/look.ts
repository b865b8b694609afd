/** Who has signed a layout or link, as far as keys are at hand. */
import { checkSigners, keyIdKha, keyIdPlain, keysOf, placeOfFile, sameKey } from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import type { LayoutFile } from "./file.ts";

interface Named {
  readonly name: string;
  readonly key: PublicKey;
}

/** A file, and who has signed it. */
export interface LookedAt {
  readonly file: LayoutFile;
  readonly signers: readonly Named[];
  /** What the other signatures call their keys. */
  readonly unknown: readonly (string | null)[];
}

/** Tries keys on a file: those that are known, and those that a layout itself names. */
export async function lookAt(file: LayoutFile, known: readonly Named[]): Promise<LookedAt> {
  const { document, path } = file;
  if (document === null) return { file, signers: [], unknown: [] };
  const candidates = distinct([
    ...known,
    ...keysOf(document).map((key) => ({ name: `a functionary, ${keyIdKha(key)}`, key })),
  ]);
  const { signers: keys } = await checkSigners(
    document,
    candidates.map(({ key }) => key),
    placeOfFile(path),
  );
  const signers = candidates.filter(({ key }) => keys.some((one) => sameKey(one, key)));
  const own = new Set(signers.flatMap(({ key }) => [keyIdKha(key), keyIdPlain(key)]));
  const ids = document.signatures.map(({ keyid }) => keyid);
  return { file, signers, unknown: [...new Set(ids.filter((id) => id === null || !own.has(id)))] };
}

function distinct(keys: readonly Named[]): readonly Named[] {
  return keys.filter(({ key }, at) => keys.findIndex((one) => sameKey(one.key, key)) === at);
}
