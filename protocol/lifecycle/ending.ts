/** What a feed's own key says of its end (`protocol/spec/freeze.md`): a hint, which moves no trust. */
import { freezeOf, verifyOwn } from "../attestation/index.ts";
import type { Attestation } from "../attestation/index.ts";
import { compareCodePoints, equalBytes } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { originHash, parseOrigin } from "../feed/index.ts";

/** A statement that counts: signed by the key of the feed that it ends, and listed where everybody who reads that feed or its successor finds it. Frozen. */
export interface Ending {
  /** The feed that ends. */
  readonly origin: string;
  /** The feed that goes on, as the key says; null for none. */
  readonly successor: string | null;
  /** The largest size that the key is said to have signed. */
  readonly size: number;
  readonly reason: string;
  /** ms since 1970, as the key says. */
  readonly time: number;
  /** The feed that lists the statement, the one that ends or the successor, and where. */
  readonly carrier: string;
  readonly index: number;
}

/**
 * What entry `index` of the feed `carrier` says of the end of a feed; null for what says nothing of that, or does not count: it is not of this
 * form, the feed's own key did not sign it, or another feed than that one and its successor lists it. Costs one signature check at most.
 */
export function endingIn(attestation: Attestation, carrier: string, index: number): Ending | null {
  try {
    const freeze = freezeOf(attestation);
    if (freeze === null) return null;
    const { origin, successor, size, reason, time, subject } = freeze;
    const { network, key } = parseOrigin(origin);
    const isListed = carrier === origin || carrier === successor;
    if (!isListed || successor === origin || parseOrigin(carrier).network !== network) return null;
    if (successor !== null && parseOrigin(successor).network !== network) return null;
    if (!equalBytes(subject, originHash(origin)) || verifyOwn(attestation, key) === null) return null;
    return Object.freeze({ origin, successor, size, reason, time, carrier, index });
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/**
 * Of two statements about one feed the one that is told: what the feed itself lists before what another does, there the first; else the one
 * that says to be older. Whoever knows both says the same, in whatever order they came.
 */
export function firstEnding(a: Ending, b: Ending): Ending {
  const own = ({ carrier, origin }: Ending): number => (carrier === origin ? 0 : 1);
  const order =
    own(a) - own(b) ||
    (own(a) === 0 ? a.index - b.index : a.time - b.time) ||
    compareCodePoints(a.carrier, b.carrier) ||
    a.index - b.index ||
    // Where a feed forked, two statements may stand at one place.
    compareCodePoints(rest(a), rest(b));
  return order <= 0 ? a : b;
}

function rest({ time, size, successor, reason }: Ending): string {
  return JSON.stringify([time, size, successor, reason]);
}
