/** A peer of the rig that takes all records and remembers only which: a thousand times cheaper than an engine that checks them. */
import { toHex } from "../../../protocol/bytes/index.ts";
import { readRecordsRequest, writeRecordsAnswer } from "../../../protocol/wire/index.ts";
import type { StoredRecord } from "../../../protocol/wire/index.ts";
import type { Answer, Neighbour, Stream } from "./rig-peer.ts";

export class RigShelf implements Neighbour {
  readonly name: string;
  readonly light = false;
  readonly neighbours: Set<string> = new Set();
  /** How often each slot came, by its hex. */
  readonly slots: Map<string, number> = new Map();
  questions = 0;
  octets = 0;
  /** Which records it keeps; null answers nothing of `records`. */
  takes: ((record: StoredRecord) => boolean) | null = () => true;

  constructor(name: string) {
    this.name = name;
  }

  handle(): void {}

  gossiped(): null {
    return null;
  }

  asked(stream: Stream, bytes: Uint8Array, _from: string, answer: Answer): void {
    const { takes } = this;
    if (stream !== "records" || takes === null) {
      answer(null);
      return;
    }
    this.questions++;
    this.octets += bytes.length;
    const request = readRecordsRequest(bytes);
    const records = request.kind === "store" ? request.records : [];
    const stored = records.map((record) => takes(record));
    for (const [i, { slot }] of records.entries())
      if (stored[i] === true) this.slots.set(toHex(slot), (this.slots.get(toHex(slot)) ?? 0) + 1);
    answer(writeRecordsAnswer({ stored, records: [], next: new Uint8Array(0), code: "" }));
  }
}
