/** Who signs in the generated cases: keys of each kind that in-toto has, from seeds where the kind allows it. */
import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import {
  ed25519Key,
  parsePublicKey,
  publicFromSeed,
  sha256,
  toHex,
  toPkcs8Pem,
  utf8,
} from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";

export interface Actor {
  readonly name: string;
  readonly key: PublicKey;
  /** For in-toto: `in-toto.py` says which members. */
  readonly secret: {
    readonly type: string;
    readonly public: string;
    readonly private: string;
    readonly plain: boolean;
  };
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** Functionaries with Ed25519 keys. */
export const CREW: readonly string[] = ["alice", "bob", "carol", "dan"];
/** `alice again` has alice's key under its other id; `rita` has an RSA key, `eve` one of P-256; nobody lists `mallory`. */
const ALL: readonly string[] = ["owner", "other owner", ...CREW, "alice again", "rita", "eve", "mallory"];

export function castOf(): ReadonlyMap<string, Actor> {
  const cast = ALL.map((name): Actor => {
    if (name === "rita")
      return withPem(name, "rsa", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
    if (name === "eve")
      return withPem(name, "ecdsa", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    return name === "alice again" ? ed25519Actor(name, "alice", true) : ed25519Actor(name, name, false);
  });
  return new Map(cast.map((actor) => [actor.name, actor]));
}

function ed25519Actor(name: string, of: string, plain: boolean): Actor {
  const seed = sha256(utf8(`samebits test: ${of}`));
  const raw = publicFromSeed(seed);
  const key = ed25519Key(raw);
  const secret = { type: "ed25519", public: toHex(raw), private: toHex(seed), plain };
  const signer = createPrivateKey(toPkcs8Pem(seed));
  return {
    name,
    key,
    secret,
    sign: (bytes) => sign(null, bytes, signer),
  };
}

function withPem(name: string, type: "rsa" | "ecdsa", privateKey: KeyObject): Actor {
  const key = parsePublicKey(publicPemOf(privateKey));
  const format = type === "rsa" ? "pkcs1" : "sec1";
  return {
    name,
    key,
    secret: {
      type,
      public: "",
      private: String(privateKey.export({ format: "pem", type: format })),
      plain: false,
    },
    sign: (bytes) =>
      sign(
        "sha256",
        bytes,
        type === "rsa"
          ? { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
          : privateKey,
      ),
  };
}

function publicPemOf(privateKey: KeyObject): string {
  return String(createPublicKey(privateKey).export({ format: "pem", type: "spki" }));
}
