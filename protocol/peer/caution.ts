/** What a driver tells of, and is told about, a feed of which more may be signed than is held here. */

/** What keeps the own feed from being signed on before others were asked about it (I1). */
export interface Caution {
  /** Names of sources whose word counts after a restore; where there are any, nobody else's does. */
  readonly anchors: readonly string[];
  /** There is somebody to meet: publishing waits a moment for what they know. */
  readonly awaits: boolean;
}

/** How far the recovery of a feed is. */
export interface RecoveryView {
  /** Sources that have shown a head of it and count, and how many must. */
  readonly heard: number;
  readonly needed: number;
  /** The DHT was asked for its head. */
  readonly recalled: boolean;
  /** The largest size that its key is known to have signed. */
  readonly size: number;
  /** Entries held here. */
  readonly held: number;
  /** Two heads of it are proven not to join. */
  readonly forked: boolean;
  /** Nobody hands out what is missing (RULES R18). */
  readonly withheld: boolean;
  /** The largest head, once all of its entries are held and every other head found lies on its history. */
  readonly head: Uint8Array | null;
}
