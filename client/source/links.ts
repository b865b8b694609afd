import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  counted,
  MAX_LINK_BYTES,
  MAX_LINK_DOCUMENTS,
  MAX_LINK_FOLDER_BYTES,
  MAX_LINK_PATH_BYTES,
  MAX_SUBLAYOUT_DEPTH,
} from "../../protocol/index.ts";
import type { RawDocument } from "../../protocol/index.ts";
import { readWhole, unreadable } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import type { NamedBundle } from "./bundle.ts";

/** What a link's and a sublayout's file end in. */
const ENDING = ".link";

/**
 * A folder of links as in-toto's tools lay it out: `STEP.KEYID.link`, and the links of sublayouts in folders `STEP.KEYID`. Links (of file systems)
 * are not followed. What of it can't be read as a link is told and not used. Throws `input/…`.
 */
export function openLinks(folder: string): NamedBundle {
  const walk = new Walk(folder);
  walk.into("", 0);
  if (walk.documents.length === 0)
    throw new ClientError(
      "input/missing",
      `${folder}: no *${ENDING} in it: in-toto's tools write STEP.KEYID.link`,
    );
  return {
    path: folder,
    bundle: { made: null, entries: [], envelopes: [], heads: [], evidence: [], documents: walk.documents },
    isHint: true,
  };
}

class Walk {
  readonly documents: RawDocument[] = [];
  readonly #folder: string;
  #octets = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  into(below: string, depth: number): void {
    const entries = namesIn(join(this.#folder, below));
    for (const { name, isFolder } of entries) {
      const path = below === "" ? name : `${below}/${name}`;
      if (!isFolder) this.#take(path);
      else if (depth < MAX_SUBLAYOUT_DEPTH) this.into(path, depth + 1);
    }
  }

  #take(path: string): void {
    if (path.length > MAX_LINK_PATH_BYTES) throw this.#tooMuch();
    const bytes = readWhole(join(this.#folder, path), MAX_LINK_BYTES);
    this.#octets += bytes.length;
    this.documents.push({ path, bytes });
    if (this.documents.length > MAX_LINK_DOCUMENTS || this.#octets > MAX_LINK_FOLDER_BYTES)
      throw this.#tooMuch();
  }

  #tooMuch(): ClientError {
    return new ClientError(
      "input/too-big",
      `${this.#folder}: at most ${counted(MAX_LINK_DOCUMENTS, "link")} of ${MAX_LINK_FOLDER_BYTES} octets together are read, in paths of ${MAX_LINK_PATH_BYTES}`,
    );
  }
}

/** Links and folders, in order of their names; whatever else lies there is no business of ours. */
function namesIn(folder: string): readonly { readonly name: string; readonly isFolder: boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || (entry.isFile() && entry.name.endsWith(ENDING)))
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw unreadable(folder, error);
  }
}
