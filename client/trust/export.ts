/** A domain as its clients get it: in one file, or as a folder of static files. */
import { dirname, join } from "node:path";
import { documentPath, filePath, fromHex, toHex } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { makeFolder } from "../folder.ts";
import { isStdout, writeOutput } from "../output-file.ts";
import { writeWhole } from "../write-file.ts";
import { writeArchive } from "./archive.ts";
import type { Domain } from "./domain.ts";

interface Contents {
  readonly documents: ReadonlyMap<string, Uint8Array>;
  /** By SHA-256. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Writes it: a file where `path` ends in `.json` or is stdout, else a folder. Answers how many octets that were. */
export async function exportDomain(domain: Domain, path: string): Promise<number> {
  const { documents, files } = contentsOf(domain);
  if (path.endsWith(".json") || isStdout(path)) {
    const bytes = writeArchive({ documents, files: [...files.values()] });
    await writeOutput(path, bytes);
    return bytes.length;
  }
  const all = staticFilesOf(domain);
  for (const [name, bytes] of all) {
    const file = join(path, name);
    makeFolder(dirname(file));
    await writeWhole(file, bytes, { replace: true });
  }
  return [...all.values()].reduce((sum, bytes) => sum + bytes.length, 0);
}

/** Its folder of static files, by path: what names others comes after them. Throws `trust/bad-document` where a file is not kept. */
export function staticFilesOf(domain: Domain): ReadonlyMap<string, Uint8Array> {
  const { documents, files } = contentsOf(domain);
  return new Map([
    ...[...files].map(([sha256, bytes]) => [filePath(fromHex(sha256)), bytes] as const),
    ...[...documents].toReversed(),
  ]);
}

function contentsOf({ roots, targets, read }: Domain): Contents {
  const documents = new Map(roots.map(({ version, bytes }) => [documentPath({ root: version }), bytes]));
  const files = new Map<string, Uint8Array>();
  for (const { role, bytes, files: listed } of targets.values()) {
    documents.set(documentPath({ role }), bytes);
    for (const file of listed.values()) {
      const octets = read(file);
      if (octets === null)
        throw new ClientError("trust/bad-document", `${file.path} is not kept here: samebits trust update`);
      files.set(toHex(file.sha256), octets);
    }
  }
  return { documents, files };
}
