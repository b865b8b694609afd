/** Every frame that crosses the mesh (`protocol/spec/wire.md`): readers are exact, writers refuse what readers would. */
export {
  readCosignatureNotice,
  readEvidenceNotice,
  readFeedUpdate,
  writeCosignatureNotice,
  writeEvidenceNotice,
  writeFeedUpdate,
} from "./gossip.ts";
export type { EvidenceNotice, FeedUpdate } from "./gossip.ts";
export { isNewerDomain, readDomainNotice, writeDomainNotice } from "./domain-notice.ts";
export type { DomainNotice, DomainVersions } from "./domain-notice.ts";
export { blobsInPlace, joinBlobs, splitBlobs } from "./blobs.ts";
export {
  readTilesAnswer,
  readTilesRequest,
  writeEntriesAnswer,
  writeTilesAnswer,
  writeTilesRequest,
} from "./tiles.ts";
export type { TilesAnswer, TilesRequest, TileWanted } from "./tiles.ts";
export { readQueryAnswer, readQueryRequest, writeQueryAnswer, writeQueryRequest } from "./query.ts";
export type { QueryAnswer, QueryFound, QueryJoin, QueryRequest } from "./query.ts";
export { readRecordsAnswer, readRecordsRequest, writeRecordsAnswer, writeRecordsRequest } from "./records.ts";
export type { RecordsAnswer, RecordsRequest, StoredRecord } from "./records.ts";
