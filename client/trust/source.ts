import { resolve } from "node:path";
import { ProtocolError } from "../../protocol/index.ts";
import type { TrustSource } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { isFolder } from "../folder.ts";
import { MAX_FROM_CHARS } from "./state.ts";
import { archiveSource } from "./archive.ts";
import { folderSource } from "./folder-source.ts";
import { webSource } from "./web-source.ts";

/**
 * Where `--from` says that a domain's documents are: `https://…`, a folder, or a file of `trust export`. Throws `usage/bad-option`,
 * `input/missing`, `trust/bad-document`.
 */
export function openTrustSource(from: string): TrustSource {
  if (from.length > MAX_FROM_CHARS)
    throw new ClientError("usage/bad-option", `--from: at most ${MAX_FROM_CHARS} characters`);
  if (/^https?:\/\//.test(from)) {
    const url = URL.parse(from);
    if (url === null || url.username !== "" || url.search !== "" || url.hash !== "")
      throw new ClientError(
        "usage/bad-option",
        `--from ${from}: a web address without password and "?" is expected`,
      );
    return webSource(url);
  }
  if (isFolder(from)) return folderSource(from);
  try {
    return archiveSource(from);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError(
      "trust/bad-document",
      `${from}: no domain of samebits trust export: ${error.message} (${error.code})`,
      {
        cause: error,
      },
    );
  }
}

/** The same where a domain was added from before: what can't be opened now fails when it is asked, and hinders none of the others. */
export function openKnownSource(from: string): TrustSource {
  try {
    return openTrustSource(from);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const fails = (): Promise<never> => Promise.reject(error);
    return { name: from, root: fails, targets: fails, file: fails, close: () => Promise.resolve() };
  }
}

/** The same place from whatever folder it is asked for later. */
export function lastingPlace(from: string): string {
  return /^[a-z]+:\/\//.test(from) ? from : resolve(from);
}
