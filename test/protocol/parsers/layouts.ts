/** Parsers of layouts and links of in-toto, and of the keys in them. */
import * as core from "../../../protocol/index.ts";
import { octets } from "./parser.ts";
import type { Parser } from "./parser.ts";

const FOLDER = "in-toto/";
const JSON_BYTES = 2 ** 20;

/** A key as layouts and files of in-toto hold it. */
const KEY = core.utf8(
  '{"keyid":"x","keyid_hash_algorithms":["sha256","sha512"],"keytype":"ed25519","keyval":{"private":"","public":"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},"scheme":"ed25519"}',
);

function readKey(bytes: Uint8Array): core.PublicKey {
  return core.readLayoutKey(recordOf(bytes).shape, null);
}

function recordOf(bytes: Uint8Array): core.RecordShape {
  return core.record(core.readJson(bytes, { maxBytes: JSON_BYTES }), "document");
}

const ENVELOPE = octets(`${FOLDER}go-0.11.0-dsse/rebuild.1659d316.link`);
const SIGNATURES = core.utf8(
  '{"signatures":[{"keyid":"ab","sig":"00ff"},{"keyid":"","other_headers":"04","signature":"0a"}]}',
);

export const OF_LAYOUTS: readonly Parser[] = [
  {
    name: "parseDocument",
    read: core.parseDocument,
    samples: [
      "chain-3step/root.layout",
      "py-2.2.0-dsse/root-dsse.layout",
      "chain-3step/tag.90545b09.link",
      "go-0.11.0-dsse/rebuild.1659d316.link",
      "third-party/rebuild.5863835e.link",
    ].map((path) => octets(FOLDER + path)),
    codes: ["layout/", "attestation/", "dsse/", "shape/", "json/", "bytes/"],
    json: true,
  },
  {
    name: "readLayoutKey",
    read: readKey,
    samples: [KEY],
    codes: ["layout/bad-document", "key/", "der/", "shape/", "json/", "bytes/"],
    json: true,
  },
  {
    name: "readEnvelope",
    read: (bytes) => core.readEnvelope(recordOf(bytes)),
    samples: [ENVELOPE],
    codes: ["dsse/", "attestation/", "shape/", "json/", "bytes/"],
    json: true,
  },
  {
    name: "readMetablockSignatures",
    read: (bytes) => core.readMetablockSignatures(recordOf(bytes).member("signatures")),
    samples: [SIGNATURES],
    codes: ["attestation/", "shape/", "json/", "bytes/"],
    json: true,
  },
];
