/** Feeds: RFC 6962 trees, tiles and bundles, notes, checkpoints, cosignatures, proofs (`protocol/spec/feed.md` and after). */
export {
  EMPTY_ROOT,
  HASH_BYTES,
  checkConsistency,
  checkInclusion,
  leafHash,
  nodeHash,
  rootFromInclusion,
  rootOf,
} from "./merkle.ts";
export { fullTileRoot, leafHashes } from "./full-tile.ts";
export {
  appendLeaf,
  appendLeaves,
  emptyRange,
  frontierLength,
  rangeFromFrontier,
  rangeRoot,
  readRange,
  writeRange,
} from "./range.ts";
export type { OnSubtree, CompactRange } from "./range.ts";
export {
  consistencyFromRange,
  consistencyProof,
  earlierAt,
  inclusionProof,
  planConsistency,
  planFrontier,
  planInclusion,
  rangeAt,
} from "./prove.ts";
export type { Earlier, ReadHash, Subtree } from "./prove.ts";
export {
  CHECKPOINT_PATH,
  COSIGNED_PATH,
  PAST_PATH,
  TIMED_PATH,
  entriesPath,
  parseEntriesPath,
  parseTilePath,
  partialWidth,
  tilePath,
  tileWidth,
  tilesFor,
} from "./tile.ts";
export type { BundleId, TileId } from "./tile.ts";
export {
  newTileHashes,
  readerOf,
  readTile,
  tileReader,
  tilesForConsistency,
  tilesForEarlier,
  tilesForInclusion,
  tilesForRange,
} from "./tile-hashes.ts";
export type { Growth, TileHashes } from "./tile-hashes.ts";
export { assertEntry, readBundle, writeBundle } from "./entries.ts";
export { checkFeed } from "./fsck.ts";
export {
  isOfKey,
  parseNote,
  parseSignatureLine,
  verifyNote,
  withSignatureLine,
  writeNote,
  writeSignatureLine,
} from "./note.ts";
export type { Note, NoteSignature } from "./note.ts";
export { origin, originHash, parseOrigin } from "./origin.ts";
export type { OriginParts } from "./origin.ts";
export { headBody, parseCheckpoint, parseCheckpointBody } from "./checkpoint.ts";
export type { Checkpoint, CheckpointBody } from "./checkpoint.ts";
export {
  nameOfHead,
  onlyOwnLine,
  ownLines,
  signCheckpoint,
  signedCheckpoint,
  verifyCheckpoint,
  verifyParsedCheckpoint,
  verifyHead,
  verifyTimed,
  withOwnTime,
} from "./head.ts";
export type { SignedHead } from "./head.ts";
export {
  cosignatureLine,
  cosignatureMessage,
  isCosignatureOf,
  readCosignatureLine,
  timeOfTimed,
  verifyCosignature,
  verifyCosignatureLine,
} from "./cosignature.ts";
export type { Cosigner } from "./cosignature.ts";
export { cosignedBy, parseCosigned, separate } from "./cosigned.ts";
export type { CosignedHead, CosignedNote } from "./cosigned.ts";
export { readCosigned, verifyCosigned, verifyPast, writeCosigned } from "./cosigned-file.ts";
export { witnessName, witnessOfName } from "./witness-name.ts";
export { readTlogProof, verifyEntry, verifyEntryUnder, writeTlogProof } from "./proof.ts";
export type { ProvenEntry, TlogProof, VerifiedEntry } from "./proof.ts";
export { decideAddCheckpoint, readAddCheckpoint } from "./witness.ts";
export type { AddCheckpoint, WitnessDecision, Witnessed } from "./witness.ts";
