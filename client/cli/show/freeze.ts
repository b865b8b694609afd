import {
  counted,
  formatTime,
  freezeOf,
  parseOrigin,
  ProtocolError,
  verifyOwn,
} from "../../../protocol/index.ts";
import type { Attestation, FreezeStatement } from "../../../protocol/index.ts";
import { plain } from "./shown.ts";
import type { Shown } from "./shown.ts";

/** What an attestation says of the end of a feed, and what of that is proven; null where it says nothing of that. No key is needed: a feed's name is its key (RULES R1). */
export function showFreeze(attestation: Attestation): Omit<Shown, "kind"> | null {
  const freeze = freezeOf(attestation);
  if (freeze === null) return null;
  const { origin, size, held, successor, reason, time } = freeze;
  const isOwn = isSignedByFeed(attestation, freeze);
  return {
    facts: [
      `  the feed ${plain(origin)} has ended: "${plain(reason)}", ${formatTime(time)}`,
      `    its key has signed ${counted(size, "entry")}; ${held} of them could be had`,
      successor === null
        ? "    no feed goes on in its stead"
        : `    ${plain(successor)} goes on in its stead`,
    ],
    proven: isOwn ? ["the feed's own key says that it has ended."] : [],
    notProven: [
      ...(isOwn
        ? ["that it counts: it must be listed in that feed or in the successor (samebits feed head ORIGIN)."]
        : ["that the feed has ended: its own key did not sign this."]),
      ...(successor === null
        ? []
        : ["that the other feed is to be trusted: trust moves only where a policy lists its key."]),
    ],
  };
}

function isSignedByFeed(attestation: Attestation, { origin }: FreezeStatement): boolean {
  try {
    return verifyOwn(attestation, parseOrigin(origin).key) !== null;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return false;
  }
}
