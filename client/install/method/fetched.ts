/** What apt wants fetched: which of it is a package, and which. */
import { HASH_BYTES, fromHex, isPrintable, tried } from "../../../protocol/index.ts";
import { fieldOf } from "./message.ts";
import type { Message } from "./message.ts";

/** A package's file that apt asks for (`600 URI Acquire`). */
export interface Wanted {
  /** As apt's lists have it; null where the name of the file does not say it as apt writes it. */
  readonly package: {
    readonly name: string;
    /** With its epoch. */
    readonly version: string;
    readonly arch: string;
  } | null;
  /** Hex, as apt's lists have it; null where they have none. */
  readonly sha256: string | null;
  /** Where apt has it put. Absolute. */
  readonly path: string;
}

/** A package's file that is there, and the SHA-256 (hex) that the stock method got; null where it did not say. */
export interface Fetched extends Wanted {
  readonly got: string | null;
}

const KINDS: ReadonlySet<string> = new Set(["deb", "udeb", "ddeb"]);
/** pkgAcqArchive of libapt: `_`, `:` and what is not printable are written `%5f`, `%3a` …. */
const FILE = /^([^_/]+)_([^_/]+)_([^_/]+)\.(deb|udeb|ddeb)$/;

/** The package that a `600 URI Acquire` is about; null for lists, sources and all else. */
export function wantedIn(message: Message): Wanted | null {
  const path = fieldOf(message, "Filename") ?? "";
  const [, name, version, arch, kind] = FILE.exec(path.slice(path.lastIndexOf("/") + 1)) ?? [];
  const isPackage = KINDS.has(fieldOf(message, "Target-Type") ?? "") || kind !== undefined;
  if (!isPackage) return null;
  const parts = [name, version, arch].map((part) => unquoted(part ?? "%"));
  const [plainName = null, plainVersion = null, plainArch = null] = parts;
  const isWhole = plainName !== null && plainVersion !== null && plainArch !== null;
  return {
    package: isWhole ? { name: plainName, version: plainVersion, arch: plainArch } : null,
    sha256: digestIn(message, "Expected-SHA256"),
    path,
  };
}

/** The SHA-256 of a field, hex; null where it has none. */
export function digestIn(message: Message, name: string): string | null {
  const hex = fieldOf(message, name);
  return hex === null || tried(() => fromHex(hex, HASH_BYTES)) === null ? null : hex;
}

function unquoted(text: string): string | null {
  const plain = text.replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`)));
  const isWhole = !text.replace(/%[0-9a-f]{2}/g, "").includes("%");
  return isWhole && isPrintable(plain) ? plain : null;
}
