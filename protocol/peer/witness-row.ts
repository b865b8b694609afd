/** What a witness remembers of one origin, and what it says when it does not cosign. */
import { equalBytes, utf8 } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import type { ProtocolCode } from "../errors.ts";
import { originHash, verifyCheckpoint, verifyCosignature } from "../feed/index.ts";
import type { Cosigner, SignedHead, WitnessDecision, Witnessed } from "../feed/index.ts";
import { equalRoot } from "./feed-state.ts";
import type { CommandResult } from "./types.ts";
import type { WitnessState } from "./witness-view.ts";

/** The newest head of an origin that was cosigned: `note` has the feed's own line and the witness's. */
export interface Cosigned {
  readonly head: SignedHead;
  /** Seconds since 1970. */
  readonly time: number;
  readonly note: Uint8Array;
}

/** Value of the row that says that a witness has stopped for good. */
export const STOPPED_WHY: Uint8Array = utf8("stopped");

type Refused =
  Exclude<WitnessDecision["kind"], "cosign" | "conflict"> | "not-held" | "busy" | "frozen" | "stopped";

const REFUSALS: Readonly<Record<Refused, { readonly code: ProtocolCode; readonly message: string }>> = {
  "unknown-origin": {
    code: "witness/unknown-origin",
    message: "this witness cosigns only feeds that its node follows, and this is none of them",
  },
  unsigned: {
    code: "witness/unsigned",
    message: "no line of the checkpoint is a signature by the key that its origin names",
  },
  "old-too-large": {
    code: "witness/old-too-large",
    message: "the old size is larger than the checkpoint's: no tree shrinks",
  },
  "not-consistent": {
    code: "witness/not-consistent",
    message:
      "the checkpoint is not shown to extend what this witness cosigned last and what it holds of the feed",
  },
  "not-held": {
    code: "witness/not-held",
    message:
      "this witness does not hold all entries of this checkpoint yet: ask again when it has fetched them",
  },
  busy: { code: "witness/busy", message: "as many requests as may wait do: ask again later" },
  frozen: {
    code: "witness/frozen",
    message:
      "what was cosigned could not be written, or may have been: nothing is cosigned until the node has started anew and read what is there",
  },
  stopped: {
    code: "witness/stopped",
    message:
      "this witness's key has cosigned a head that its store does not know: it was restored, copied or damaged, and never cosigns again; make a new key",
  },
};

/** The answer to a request that is not followed. */
export function refusedBy(why: Refused): CommandResult {
  return { ok: false, ...REFUSALS[why] };
}

/** The state for people, with what to do about it. */
export function witnessState(state: WitnessState): {
  readonly state: WitnessState;
  readonly reason: string | null;
} {
  return { state, reason: state === "open" ? null : REFUSALS[state].message };
}

/** Reads a row; both its lines are verified again. Null where it does not say what this witness cosigned of that origin. */
export function readCosigned(
  note: Uint8Array,
  hash: Uint8Array,
  witness: Cosigner,
  network: string,
): Cosigned | null {
  try {
    const head = verifyCheckpoint(note, network);
    const time = verifyCosignature(note, witness);
    return time === null || !equalBytes(originHash(head.origin), hash) ? null : { head, time, note };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return null;
  }
}

/** Whether a head is none of those that a witness which remembers `held` has cosigned. Of smaller ones nobody can say. */
export function isBeyond(head: Witnessed, held: Cosigned | null): boolean {
  if (held === null || head.size > held.head.size) return true;
  return isOther(head, held.head);
}

/** Whether two heads are of one size and two trees. */
export function isOther(a: Witnessed, b: Witnessed): boolean {
  return a.size === b.size && !equalRoot(a, b);
}
