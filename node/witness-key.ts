import { origin, startsWith, toHex, utf8, witnessName } from "../protocol/index.ts";
import type { Cosigner } from "../protocol/index.ts";
import type { NodeConfig } from "./config.ts";
import type { Signer } from "./edges.ts";
import { NodeError } from "./errors.ts";
import { openSigner } from "./signer.ts";

/** What a node cosigns with. */
export interface WitnessKey {
  /** Signs cosignatures and nothing else. */
  readonly signer: Signer;
  readonly cosigner: Cosigner;
}

const DOMAIN = utf8("cosignature/v1\n");

/**
 * Opens the key of `--witness-key`, or null where there is none. It is used for nothing else (RULES R2): throws `config/out-of-range` for the
 * key of the own feed, of a builder or of a feed that this node follows.
 */
export function openWitness(config: NodeConfig, feedKey: Uint8Array | null): WitnessKey | null {
  if (config.witnessKey === null || config.light || config.recovers !== undefined) return null;
  const signer = openSigner(config.witnessKey, "--witness-key");
  const { publicKey } = signer;
  const hex = toHex(publicKey);
  const others = [feedKey, ...config.follow.builders.map(({ raw }) => raw)];
  const isUsed = others.some((key) => key !== null && toHex(key) === hex);
  if (isUsed || config.follow.origins.includes(origin(config.network, publicKey))) {
    throw new NodeError(
      "config/out-of-range",
      "--witness-key is the key of a feed or of a builder: a witness key is used for nothing else; make one of its own (samebits keygen)",
    );
  }
  return {
    cosigner: { name: witnessName(config.network, publicKey), raw: publicKey },
    signer: { publicKey, sign: only(signer) },
  };
}

function only(signer: Signer): Signer["sign"] {
  return (bytes) => {
    if (!startsWith(bytes, DOMAIN))
      throw new NodeError("data/bad-key", "a witness key signs cosignatures and nothing else");
    return signer.sign(bytes);
  };
}
