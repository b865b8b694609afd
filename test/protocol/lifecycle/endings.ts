/** Statements on the end of a feed, as tests need them. */
import { buildFreeze } from "../../../protocol/attestation/index.ts";
import { originHash } from "../../../protocol/feed/index.ts";
import type { Builder } from "../../sim/builder.ts";

interface Said {
  readonly successor?: string | null;
  readonly size?: number;
  readonly time?: number;
  /** What the subject names, where that is not the feed. */
  readonly subject?: string;
}

/** That the feed `origin` has ended, signed by `builder`, whose it need not be. */
export function ends(builder: Builder, origin: string, said: Said = {}): Uint8Array {
  const { successor = null, size = 3, time = Date.UTC(2026, 0, 1), subject = origin } = said;
  const statement = { origin, size, held: size, successor, reason: "moved", time };
  return builder.seal(buildFreeze(originHash(subject), statement));
}
