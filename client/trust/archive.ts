/** A whole domain in one file, to be mailed or carried (`protocol/spec/trust-archive.schema.json`). */
import {
  concat,
  documentAt,
  documentPath,
  fromBase64,
  jsonObject,
  MAX_TARGET_FILES,
  MAX_TRUST_ARCHIVE_BYTES,
  MAX_TRUST_ROLES,
  MAX_TRUST_ROOTS,
  readJson,
  record,
  sha256Hex,
  toBase64,
  toHex,
  writeJson,
} from "../../protocol/index.ts";
import type { Shape } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import type { TrustSource } from "../edges.ts";

/** Documents by their paths, and files. */
export interface Archive {
  readonly documents: ReadonlyMap<string, Uint8Array>;
  readonly files: readonly Uint8Array[];
}

export function writeArchive({ documents, files }: Archive): Uint8Array {
  const json = jsonObject({
    samebits: 1,
    documents: new Map([...documents].map(([path, bytes]) => [path, toBase64(bytes)])),
    files: files.map(toBase64),
  });
  return concat(writeJson(json), Uint8Array.of(0x0a));
}

/** Nothing in it is verified. Throws `json/…`, `shape/…`, `bytes/bad-base64`. */
export function readArchive(bytes: Uint8Array): Archive {
  const root = record(readJson(bytes, { maxBytes: MAX_TRUST_ARCHIVE_BYTES }), "archive");
  root.integer("samebits", 1, 1);
  const documents = new Map<string, Uint8Array>();
  for (const [path, item] of root.table("documents", MAX_TRUST_ROLES + MAX_TRUST_ROOTS)) {
    if (documentAt(path) === null) item.fail("trust/bad-path", "no document of a domain stands there");
    documents.set(path, octetsOf(item));
  }
  const files = root.list("files", MAX_TARGET_FILES * 2).map(octetsOf);
  root.done();
  return { documents, files };
}

/** A domain out of such a file. */
export function archiveSource(path: string): TrustSource {
  const { documents, files } = readArchive(readWhole(path, MAX_TRUST_ARCHIVE_BYTES));
  const byHash = new Map(files.map((file) => [sha256Hex(file), file]));
  return {
    name: path,
    root: (version) => Promise.resolve(documents.get(documentPath({ root: version })) ?? null),
    targets: (role) => Promise.resolve(documents.get(documentPath({ role })) ?? null),
    file: ({ sha256 }) => Promise.resolve(byHash.get(toHex(sha256)) ?? null),
    close: () => Promise.resolve(),
  };
}

function octetsOf(item: Shape): Uint8Array {
  return item.within(() => fromBase64(item.string(Number.MAX_SAFE_INTEGER)));
}
