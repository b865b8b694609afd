/** How far the own feed's attestations stand in the DHT. */
export interface SweepView {
  /** Records that belong there: two for each target. */
  readonly wanted: number;
  /** Those of them that somebody keeps. */
  readonly stored: number;
  /** Seconds that storing again lags behind its plan; 0 as a rule. */
  readonly behind: number;
}
