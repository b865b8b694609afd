/** The book on the disk: what changed is added to a file of lines, which is written anew when it has grown to twice what is in it. */
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  MAX_EXPECTED_JOURNAL_BYTES,
  MAX_EXPECTED_LINE_BYTES,
  MAX_FEED_SIZE,
  MAX_FILE_NAME_BYTES,
  MAX_LABEL_BYTES,
  MAX_ORIGIN_CHARS,
  MAX_PURL_CHARS,
  MAX_STEP_BYTES,
  parseOrigin,
  parseTarget,
  ProtocolError,
  readJson,
  record,
  sha256Hex,
  toHex,
  utf8,
} from "../../../protocol/index.ts";
import type { RecordShape } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { cannotWrite, systemCode } from "../../folder.ts";
import { writeWhole } from "../../write-file.ts";
import { ExpectedBook } from "./book.ts";
import { isFileRow, rowId } from "./rows.ts";
import type { Cursor } from "./book.ts";
import type { FileRow, KeyRow, Row } from "./rows.ts";

const FOLDER = "expected";
const FIRST_LINE = { samebits: 1, expected: 1 };
const MAX_TIME = Number.MAX_SAFE_INTEGER;
const NEWLINE = 0x0a;
/** Lines for each that is needed, with which a file is gone on with. */
const MAX_OVER = 1.5;
/** Octets that may be added before it is written anew, however little is in it. */
const MIN_ADDED_BYTES = 1024 * 1024;

/** The path of the book of this name in a data directory. */
export function journalPath(dataDir: string, name: string): string {
  return join(dataDir, FOLDER, `${sha256Hex(utf8(name)).slice(0, 16)}.jsonl`);
}

export class ExpectedJournal {
  readonly book: ExpectedBook;
  readonly #path: string;
  /** Octets of the file, and of what it would have if it were written anew; null = it has to be. */
  #size: number | null;
  #whole: number;

  private constructor(path: string, book: ExpectedBook, size: number | null) {
    this.#path = path;
    this.book = book;
    this.#size = size;
    this.#whole = size ?? 0;
  }

  /**
   * Opens the book of a file in a folder that is there, which nobody else has meanwhile: a line that was cut short when the machine
   * stopped is none. Throws `input/unreadable`, `input/too-big`.
   */
  static async open(path: string): Promise<ExpectedJournal> {
    const book = new ExpectedBook();
    let lines = 0;
    const isWhole = await readLines(path, (line, number) => {
      lines = number;
      readLine(book, line, `${path}:${number}`);
    });
    book.takeChanges();
    const needed = 1 + book.count + book.keys.length + [...book.cursors].length;
    // Whatever was left of a cut line goes, before anything is added behind it; so does what is over, else each start would let it grow.
    const isKept = isWhole && lines <= MAX_OVER * needed;
    return new ExpectedJournal(path, book, isKept ? (await stat(path)).size : null);
  }

  /** What changed since is on the disk when this resolves. Throws `output/cannot-write`; then the next time all is written. */
  async save(): Promise<void> {
    const { rows, feeds } = this.book.takeChanges();
    if (this.#size !== null && rows.length + feeds.length === 0) return;
    const lines = [
      ...rows.map((id) => {
        const row = this.book.row(id);
        return row === null ? { drop: id } : rowJson(row);
      }),
      ...feeds.flatMap((origin) => cursorJson(origin, this.book.cursor(origin))),
    ];
    const added = utf8(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const size = this.#size;
    // Until it has worked: who fails in the middle leaves half a line.
    this.#size = null;
    const isLong =
      size === null || size + added.length > Math.max(2 * this.#whole, this.#whole + MIN_ADDED_BYTES);
    if (isLong) this.#whole = await this.#writeWhole();
    else await append(this.#path, added);
    this.#size = isLong ? this.#whole : size + added.length;
  }

  async #writeWhole(): Promise<number> {
    const lines = [
      FIRST_LINE,
      ...[...this.book.cursors].flatMap(([origin, cursor]) => cursorJson(origin, cursor)),
      ...[...this.book.keys, ...this.book.files].map(rowJson),
    ];
    const octets = utf8(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    await writeWhole(this.#path, octets, { replace: true, mode: 0o600 });
    return octets.length;
  }
}

async function append(path: string, octets: Uint8Array): Promise<void> {
  try {
    const file = await open(path, "a", 0o600);
    try {
      await file.writeFile(octets);
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Hands out the lines of a file; false where there is none, or where it ends within one, which is left out. */
async function readLines(path: string, use: (line: Uint8Array, number: number) => void): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  let total = 0;
  try {
    for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
      total += part.length;
      if (total > MAX_EXPECTED_JOURNAL_BYTES) throw tooBig(path);
      let from = 0;
      const joined: Buffer = rest.length === 0 ? part : Buffer.concat([rest, part]);
      for (let end = joined.indexOf(NEWLINE); end >= 0; end = joined.indexOf(NEWLINE, from)) {
        use(joined.subarray(from, end), ++number);
        from = end + 1;
      }
      rest = joined.subarray(from);
      if (rest.length > MAX_EXPECTED_LINE_BYTES) throw tooBig(path);
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    if (error instanceof ClientError) throw error;
    throw unreadable(path, error);
  }
  return number > 0 && rest.length === 0;
}

function tooBig(path: string): ClientError {
  return new ClientError(
    "input/too-big",
    `${path}: it has more than is ever written there; delete it, and all is looked at anew`,
  );
}

function unreadable(where: string, error: unknown): ClientError {
  const why = error instanceof Error ? error.message : String(error);
  return new ClientError(
    "input/unreadable",
    `${where}: ${why}; delete the file if it is broken, and all is looked at anew`,
    { cause: error },
  );
}

function readLine(book: ExpectedBook, line: Uint8Array, where: string): void {
  try {
    const root = record(readJson(line, { maxBytes: MAX_EXPECTED_LINE_BYTES }), "line");
    const first = root.optional("samebits");
    const dropped = root.optional("drop");
    const feed = root.optional("feed");
    if (first !== undefined) root.integer("expected", 1, 1);
    else if (dropped !== undefined) book.drop(toHex(dropped.hex(32)));
    else if (feed !== undefined) readCursor(book, root);
    else book.add(readRow(root));
    root.done();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw unreadable(where, error);
  }
}

function readCursor(book: ExpectedBook, root: RecordShape): void {
  const origin = root.string("feed", MAX_ORIGIN_CHARS);
  parseOrigin(origin);
  const caught = root.optional("caught");
  book.move(origin, {
    next: root.integer("next", 0, MAX_FEED_SIZE),
    caughtUpAt: caught === undefined ? null : caught.integer(0, MAX_TIME),
  });
}

function cursorJson(feed: string, cursor: Cursor | null): readonly object[] {
  if (cursor === null) return [];
  const { next, caughtUpAt } = cursor;
  return [{ feed, next, ...(caughtUpAt === null ? {} : { caught: caughtUpAt }) }];
}

function readRow(root: RecordShape): Row {
  const kind = root
    .member("kind")
    .oneOf(["unreproduced", "unexpected-release", "unknown-key", "revoked-key"]);
  const hex = (name: string): string => toHex(root.member(name).hex(32));
  const time = (name: string): number => root.integer(name, 0, MAX_TIME);
  const { purl, file, keyHex } = parseTarget(
    root.string("purl", MAX_PURL_CHARS),
    root.string("file", MAX_FILE_NAME_BYTES),
  );
  const common = {
    purl,
    file,
    step: root.string("step", MAX_STEP_BYTES),
    key: toHex(root.member("key").hex()),
    origin: root.string("by", MAX_ORIGIN_CHARS),
    index: root.integer("index", 0, MAX_FEED_SIZE),
    seen: time("seen"),
    isTold: root.optional("told")?.boolean() ?? false,
  };
  if (kind === "unknown-key" || kind === "revoked-key") {
    const builder = root.string("builder", MAX_LABEL_BYTES);
    return {
      kind,
      id: rowId(kind, builder, common.key),
      ...common,
      builder,
      isProven: root.boolean("proven"),
    };
  }
  const sha256 = hex("sha256");
  const next = { due: time("due"), looked: time("looked"), tries: time("tries") };
  return { kind, id: rowId(kind, keyHex, sha256), ...common, sha256, claim: hex("claim"), ...next };
}

function rowJson(row: Row): object {
  const { kind, purl, file, step, key, origin: by, index, seen, isTold } = row;
  const own = isFileRow(row) ? fileJson(row) : keyJson(row);
  return { kind, purl, file, step, key, by, index, seen, ...own, ...(isTold ? { told: true } : {}) };
}

function fileJson({ sha256, claim, due, looked, tries }: FileRow): object {
  return { sha256, claim, due, looked, tries };
}

function keyJson({ builder, isProven }: KeyRow): object {
  return { builder, proven: isProven };
}
