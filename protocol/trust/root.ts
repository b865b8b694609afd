/**
 * The chain of roots by which a trust domain changes its keys (TUF 1.0, sections 5.3 and 6.1). The first is pinned by its fingerprint; each
 * later one is signed by enough keys of the one before, and by enough of its own.
 */
import { equalBytes, quote } from "../bytes/index.ts";
import { sha256Hex } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_ROOT_BYTES, MIN_FINGERPRINT_CHARS } from "../limits.ts";
import { readMetadata } from "./metadata.ts";
import type { Metadata } from "./metadata.ts";
import { assertSigned, readKeys, readRole } from "./role.ts";
import type { Role } from "./role.ts";

declare const verified: unique symbol;

/** What a root says, whoever has signed it. Frozen. */
export interface RootSaid {
  readonly version: number;
  /** ms since 1970. Only the last root of a chain has to be in time. */
  readonly expires: number;
  readonly root: Role;
  readonly targets: Role;
  /** As it came. */
  readonly bytes: Uint8Array;
  /** What its signatures sign: by this two roots are the same or not. */
  readonly signedBytes: Uint8Array;
}

/** A root that is reached from a pinned fingerprint; only `firstRoot` and `nextRoot` make one. Frozen. */
export interface Root extends RootSaid {
  /** The domain's identity: SHA-256 of what the first root signs, 64 hex digits. */
  readonly domain: string;
  readonly [verified]: true;
}

/** What a root says: nothing about it is known to be signed. Throws `trust/bad-role`, and what `readMetadata` throws. */
export function rootSaid(bytes: Uint8Array): RootSaid {
  return sayOf(readMetadata(bytes, "root", MAX_ROOT_BYTES));
}

/** Fingerprint of a first root: SHA-256 of its signed part, so that who has signed already makes no difference. */
export function fingerprintOf(bytes: Uint8Array): string {
  return sha256Hex(readMetadata(bytes, "root", MAX_ROOT_BYTES).signedBytes);
}

/**
 * Checks a fingerprint as people write it: 40 to 64 hex digits, of which the first 160 bits at least are meant. Throws
 * `trust/bad-fingerprint`.
 */
export function parseFingerprint(text: string): string {
  const pin = text.toLowerCase();
  if (!/^[0-9a-f]+$/.test(pin) || pin.length < MIN_FINGERPRINT_CHARS || pin.length > 64) {
    throw new ProtocolError(
      "trust/bad-fingerprint",
      `${quote(text)} is no fingerprint of a trust domain: ${MIN_FINGERPRINT_CHARS} to 64 hex digits`,
    );
  }
  return pin;
}

/**
 * The root that a fingerprint pins. Throws `trust/wrong-fingerprint`, `trust/wrong-version` where it is not version 1, and what
 * `nextRoot` throws.
 */
export function firstRoot(bytes: Uint8Array, fingerprint: string): Root {
  const pin = parseFingerprint(fingerprint);
  const document = readMetadata(bytes, "root", MAX_ROOT_BYTES);
  const domain = sha256Hex(document.signedBytes);
  if (!domain.startsWith(pin)) {
    throw new ProtocolError(
      "trust/wrong-fingerprint",
      `the root's fingerprint is ${domain}, and ${pin} is pinned: it is another domain's`,
    );
  }
  if (document.version !== 1) {
    throw new ProtocolError(
      "trust/wrong-version",
      `a domain begins with root 1; this is root ${document.version}`,
    );
  }
  return make(document, domain);
}

/**
 * The root after `old`: exactly one version on, signed by enough keys of `old`, and by enough of its own. Whether `old` has expired does not
 * matter. Throws `trust/wrong-version`, `trust/not-signed`, `trust/bad-role`, and what `readMetadata` throws.
 */
export function nextRoot(old: Root, bytes: Uint8Array): Root {
  const document = readMetadata(bytes, "root", MAX_ROOT_BYTES);
  if (document.version !== old.version + 1) {
    throw new ProtocolError(
      "trust/wrong-version",
      `root ${old.version} is followed by root ${old.version + 1}; this is root ${document.version}`,
    );
  }
  assertSigned(document, old.root, `root ${old.version}, which it replaces,`);
  return make(document, old.domain);
}

/**
 * Whether the owners have signed two different roots of one version: then nobody can say which of them speaks for the domain, and
 * neither does.
 */
export function isSplit(a: Root, b: Root): boolean {
  return a.domain === b.domain && a.version === b.version && !equalBytes(a.signedBytes, b.signedBytes);
}

function sayOf({ signed, version, expires, bytes, signedBytes }: Metadata): RootSaid {
  const ring = readKeys(signed.member("keys"));
  const roles = signed.record("roles");
  const root = readRole(roles.record("root"), ring);
  const targets = readRole(roles.record("targets"), ring);
  return Object.freeze({ version, expires, root, targets, bytes, signedBytes });
}

function make(document: Metadata, domain: string): Root {
  const said = sayOf(document);
  assertSigned(document, said.root, `root ${said.version} itself`);
  // Only here, where the signatures were checked, is a value of this type made.
  return Object.freeze({ ...said, domain }) as Root;
}
