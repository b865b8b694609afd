import { MAX_BUNDLE_BYTES, ProtocolError, readBundleFile } from "../../protocol/index.ts";
import type { Bundle } from "../../protocol/index.ts";
import { readWhole } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";

/** A bundle, or a file of envelopes, that the user named. */
export interface NamedBundle {
  readonly path: string;
  readonly bundle: Bundle;
}

/** Reads a bundle file; nothing of it is verified yet. Throws `input/…`, `bundle/bad-file`. */
export async function openBundle(path: string): Promise<NamedBundle> {
  const bytes = readWhole(path, MAX_BUNDLE_BYTES);
  try {
    return { path, bundle: readBundleFile(bytes) };
  } catch (error) {
    throw badBundle(path, error);
  }
}

/** What is wrong with a bundle, with its path in front; other errors as they are. */
export function badBundle(path: string, error: unknown): unknown {
  if (!(error instanceof ProtocolError)) return error;
  return new ClientError("bundle/bad-file", `${path}: ${error.message} (${error.code})`, { cause: error });
}
