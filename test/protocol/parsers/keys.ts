/** Parsers of text, JSON, TOML and keys. */
import * as core from "../../../protocol/index.ts";
import { octets, onText } from "./parser.ts";
import type { Parser } from "./parser.ts";

const { fromHex, fromUtf8, utf8 } = core;
const pem = octets("keys/ed25519_public.pem");
const seed = new Uint8Array(32).fill(1);
/** maflcko's of Bitcoin Core. */
const OPENPGP_KEY = "openpgp:BGlhAqoWCSsGAQQB2kcPAQEHQG+0S36ASC6Wd+P2l/58OKqJ98jY/f3xstVtoVxAwMsc";
const signature = octets("guix-sigs/30.2/maflcko/all.SHA256SUMS.asc");

/** In a new packet of one octet of length, or two. */
function packetOf(body: Uint8Array): Uint8Array {
  const { length } = body;
  const size = length < 192 ? [length] : [192 + ((length - 192) >> 8), (length - 192) & 0xff];
  return Uint8Array.of(0xc2, ...size, ...body);
}

export const OF_TEXT_AND_KEYS: readonly Parser[] = [
  {
    name: "readJson",
    codes: ["bytes/too-big", "bytes/bad-utf8", "json/"],
    read: (bytes) => core.readJson(bytes, { maxBytes: 10_000 }),
    samples: [utf8('{"a":[1,-2.5e3,"x\\u00e9\\n",{"__proto__":null}],"b":true}')],
    limit: [10_000, "bytes/too-big"],
    json: true,
  },
  {
    name: "readToml",
    codes: ["bytes/too-big", "toml/"],
    read: (bytes) => core.readToml(bytes, { maxBytes: 10_000, name: "x" }).value,
    samples: [utf8('a = [1, "x", { "b c" = true }]\n[t."u.v"]\nd = """\nline\n"""\n[[l]]\ne = -1.5\n')],
    limit: [10_000, "bytes/too-big"],
  },
  {
    name: "readPem",
    codes: ["der/bad-pem"],
    read: onText(core.readPem),
    samples: [pem],
    limit: [core.MAX_PEM_CHARS, "der/bad-pem"],
  },
  {
    name: "readSpki",
    codes: ["key/unsupported", "der/bad-key"],
    read: core.readSpki,
    again: ({ spki }: core.SpkiKey) => spki,
    samples: ["ed25519", "ecdsa", "rsa"].map(
      (type) => core.readPem(fromUtf8(octets(`keys/${type}_public.pem`))).der,
    ),
  },
  { name: "readPkcs8", codes: ["der/bad-key"], read: core.readPkcs8, samples: [core.writePkcs8(seed)] },
  {
    name: "readEcdsaSignature",
    codes: ["der/bad-key"],
    read: (bytes) => core.readEcdsaSignature(bytes, 32),
    samples: [fromHex(`3045022100${"ff".repeat(32)}0220${"7f".repeat(32)}`)],
  },
  {
    name: "readMpi",
    codes: ["key/bad-openpgp", "bytes/"],
    read: (bytes) => core.readMpi(new core.Cursor(bytes)),
    samples: [fromHex("000511"), fromHex("0009017f")],
  },
  {
    name: "parsePublicKey",
    codes: ["der/", "key/"],
    read: onText(core.parsePublicKey),
    samples: [
      pem,
      octets("keys/reproducible-archlinux.pub"),
      octets("tlog/tiles-15/vkey"),
      utf8(OPENPGP_KEY),
    ],
    limit: [core.MAX_PEM_CHARS, "key/bad-vkey", "der/bad-pem"],
  },
  {
    name: "readDetached",
    codes: ["openpgp/"],
    read: core.readDetached,
    samples: [signature, ...core.readDetached(signature).map(packetOf)],
    limit: [core.MAX_CERTIFICATE_BYTES, "openpgp/bad-signature"],
  },
  {
    name: "readOpenPgpSignature",
    codes: ["openpgp/bad-signature"],
    read: core.readOpenPgpSignature,
    samples: core.readDetached(signature),
  },
  {
    name: "readPrivateKey",
    codes: ["der/"],
    read: onText(core.readPrivateKey),
    samples: [utf8(core.toPkcs8Pem(seed))],
    limit: [core.MAX_PEM_CHARS, "der/bad-pem"],
  },
  {
    name: "parseVkey",
    codes: ["key/"],
    read: onText(core.parseVkey),
    again: ({ name, raw, type }: core.Vkey) => utf8(core.toVkey(name, raw, type)),
    samples: [utf8(core.toVkey("builder.example", core.publicFromSeed(seed)))],
    limit: [core.MAX_VKEY_CHARS, "key/bad-vkey"],
  },
];
