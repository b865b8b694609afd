/** A folder of static files that somebody serves: feeds are read from it, and believed no more than what a peer says. */
export interface MirrorFiles {
  /**
   * The octets of a file by its path below the feed's folder, at most `maxBytes`; null where there is none. Rejects with
   * `mesh/unreachable`, `mesh/timeout`, `mesh/too-big`.
   */
  read(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | null>;
}
