/** `frozen`: a write failed and may have persisted. `stopped`: the rows are not all that this key has cosigned. */
export type WitnessState = "open" | "frozen" | "stopped";

/** What this peer's witness is and has done. */
export interface WitnessView {
  /** The verifier key under which others know it, type 04. */
  readonly vkey: string;
  readonly state: WitnessState;
  /** Why nothing is cosigned, and what to do; null where it is. */
  readonly reason: string | null;
  /** By origin: the newest head that it cosigned, with the feed's own line and the witness's. */
  readonly cosigned: ReadonlyMap<string, Uint8Array>;
}

/** `cosigned`: the line, without line feed. `conflict`: the size from which the proof must lead. */
export type WitnessAnswer =
  { readonly kind: "cosigned"; readonly line: string } | { readonly kind: "conflict"; readonly size: number };

/** With the own feed's key, or the witness's; the driver's signer refuses what R2 does not allow. */
export interface SignEffect {
  readonly kind: "sign";
  readonly token: number;
  readonly bytes: Uint8Array;
  readonly by?: "witness";
}
