import { join } from "node:path";
import { readJson, record, sha256Hex, utf8 } from "../protocol/index.ts";
import type { RecordShape } from "../protocol/index.ts";
import { parseFile, readIfThere } from "./artifact/index.ts";
import { makeFolder } from "./folder.ts";
import { writeWhole } from "./write-file.ts";

/** One JSON object in the data directory, `FOLDER/<hash of its name>.json`, that remembers how far something is. */
export class JournalFile {
  readonly path: string;
  readonly #folder: string;
  readonly #name: string;
  readonly #maxBytes: number;

  constructor(dataDir: string, folder: string, name: string, maxBytes: number) {
    this.#folder = join(dataDir, folder);
    this.path = join(this.#folder, `${sha256Hex(utf8(name)).slice(0, 16)}.json`);
    this.#name = name;
    this.#maxBytes = maxBytes;
  }

  /** What `parse` makes of it; null where there is none yet, or one of another name. Throws `input/unreadable`, `input/too-big`, what `parse` throws. */
  read<Value>(parse: (root: RecordShape) => Value): Value | null {
    const bytes = readIfThere(this.path, this.#maxBytes);
    if (bytes === null) return null;
    return parseFile(this.path, () => {
      const root = record(readJson(bytes, { maxBytes: this.#maxBytes }), "journal");
      return root.string("name") === this.#name ? parse(root) : null;
    });
  }

  /** Writes it whole; false, and nothing is written, where that would be more than may be read again. Throws `output/cannot-write`. */
  async write(members: Readonly<Record<string, unknown>>): Promise<boolean> {
    const text = `${JSON.stringify({ samebits: 1, name: this.#name, ...members })}\n`;
    if (Buffer.byteLength(text) > this.#maxBytes) return false;
    makeFolder(this.#folder, 0o700);
    await writeWhole(this.path, text, { replace: true, mode: 0o600 });
    return true;
  }
}
