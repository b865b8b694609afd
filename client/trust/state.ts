/** What is remembered of a pinned domain (RULES R22): one small file that names all else by its hash, and is replaced whole. */
import {
  documentAt,
  formatTime,
  MAX_REMOVED_KEYS,
  MAX_TRUST_ROLES,
  MAX_TRUST_ROOTS,
  MAX_TRUST_STATE_BYTES,
  parseTime,
  readJson,
  record,
  toHex,
} from "../../protocol/index.ts";
import type { Shape } from "../../protocol/index.ts";

/** A key of a builder that the domain's policies had, and have no more. */
export interface RemovedKey {
  readonly builder: string;
  /** Raw Ed25519 key, or SPKI of another, in hex. */
  readonly key: string;
  /** Whose policy had it: names joined by `/`, empty = the domain's own. */
  readonly role: string;
  /** Version of that role's targets since which it is gone. */
  readonly version: number;
  /** ms since 1970, when this machine learned of it; of one that is revoked as of a time to come, that time. */
  readonly time: number;
}

/** Two good roots of one version: by the SHA-256 of their octets, which are kept. */
export interface Split {
  readonly version: number;
  readonly roots: readonly [string, string];
  readonly time: number;
}

export interface DomainState {
  /** The fingerprint, 64 hex digits. */
  readonly domain: string;
  /** The user gave the fingerprint; false = it was taken from where the documents came from, at first use. */
  readonly verified: boolean;
  /** Where it is asked for: as `--from` takes it. */
  readonly from: readonly string[];
  /** ms since 1970. */
  readonly pinned: number;
  /** ms since 1970, when a source was last read to its end; null = never. */
  readonly updated: number | null;
  /** SHA-256 of each root's octets, from the first on. */
  readonly roots: readonly string[];
  /** SHA-256 of the octets of each role's newest targets, by their paths. Roles that are no longer delegated to are kept: versions never go back. */
  readonly documents: ReadonlyMap<string, string>;
  /** The oldest first. */
  readonly removed: readonly RemovedKey[];
  readonly split: Split | null;
}

/** Where so many are named that a command asks each in turn. */
export const MAX_FROM = 16;
/** Of a place as it was given, and as it is kept: below a folder, where it is not a whole path. */
export const MAX_FROM_CHARS = 1_024;
const MAX_FROM_BYTES = 16_384;
const MAX_NAME_BYTES = 512;

export function writeState(state: DomainState): string {
  const { domain, verified, from, pinned, updated, roots, documents, removed, split } = state;
  const object = {
    samebits: 1,
    domain,
    verified,
    from,
    pinned: formatTime(pinned),
    updated: updated === null ? null : formatTime(updated),
    roots,
    documents: Object.fromEntries(documents),
    removed: removed.slice(-MAX_REMOVED_KEYS).map((key) => ({ ...key, time: formatTime(key.time) })),
    split: split === null ? null : { ...split, time: formatTime(split.time) },
  };
  return `${JSON.stringify(object)}\n`;
}

/** Throws `json/…`, `shape/…` for what `writeState` has not written. */
export function readState(bytes: Uint8Array): DomainState {
  const root = record(readJson(bytes, { maxBytes: MAX_TRUST_STATE_BYTES }), "state");
  root.integer("samebits", 1, 1);
  const updated = root.member("updated");
  const split = root.member("split");
  const state: DomainState = {
    domain: hashOf(root.member("domain")),
    verified: root.boolean("verified"),
    from: root.list("from", MAX_FROM).map((item) => item.string(MAX_FROM_BYTES)),
    pinned: timeOf(root.member("pinned")),
    updated: updated.value === null ? null : timeOf(updated),
    roots: root.list("roots", MAX_TRUST_ROOTS).map(hashOf),
    documents: readDocuments(root.member("documents")),
    removed: root.list("removed", MAX_REMOVED_KEYS).map(readRemoved),
    split: split.value === null ? null : readSplit(split),
  };
  root.done();
  return Object.freeze(state);
}

function readDocuments(shape: Shape): ReadonlyMap<string, string> {
  const documents = new Map<string, string>();
  for (const [path, item] of shape.table(MAX_TRUST_ROLES)) {
    if (documentAt(path) === null) item.fail("trust/bad-path", "no document of a domain stands there");
    documents.set(path, hashOf(item));
  }
  return documents;
}

function readRemoved(item: Shape): RemovedKey {
  const fields = item.record();
  const removed: RemovedKey = {
    builder: fields.string("builder", MAX_NAME_BYTES),
    key: toHex(fields.member("key").hex()),
    role: fields.string("role", MAX_NAME_BYTES),
    version: fields.integer("version", 0, Number.MAX_SAFE_INTEGER),
    time: timeOf(fields.member("time")),
  };
  fields.done();
  return removed;
}

function readSplit(shape: Shape): Split {
  const fields = shape.record();
  const [one, other] = fields.list("roots", 2);
  const version = fields.integer("version", 1, Number.MAX_SAFE_INTEGER);
  const time = timeOf(fields.member("time"));
  fields.done();
  if (one === undefined || other === undefined) return shape.fail("shape/missing", "two roots are expected");
  return { version, roots: [hashOf(one), hashOf(other)], time };
}

function hashOf(shape: Shape): string {
  return toHex(shape.hex(32));
}

function timeOf(shape: Shape): number {
  return shape.within(() => parseTime(shape.string()));
}
