import {
  counted,
  parseCheckpoint,
  parseOrigin,
  ProtocolError,
  showTime,
  toHex,
  verifyHead,
} from "../../../protocol/index.ts";
import type { Checkpoint, SignedHead } from "../../../protocol/index.ts";
import { plain } from "./shown.ts";
import type { Shown } from "./shown.ts";

/** A feed's head, or the checkpoint of any other log. Throws `note/…`, `checkpoint/…`. */
export function showCheckpoint(note: Uint8Array): Shown {
  const checkpoint = parseCheckpoint(note);
  const head = headOf(note);
  return {
    kind: "checkpoint",
    facts: facts(checkpoint, head),
    proven: head === null ? [] : [...provenOf(head)],
    notProven: [
      ...(head === null ? ["who signed it: it is no feed of samebits, whose name is its key."] : []),
      "that everybody sees the same: a fork shows only when two heads are compared (samebits watch).",
      ...(head?.time === null ? ["when it was signed: it has no time line."] : []),
    ],
  };
}

/** The head in a note; null for a log that is no feed of samebits. Throws where a feed's head does not hold. */
export function headOf(note: Uint8Array): SignedHead | null {
  const { origin } = parseCheckpoint(note);
  try {
    parseOrigin(origin);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
  return verifyHead(note);
}

function facts({ origin, size, root, signatures }: Checkpoint, head: SignedHead | null): readonly string[] {
  const others = signatures.filter(({ name }) => name !== origin).map(({ name }) => plain(name));
  return [
    `${head === null ? "checkpoint of the log" : "head of the feed"} ${plain(origin)}`,
    `  ${counted(size, "entry")}, root ${toHex(root)}`,
    `  ${counted(signatures.length, "signature line")}${others.length === 0 ? "" : `, also by ${others.join(", ")}`}`,
  ];
}

function* provenOf({ size, time }: SignedHead): Generator<string> {
  yield `the feed's own key signed this tree of ${counted(size, "entry")}.`;
  if (time !== null) yield `it says that this was its newest head at ${showTime(1_000 * time)}.`;
}
