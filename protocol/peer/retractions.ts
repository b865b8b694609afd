/** Which claims were taken back, as far as this peer holds it (RULES R17). */
import type { Verified } from "../attestation/index.ts";
import { fromHex } from "../bytes/index.ts";
import { MAX_SLOT_RETRACTIONS } from "../limits.ts";
import type { Checker } from "./checker.ts";
import type { Context } from "./context.ts";
import { askedKeys } from "./keys.ts";
import { readLeaves } from "./leaves.ts";
import { readAll } from "./reads.ts";
import { retractedRange } from "./rows.ts";

export class Retractions {
  readonly #ctx: Context;
  readonly #checker: Checker;

  constructor(ctx: Context, checker: Checker) {
    this.#ctx = ctx;
    this.#checker = checker;
  }

  /** Retractions that name any of these claims, with good signatures of whomsoever. */
  of(
    claims: readonly Verified[],
    done: (retractions: readonly Verified[]) => void,
    failed: (code: string) => void,
  ): void {
    const signers = askedKeys(claims.map(({ signer }) => signer.raw));
    readAll(
      this.#ctx.turn,
      claims.map(({ id }) => retractedRange(fromHex(id), MAX_SLOT_RETRACTIONS)),
      (rows) =>
        readLeaves(
          this.#ctx,
          rows.flat(),
          (leaves) =>
            this.#checker.verify(
              leaves,
              signers,
              (verified) => done(verified.filter((one) => one !== null)),
              failed,
            ),
          failed,
        ),
      failed,
    );
  }
}
