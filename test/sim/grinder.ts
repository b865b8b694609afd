import { compareBytes, utf8 } from "../../protocol/bytes/index.ts";
import { sha256 } from "../../protocol/crypto/index.ts";
import { distance, placeOfSlot } from "../../protocol/peer/index.ts";
import type { PeerName, Stream } from "../../protocol/peer/index.ts";
import { readRecordsRequest, writeRecordsAnswer } from "../../protocol/wire/index.ts";
import { Liar } from "./liars.ts";
import type { Answered } from "./world.ts";

/** How far in the DHT a name lies from a slot. */
function farFrom(name: PeerName, key: Uint8Array): Uint8Array {
  return distance(sha256(utf8(name)), placeOfSlot(key));
}

/** Names that lie closer to `key` than any of `others` does: what costs an attacker seconds (RULES R26). */
export function groundNames(
  key: Uint8Array,
  count: number,
  others: readonly PeerName[],
): readonly PeerName[] {
  const closest = others.map((name) => farFrom(name, key)).sort(compareBytes)[0];
  const ground: PeerName[] = [];
  for (let tried = 0; ground.length < count; tried++) {
    const name = `ground-${tried}`;
    if (closest === undefined || compareBytes(farFrom(name, key), closest) < 0) ground.push(name);
  }
  return ground;
}

/** Takes every record and has none: says that all are kept, that nothing is there, that it is busy, or nothing at all. */
export class Grinder extends Liar {
  /** Records that others believe to be kept here. */
  taken = 0;

  protected override feedFor(): null {
    return null;
  }

  override asked(stream: Stream, bytes: Uint8Array, _from: PeerName, answered: Answered): void {
    if (stream !== "records") {
      answered("peer/busy");
      return;
    }
    const request = readRecordsRequest(bytes);
    if (request.kind === "store") {
      this.taken += request.records.length;
      const stored = request.records.map(() => true);
      answered(writeRecordsAnswer({ stored, records: [], next: new Uint8Array(0), code: "" }));
      return;
    }
    const silence = this.world.random.below(3);
    if (silence === 0)
      answered(writeRecordsAnswer({ stored: [], records: [], next: new Uint8Array(0), code: "" }));
    else if (silence === 1) answered("peer/busy");
  }
}
