/** What there is to fetch, of all feeds but the own one, those of which somebody withholds entries (RULES R18), and those for which there is no room. */
export interface SyncView {
  /** Feeds that miss entries. */
  readonly feeds: number;
  /** Entries that they miss of the largest head known of each. */
  readonly missing: number;
  /** Entries stored a second, over the last seconds. */
  readonly rate: number;
  /** Seconds until all is here at that rate; null while nothing comes. */
  readonly seconds: number | null;
}
