/** What is known of forks survives a restart, also one that came between the write of the flag and that of the proof. */
import { checkEvidenceSync } from "../evidence/index.ts";
import { ProtocolError } from "../errors.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import { forkProofKey } from "./fork-proof.ts";
import type { Forks } from "./forks.ts";
import { readAll } from "./reads.ts";
import { rowAt } from "./rows.ts";

/**
 * Freezes each followed feed against which a proof is kept. One that is marked as forked stays frozen also where no proof is: that is made
 * anew from the two heads in the feed's row.
 */
export function reopenForks(
  ctx: Context,
  forks: Forks,
  done: () => void,
  failed: (code: string) => void,
): void {
  const feeds = [...ctx.feeds.all()].filter((feed) => feed.class !== "unknown");
  const keys = feeds.map(forkProofKey);
  readAll(
    ctx.turn,
    keys.map(rowAt),
    (rows) => {
      for (const [i, feed] of feeds.entries()) reopen(ctx, forks, feed, rows[i]?.[0]?.value ?? null);
      done();
    },
    failed,
  );
}

function reopen(ctx: Context, forks: Forks, feed: FeedState, proof: Uint8Array | null): void {
  if (proof === null) {
    if (feed.forked) forks.proveAgain(feed);
    return;
  }
  try {
    const evidence = checkEvidenceSync(proof);
    if (evidence.kind !== "fork") return;
    forks.freeze(feed, evidence);
    forks.part(feed, evidence);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    ctx.counters.add("bad-row");
  }
}
