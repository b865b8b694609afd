import { MAX_IMPORT_JOURNAL_BYTES, MAX_IMPORT_RECORDS } from "../../protocol/index.ts";
import { JournalFile } from "../journal-file.ts";

/** What was brought in from one place before, so that the next round asks for what is new alone. Losing it costs asking again. */
export interface Journal {
  readonly done: ReadonlySet<string>;
  /** Adds what was dealt with now, and writes it. */
  add(done: readonly string[]): Promise<void>;
}

/** The journal of a place in the data directory, `imports/<hash of its name>.json`. Throws `input/unreadable`, `bundle/bad-file`. */
export function openJournal(dataDir: string, name: string): Journal {
  const file = new JournalFile(dataDir, "imports", name, MAX_IMPORT_JOURNAL_BYTES);
  const done = new Set(
    file.read((root) => root.list("done", MAX_IMPORT_RECORDS).map((item) => item.string())),
  );
  return {
    done,
    async add(more) {
      if (more.length === 0) return;
      for (const one of more) done.add(one);
      await file.write({ done: [...done] });
    },
  };
}
