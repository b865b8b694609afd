/** Frames of the topic `domains`: somebody has newer documents of a trust domain. A hint, which nobody has signed. */
import {
  DOMAIN_NAME_BYTES,
  MAX_GOSSIP_BYTES,
  MAX_PEER_NAME_CHARS,
  MAX_TRUST_ROLES,
  MAX_TRUST_VERSION,
} from "../limits.ts";
import { badField, checkLength, decodeExact, encodeWithin } from "./frame.ts";
import { DomainNoticeMessage } from "./messages.ts";

/** How new what is carried of a domain is: that it has split is newer than all else, then the first of these decides in which two differ. */
export interface DomainVersions {
  /** There is proof that its owners signed two roots of one version. */
  readonly split: boolean;
  /** Of the last root, from 1 on. */
  readonly root: number;
  /** Of the domain's own targets; 0 = none that hold. */
  readonly targets: number;
  /** All versions of delegates' targets together. */
  readonly delegated: number;
}

export interface DomainNotice extends DomainVersions {
  /** The first DOMAIN_NAME_BYTES of the fingerprint. */
  readonly domain: Uint8Array;
  /** Who says so, and carries them, by its own word. */
  readonly peer: string;
}

/** Throws `wire/…`. */
export function readDomainNotice(bytes: Uint8Array): DomainNotice {
  const notice = decodeExact(DomainNoticeMessage, bytes, MAX_GOSSIP_BYTES, {});
  check(notice);
  return Object.freeze(notice);
}

export function writeDomainNotice(notice: DomainNotice): Uint8Array {
  check(notice);
  return encodeWithin(DomainNoticeMessage, notice, MAX_GOSSIP_BYTES);
}

/** Whether the one is newer than the other. */
export function isNewerDomain(one: DomainVersions, other: DomainVersions): boolean {
  if (one.split !== other.split) return one.split;
  if (one.root !== other.root) return one.root > other.root;
  if (one.targets !== other.targets) return one.targets > other.targets;
  return one.delegated > other.delegated;
}

function check({ domain, root, targets, delegated, peer }: DomainNotice): void {
  checkLength(domain, "domain", DOMAIN_NAME_BYTES);
  checkRange(root, "root", 1, MAX_TRUST_VERSION);
  checkRange(targets, "targets", 0, MAX_TRUST_VERSION);
  checkRange(delegated, "delegated", 0, MAX_TRUST_ROLES * MAX_TRUST_VERSION);
  if (!/^[!-~]+$/.test(peer) || peer.length > MAX_PEER_NAME_CHARS)
    throw badField("peer", `1 to ${MAX_PEER_NAME_CHARS} printable characters are expected`);
}

function checkRange(value: number, name: string, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw badField(name, `${value}: ${least} to ${most} is expected`);
}
