/** A file as apt's lists offer it, to be judged without a download. */
import { debTarget, fromHex, HASH_BYTES, tried } from "../../../protocol/index.ts";
import type { Pin } from "../../install/index.ts";
import type { Examined } from "../../verify/index.ts";

/** `sha256` in hex; without one, or with a name that can be none, it is unfit. `namespace`: whose packages they are. */
export function offeredFile(
  namespace: string,
  { name, version, arch }: Pin,
  sha256: string | null,
): Examined {
  const target = tried(() => debTarget({ namespace, name, version, arch }));
  const isFit = sha256 !== null && target !== null;
  const digest = isFit ? fromHex(sha256, HASH_BYTES) : new Uint8Array(HASH_BYTES);
  return {
    path: null,
    // A signed list says what the file is, as its own control data would (RULES R5).
    artifact: { sha256: digest, name: target?.file ?? name, target, inside: target },
    unfit: isFit ? null : `apt's lists have no SHA-256 of ${name} ${version}, or no name that could be one`,
  };
}
