/**
 * Writes test/vectors/keys/keys.json for `protocol/spec/keys.md`: keys in every writing with their raw octets and key ids, and texts that
 * are no key, with their codes. Same output every time.
 */
import { readFileSync } from "node:fs";
import {
  concat,
  ed25519Key,
  fromHex,
  keyIdKha,
  keyIdPlain,
  parsePublicKey,
  ProtocolError,
  publicFromSeed,
  toHex,
  toPkcs8Pem,
  toRebuilderdPem,
  toSpkiPem,
  toVkey,
  writePem,
} from "../../protocol/index.ts";
import { writeVectors } from "./write.ts";

const FOLDER = new URL("../../test/vectors/keys/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, FOLDER), "utf8");

const key = ed25519Key(publicFromSeed(new Uint8Array(32).fill(1)));
const pem = toSpkiPem(key);
const vkey = toVkey("builder.example", key.raw);
const spki = (raw: Uint8Array): string =>
  writePem("PUBLIC KEY", concat(fromHex("302a300506032b6570032100"), raw));

const valid: readonly (readonly [about: string, text: string])[] = [
  ["PEM as OpenSSL writes it", pem],
  ["without its last line end", pem.trimEnd()],
  ["with CRLF", pem.replaceAll("\n", "\r\n")],
  ["as rebuilderd writes it", toRebuilderdPem(key)],
  ["C2SP verifier key", vkey],
  ["ECDSA P-256", read("ecdsa_public.pem")],
  ["RSA", read("rsa_public.pem")],
];

const refused: readonly (readonly [about: string, text: string])[] = [
  ["nothing", ""],
  ["a word", "key"],
  ["two blocks", pem + pem],
  ["text before the block", `Key:\n${pem}`],
  ["lines of 32 characters", pem.replace(/^(.{32})(.+)$/m, "$1\n$2")],
  ["line ends of two kinds", pem.replace("\n", "\r\n")],
  ["base64 without padding", pem.replace("=", "")],
  ["another label", pem.replaceAll("PUBLIC", "PRIVATE")],
  ["a private key", toPkcs8Pem(new Uint8Array(32).fill(1))],
  ["a key of 31 octets", spki(key.raw.subarray(1))],
  ["a key of small order", spki(new Uint8Array(32))],
  ["a key whose y is not below p", spki(new Uint8Array(32).fill(0xff))],
  ["secp256k1", read("erin.pub")],
  ["P-384", read("grace.pub")],
  ["a witness's verifier key", toVkey("builder.example", key.raw, 0x04)],
  ["a verifier key under another name", vkey.replace("builder.", "other.")],
  ["a verifier key whose id is in capitals", vkey.replace(/\+([0-9a-f]{8})\+/, (id) => id.toUpperCase())],
  ["a verifier key of type 02", vkey.replace("+AYqI", "+AoqI")],
];

function codeOf(text: string): string {
  try {
    parsePublicKey(text);
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  throw new Error(`not refused: ${text}`);
}

const vectors = {
  valid: valid.map(([about, text]) => {
    const parsed = parsePublicKey(text);
    return {
      about,
      text,
      type: parsed.type,
      raw: toHex(parsed.raw),
      spki: toHex(parsed.spki),
      keyid: keyIdPlain(parsed),
      keyidWithHashAlgorithms: keyIdKha(parsed),
    };
  }),
  refused: refused.map(([about, text]) => ({ about, text, code: codeOf(text) })),
};
writeVectors("keys/keys.json", vectors);
