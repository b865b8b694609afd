import {
  formatTime,
  parseCheckpoint,
  parseOrigin,
  ProtocolError,
  readTlogProof,
  toHex,
  verifyCheckpoint,
  verifyEntryUnder,
} from "../../../protocol/index.ts";
import type { Checkpoint, SignedHead } from "../../../protocol/index.ts";
import { plain } from "./shown.ts";
import type { Shown } from "./shown.ts";

/** A feed's head, or the checkpoint of any other log. Throws `note/…`, `checkpoint/…`. */
export function showCheckpoint(note: Uint8Array): Shown {
  const checkpoint = parseCheckpoint(note);
  const head = verifiedHead(note, checkpoint);
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

/** A `.tlog-proof` file: that an entry stands in a feed. Throws `proof/…`, `tree/…`, `checkpoint/…`. */
export function showProof(bytes: Uint8Array): Shown {
  const { index, extra, path, checkpoint } = readTlogProof(bytes);
  const shown = showCheckpoint(checkpoint);
  const head = verifiedHead(checkpoint, parseCheckpoint(checkpoint));
  const holds = head !== null && extra !== null && verifyEntryUnder(head, extra, index, path) !== null;
  return {
    kind: "proof",
    facts: [`proof that an entry is number ${index}, by ${path.length} hashes, under:`, ...shown.facts],
    proven: [
      ...shown.proven,
      ...(holds
        ? [`the entry in its extra line (${extra.length} octets) is number ${index} of the feed.`]
        : []),
    ],
    notProven: [...(holds ? [] : ["which entry it is about: it holds none itself."]), ...shown.notProven],
  };
}

/** Null for a log that is no feed of samebits; throws where a feed's head does not hold. */
function verifiedHead(note: Uint8Array, { origin }: Checkpoint): SignedHead | null {
  let network: string;
  try {
    network = parseOrigin(origin).network;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
  return verifyCheckpoint(note, network);
}

function facts({ origin, size, root, signatures }: Checkpoint, head: SignedHead | null): readonly string[] {
  const others = signatures.filter(({ name }) => name !== origin).map(({ name }) => plain(name));
  return [
    `${head === null ? "checkpoint of the log" : "head of the feed"} ${plain(origin)}`,
    `  ${size} entries, root ${toHex(root)}`,
    `  ${signatures.length} signature lines${others.length === 0 ? "" : `, also by ${others.join(", ")}`}`,
  ];
}

function* provenOf({ size, time }: SignedHead): Generator<string> {
  yield `the feed's own key signed this tree of ${size} entries.`;
  if (time !== null) yield `it says that this was its newest head at ${formatTime(1_000 * time)}.`;
}
