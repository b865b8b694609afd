/** The entries that reports are about, with the proofs that they stand in their feeds. */
import { TILE_WIDTH } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { openFeed } from "../../source/index.ts";
import type { NodeApi } from "../../source/index.ts";
import { isFileRow } from "./rows.ts";
import type { Row } from "./rows.ts";
import type { ClaimProof } from "./report.ts";

/** By id of the row; what can't be had at the moment is left out. Each bundle of a feed is read once. */
export async function proofsOf(rows: readonly Row[], api: NodeApi): Promise<ReadonlyMap<string, ClaimProof>> {
  const proofs = new Map<string, ClaimProof>();
  const byBundle = Map.groupBy(rows, ({ origin, index }) => `${origin} ${Math.floor(index / TILE_WIDTH)}`);
  for (const some of byBundle.values()) {
    try {
      await addProofs(some, api, proofs);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
    }
  }
  return proofs;
}

async function addProofs(rows: readonly Row[], api: NodeApi, proofs: Map<string, ClaimProof>): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const { origin } = first;
  const wanted = Map.groupBy(rows, ({ index }) => index);
  const indices = [...wanted.keys()];
  const feed = await openFeed(api, origin);
  for await (const { verified, path } of feed.leaves(Math.min(...indices), Math.max(...indices) + 1)) {
    const { index, entry } = verified;
    for (const row of wanted.get(index) ?? []) {
      const claim = isFileRow(row) ? row.claim : null;
      // A view of a bundle, which is longer.
      proofs.set(row.id, {
        claim,
        feed: origin,
        index,
        envelope: entry.slice(),
        path,
        checkpoint: feed.head.note,
      });
    }
  }
}
