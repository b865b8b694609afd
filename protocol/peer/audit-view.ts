/** How far the audit of entries' signatures is, of all feeds whose claims are read here but the own one. */
export interface AuditView {
  /** Entries that were looked at. */
  readonly audited: number;
  /** Entries that are still to be: none of a feed against which the audit has found evidence. */
  readonly left: number;
  /** Seconds that this takes at the audit's rate. */
  readonly seconds: number;
}
