/** `frozen`: a write failed and may have persisted. `stopped`: the rows are not all that this key has cosigned. */
export type WitnessState = "open" | "frozen" | "stopped";
