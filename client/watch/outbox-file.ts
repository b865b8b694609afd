/** What an outbox remembers over restarts: its book of alerts, with how far it has come, and what is still to be told. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  fromUtf8,
  ProtocolError,
  MAX_EVENT_BYTES,
  readAlertBook,
  readJson,
  record,
  SEVERITIES,
  sha256Hex,
  utf8,
  writeAlertBook,
} from "../../protocol/index.ts";
import type { AlertBook, Change, Shape } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { systemCode } from "../folder.ts";
import { writeWhole } from "../write-file.ts";
import type { Told } from "../edges.ts";

/** What is not told yet, at most: storms are digests before they come here. */
export const MAX_WAITING = 1_000;
const FOLDER = "watch";
const LINE_FEED = 0x0a;

export interface OutboxState {
  readonly book: AlertBook;
  readonly waiting: readonly Told[];
}

/** Where the outbox of a sink with this name lies. */
export function outboxPath(dataDir: string, sink: string): string {
  return join(dataDir, FOLDER, `${sha256Hex(utf8(sink)).slice(0, 16)}.json`);
}

/** Null where there is none. Throws `watch/bad-outbox`. */
export function readOutbox(path: string): OutboxState | null {
  let octets: Uint8Array;
  try {
    octets = new Uint8Array(readFileSync(path));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw badOutbox(path, error);
  }
  try {
    const end = octets.indexOf(LINE_FEED);
    const head = record(
      readJson(octets.subarray(0, end), { maxBytes: MAX_WAITING * MAX_EVENT_BYTES }),
      "outbox",
    );
    head.integer("samebits", 1, 1);
    const waiting = head.list("waiting", MAX_WAITING).map(readTold);
    head.done();
    return { waiting, book: readAlertBook(octets.subarray(end + 1)) };
  } catch (error) {
    if (error instanceof ProtocolError) throw badOutbox(path, error);
    throw error;
  }
}

/** Whole or not at all, and on the disk when it resolves. Throws `output/cannot-write`. */
export async function writeOutbox(path: string, { book, waiting }: OutboxState): Promise<void> {
  const head = JSON.stringify({ samebits: 1, waiting });
  await writeWhole(path, `${head}\n${fromUtf8(writeAlertBook(book))}`, { mode: 0o600, replace: true });
}

const STATES = ["open", "acknowledged", "resolved"] as const;
const CHANGES: readonly Change[] = ["new", "joined", "worse", "again", "taken-back", "ended", "acknowledged"];
const MAX_SENTENCES = 64;

function readTold(shape: Shape): Told {
  const all = shape.record();
  const orNull = <Value>(name: string, read: (item: Shape) => Value): Value | null => {
    const item = all.member(name);
    return item.value === null ? null : read(item);
  };
  const texts = (name: string): readonly string[] =>
    all.list(name, MAX_SENTENCES).map((item) => item.string());
  const told: Told = {
    event: all.member("event").oneOf(["alert", "digest"]),
    delivery: all.string("delivery"),
    matter: all.string("matter"),
    kind: all.string("kind"),
    severity: all.member("severity").oneOf(SEVERITIES),
    state: all.member("state").oneOf(STATES),
    change: orNull("change", (item) => item.oneOf(CHANGES)),
    since: all.integer("since", 0, Number.MAX_SAFE_INTEGER),
    headline: all.string("headline"),
    sentences: texts("sentences"),
    check: orNull("check", (item) => item.string()),
    purl: orNull("purl", (item) => item.string()),
    builders: texts("builders"),
    line: all.string("line", MAX_EVENT_BYTES),
  };
  all.done();
  return told;
}

function badOutbox(path: string, error: unknown): ClientError {
  const why = error instanceof Error ? error.message : String(error);
  return new ClientError(
    "watch/bad-outbox",
    `${path}: what was told and what is still to be told can't be read (${why}): move it away, and begin again with --since`,
    { cause: error },
  );
}
