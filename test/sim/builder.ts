/** A builder in memory: a key that signs whatever a test wants signed, true or not. */
import {
  buildFailed,
  buildLink,
  buildRetraction,
  debTarget,
  parseAttestation,
  sealEnvelope,
  verifyOwn,
} from "../../protocol/attestation/index.ts";
import type { Environment, Target, Verified } from "../../protocol/attestation/index.ts";
import { ed25519Key, keyIdPlain, publicFromSeed, sha256, signDomain } from "../../protocol/crypto/index.ts";
import type { PublicKey } from "../../protocol/crypto/index.ts";

/** 2026-01-01 00:00 UTC, in ms. */
const SOME_TIME = Date.UTC(2026, 0, 1);

export interface LinkChoices {
  readonly step?: string;
  readonly environment?: Environment;
  /** What the inputs hash to; none by default. */
  readonly input?: Uint8Array;
  readonly keyid?: string | null;
  /** Further materials, to make the envelope large: about 200 octets each. */
  readonly bulk?: number;
}

/** The Debian package number `number`. */
export function packageNumber(number: number): Target {
  return debTarget({ namespace: "debian", name: `sim-${number}`, version: "1.0-1", arch: "amd64" });
}

/** Contents are as good as their name here. */
export function digestOf(contents: string): Uint8Array {
  return sha256(new TextEncoder().encode(contents));
}

export class Builder {
  readonly seed: Uint8Array;
  readonly key: PublicKey;

  constructor(seed: number) {
    this.seed = new Uint8Array(32).fill(seed);
    this.key = ed25519Key(publicFromSeed(this.seed));
  }

  /** A DSSE link: this target came out with these contents. */
  link(target: Target, contents: string, choices: LinkChoices = {}): Uint8Array {
    return this.links([[target, contents]], choices);
  }

  /** One statement about several targets. */
  links(results: readonly (readonly [Target, string])[], choices: LinkChoices = {}): Uint8Array {
    const { step = "rebuild", environment = null, input, keyid, bulk = 0 } = choices;
    const noGit = { uri: null, gitCommit: null, gitTag: null };
    const statement = buildLink(
      results.map(([target, contents]) => ({ target, file: target.file, sha256: digestOf(contents) })),
      {
        step,
        materials: [
          ...(input === undefined ? [] : [{ name: "source.dsc", sha256: input, ...noGit }]),
          ...Array.from({ length: bulk }, (_, i) => ({
            name: `part ${i}`,
            sha256: digestOf(`part ${i}`),
            ...noGit,
          })),
        ],
        command: [],
        how: "built",
        time: SOME_TIME,
        environment,
      },
    );
    return this.seal(statement, keyid);
  }

  failed(target: Target, reason: string): Uint8Array {
    const rest = { materials: [], how: "built", time: SOME_TIME, environment: null } as const;
    return this.seal(
      buildFailed([{ target, file: target.file, sha256: null }], { step: "rebuild", reason, ...rest }),
    );
  }

  /** Takes back claims by their ids. */
  retraction(target: Target, retracts: readonly string[]): Uint8Array {
    const subjects = [{ target, file: target.file, sha256: null }];
    return this.seal(
      buildRetraction(subjects, { retracts, reason: "wrong machine", replacedBy: null, time: SOME_TIME }),
    );
  }

  /** Any statement in an envelope; the key id is this key's unless another one is given. */
  seal(statement: Uint8Array, keyid: string | null = keyIdPlain(this.key)): Uint8Array {
    return sealEnvelope(statement, (message) => signDomain(this.seed, message), keyid);
  }

  /** An envelope of this key, verified. */
  verified(envelope: Uint8Array): Verified {
    const result = verifyOwn(parseAttestation(envelope), this.key.raw);
    if (result === null) throw new Error("this builder did not sign that");
    return result;
  }
}
