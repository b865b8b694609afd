import { join } from "node:path";
import {
  MAX_IMPORT_JOURNAL_BYTES,
  MAX_IMPORT_RECORDS,
  readJson,
  record,
  sha256Hex,
  utf8,
} from "../../protocol/index.ts";
import { parseFile, readIfThere } from "../artifact/index.ts";
import { makeFolder } from "../folder.ts";
import { writeWhole } from "../write-file.ts";

/** What was brought in from one place before, so that the next round asks for what is new alone. Losing it costs asking again. */
export interface Journal {
  readonly done: ReadonlySet<string>;
  /** Adds what was dealt with now, and writes it. */
  add(done: readonly string[]): Promise<void>;
}

/** The journal of a place in the data directory, `imports/<hash of its name>.json`. Throws `input/unreadable`, `bundle/bad-file`. */
export function openJournal(dataDir: string, name: string): Journal {
  const folder = join(dataDir, "imports");
  const path = join(folder, `${sha256Hex(utf8(name)).slice(0, 16)}.json`);
  const done = new Set(readDone(path, name));
  return {
    done,
    async add(more) {
      if (more.length === 0) return;
      for (const one of more) done.add(one);
      makeFolder(folder, 0o700);
      const text = JSON.stringify({ samebits: 1, name, done: [...done] });
      await writeWhole(path, `${text}\n`, { replace: true });
    },
  };
}

function readDone(path: string, name: string): readonly string[] {
  const bytes = readIfThere(path, MAX_IMPORT_JOURNAL_BYTES);
  if (bytes === null) return [];
  return parseFile(path, () => {
    const root = record(readJson(bytes, { maxBytes: MAX_IMPORT_JOURNAL_BYTES }), "journal");
    if (root.string("name") !== name) return [];
    return root.list("done", MAX_IMPORT_RECORDS).map((item) => item.string());
  });
}
