import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  counted,
  MAX_BUNDLE_BYTES,
  MAX_BUNDLE_FILES,
  ProtocolError,
  readBundleFile,
} from "../../protocol/index.ts";
import type { Bundle } from "../../protocol/index.ts";
import { readWhole, unreadable } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { isFolder, statOf } from "../folder.ts";

/** A bundle, or a file of envelopes. */
export interface NamedBundle {
  readonly path: string;
  readonly bundle: Bundle;
  /** The user did not name it: what does not hold in it is dropped and told, and ends nothing. False if left out. */
  readonly isHint?: boolean;
}

/** What a folder's bundles and files of envelopes end in, as `bundle` and `attest` name them. */
const ENDINGS = [".bundle", ".jsonl"] as const;
/** What lies beside a download for all files of its folder. */
const COMMON = "samebits.bundle";

/** Reads a bundle file; nothing of it is verified yet. Throws `input/…`, `bundle/bad-file`. */
export async function openBundle(path: string): Promise<NamedBundle> {
  const bytes = readWhole(path, MAX_BUNDLE_BYTES);
  try {
    return { path, bundle: readBundleFile(bytes) };
  } catch (error) {
    throw badBundle(path, error);
  }
}

/** Reads a bundle, or all of a folder: its `*.bundle` and `*.jsonl`, in order of their names. Throws `input/…`, `bundle/bad-file`. */
export async function openBundles(path: string): Promise<readonly NamedBundle[]> {
  if (!isFolder(path)) return [await openBundle(path)];
  const paths = namesIn(path).map((name) => join(path, name));
  if (paths.length === 0) {
    throw new ClientError(
      "input/missing",
      `${path}: no ${ENDINGS.map((end) => `*${end}`).join(" or ")} in it`,
    );
  }
  const stats = paths.map((one) => statOf(one));
  const octets = stats.reduce((sum, one) => sum + (one?.size ?? 0), 0);
  if (paths.length > MAX_BUNDLE_FILES || octets > MAX_BUNDLE_BYTES) {
    throw new ClientError(
      "input/too-big",
      `${path}: ${counted(paths.length, "bundle")} of ${octets} octets; at most ${MAX_BUNDLE_FILES} of ${MAX_BUNDLE_BYTES} are read: name those that are needed`,
    );
  }
  // A pipe would keep us waiting; who means it names it.
  const odd = paths.find((_, at) => stats[at]?.isFile() === false);
  if (odd !== undefined) throw new ClientError("input/unreadable", `${odd}: it is no file`);
  const bundles: NamedBundle[] = [];
  for (const one of paths) bundles.push(await openBundle(one));
  return bundles;
}

/** What lies beside files without being named: `FILE.bundle` and `samebits.bundle`. Those that can't be read are told, and never thrown. */
export async function openNearby(
  files: readonly string[],
): Promise<{ readonly bundles: readonly NamedBundle[]; readonly failures: readonly ClientError[] }> {
  const paths = new Set(files.flatMap((file) => [`${file}.bundle`, join(dirname(file), COMMON)]));
  const bundles: NamedBundle[] = [];
  const failures: ClientError[] = [];
  for (const path of paths) {
    const stat = statOf(path);
    if (stat === undefined) continue;
    if (!stat.isFile()) {
      // A pipe would keep us waiting, and nobody asked for it.
      failures.push(notUsed(path, "it is no file"));
      continue;
    }
    try {
      bundles.push({ ...(await openBundle(path)), isHint: true });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      failures.push(notUsed(path, error.message, error));
    }
  }
  return { bundles, failures };
}

/** A bundle that nobody named, or a part of it, is not used. */
export function notUsed(path: string, why: string, cause?: unknown): ClientError {
  return new ClientError("bundle/bad-file", `${path} beside the file: not used: ${why}`, { cause });
}

/** A file of a folder of links that is none. */
export function notALink(path: string, error: ProtocolError): ClientError {
  return new ClientError("bundle/bad-file", `${path}: not used: ${error.message} (${error.code})`, {
    cause: error,
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => ENDINGS.some((end) => name.endsWith(end)))
      .sort();
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** What is wrong with a bundle, with its path in front; other errors as they are. */
export function badBundle(path: string, error: unknown): unknown {
  if (!(error instanceof ProtocolError)) return error;
  return new ClientError("bundle/bad-file", `${path}: ${error.message} (${error.code})`, { cause: error });
}
