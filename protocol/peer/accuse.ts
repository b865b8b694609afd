/** From a leaf that its feed gives out as its own and never signed to evidence against the feed (RULES R9). */
import type { Attestation } from "../attestation/index.ts";
import { isForgedOwn, proveBadLeaf } from "../evidence/index.ts";
import { verifyEntryUnder } from "../feed/index.ts";
import { ProtocolError } from "../errors.ts";
import type { Context } from "./context.ts";
import type { FeedState } from "./feed-state.ts";
import type { Findings } from "./findings.ts";
import type { Tiles } from "./tiles.ts";

export class Accuser {
  readonly #ctx: Context;
  readonly #tiles: Tiles;
  readonly #findings: Findings;

  constructor(ctx: Context, tiles: Tiles, findings: Findings) {
    this.#ctx = ctx;
    this.#tiles = tiles;
    this.#findings = findings;
  }

  /**
   * Tells of entry `index` if it is a bad leaf under a head that the feed signed. `kept` is called once the finding is in the store; if
   * this entry proves nothing, or the store fails, it is not.
   */
  accuse(feed: FeedState, index: number, { bytes }: Attestation, kept: () => void = () => undefined): void {
    const head = feed.proven;
    if (head === null || index >= head.size || feed.class === "own" || !isForgedOwn(bytes, feed.key)) return;
    const failed = (): void => this.#ctx.counters.add("read-failed");
    this.#tiles.inclusion(
      feed,
      [index],
      head.size,
      ([path = []]) => {
        try {
          const evidence = proveBadLeaf(verifyEntryUnder(head, bytes, index, path), path);
          if (evidence !== null) this.#findings.add(evidence, true, kept);
        } catch (error) {
          // Octets that do not lead to the head are a fault of this disk, and none of the feed.
          if (!(error instanceof ProtocolError)) throw error;
          failed();
        }
      },
      failed,
    );
  }
}
