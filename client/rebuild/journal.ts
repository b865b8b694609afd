import { join } from "node:path";
import {
  MAX_JOB_BYTES,
  MAX_JOB_JOURNAL_BYTES,
  MAX_JOB_KEPT,
  MAX_JOB_PAUSE_MS,
  MAX_JOB_REASON_CHARS,
  MAX_JOBS,
  MAX_PATH_BYTES,
  MIN_JOB_PAUSE_MS,
} from "../../protocol/index.ts";
import type { RecordShape } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { makeFolder } from "../folder.ts";
import { JournalFile } from "../journal-file.ts";
import { locked } from "../lock.ts";

const FOLDER = "rebuilds";
const STATES = ["done", "failed", "kept"] as const;
const SHOWN_CHARS = 100;
const LOCK_PATIENCE_MS = 1_000;
/** A quarter of the rows goes where they are too long together. */
const FORGOTTEN = 4;

/** How a job stands. `kept`: its work is done, and what it gave waits for being delivered. */
export interface Row {
  readonly state: (typeof STATES)[number];
  /** ms since 1970. */
  readonly at: number;
  /** Failures in a row. */
  readonly tries: number;
  /** Why it failed last; else empty. */
  readonly why: string;
  /** Files that wait for being delivered. */
  readonly kept: readonly string[];
}

/** How the jobs of one builder stand, in one file of the data directory. Each change is on the disk when its promise resolves. */
export class Journal {
  readonly #file: JournalFile;
  readonly #rows: Map<string, Row>;

  /** Throws `input/unreadable`, `input/too-big`, `json/…`, `shape/…`. */
  constructor(file: JournalFile) {
    this.#file = file;
    this.#rows = new Map(file.read(readRows) ?? []);
  }

  /** Null = never tried. Throws `input/too-big` for a name that is too long to be kept. */
  row(job: string): Row | null {
    if (Buffer.byteLength(job) <= MAX_JOB_BYTES) return this.#rows.get(job) ?? null;
    throw new ClientError(
      "input/too-big",
      `${job.slice(0, SHOWN_CHARS)}…: a job's name has at most ${MAX_JOB_BYTES} octets`,
    );
  }

  /** Throws `output/cannot-write`, `input/too-big`. */
  async set(job: string, row: Row): Promise<void> {
    if (row.kept.length > MAX_JOB_KEPT) {
      throw new ClientError(
        "input/too-big",
        `${job}: ${row.kept.length} attestations of one job; at most ${MAX_JOB_KEPT} are kept`,
      );
    }
    // A row that changed is the youngest.
    this.#rows.delete(job);
    this.#rows.set(job, { ...row, why: row.why.slice(0, MAX_JOB_REASON_CHARS).toWellFormed() });
    if (this.#rows.size > MAX_JOBS) this.#forget(1);
    while (!(await this.#file.write({ jobs: [...this.#rows].map(rowJson) }))) {
      this.#forget(Math.ceil(this.#rows.size / FORGOTTEN));
    }
  }

  #forget(count: number): void {
    for (const job of [...this.#rows.keys()].slice(0, count)) this.#rows.delete(job);
  }
}

/**
 * Runs `use` with the journal of this name, `rebuilds/<hash of the name>.json` in the data directory, which nobody else has meanwhile.
 * Throws `rebuild/busy` where somebody has it, and as `Journal` does.
 */
export async function withJournal<Value>(
  dataDir: string,
  name: string,
  use: (journal: Journal) => Promise<Value>,
): Promise<Value> {
  const file = new JournalFile(dataDir, FOLDER, name, MAX_JOB_JOURNAL_BYTES);
  makeFolder(join(dataDir, FOLDER), 0o700);
  return locked(`${file.path}.lock`, "rebuild/busy", () => use(new Journal(file)), LOCK_PATIENCE_MS);
}

/** When a job may be tried: after failures a day later, then two, four and so on; before, where it did not fail, 0. */
export function dueAt({ state, at, tries }: Row): number {
  return state === "failed" ? at + Math.min(MIN_JOB_PAUSE_MS * 2 ** (tries - 1), MAX_JOB_PAUSE_MS) : 0;
}

function readRows(root: RecordShape): readonly (readonly [string, Row])[] {
  return root.list("jobs", MAX_JOBS).map((item) => {
    const row = item.record();
    return [
      row.string("job", MAX_JOB_BYTES),
      {
        state: row.member("state").oneOf(STATES),
        at: row.integer("at", 0, Number.MAX_SAFE_INTEGER),
        tries: row.optional("tries")?.integer(1, Number.MAX_SAFE_INTEGER) ?? 0,
        why: row.optional("why")?.string(MAX_JOB_REASON_CHARS * 4) ?? "",
        kept:
          row
            .optional("kept")
            ?.list(MAX_JOB_KEPT)
            .map((path) => path.string(MAX_PATH_BYTES)) ?? [],
      },
    ];
  });
}

function rowJson([job, { state, at, tries, why, kept }]: readonly [string, Row]): Record<string, unknown> {
  return {
    job,
    state,
    at,
    ...(tries === 0 ? {} : { tries }),
    ...(why === "" ? {} : { why }),
    ...(kept.length === 0 ? {} : { kept }),
  };
}
