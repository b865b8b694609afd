/** Lists of binary packages as apt keeps them (deb822, `Packages`). */
import { fromDecimal, fromHex, quote } from "../../protocol/index.ts";
import { readStanzas } from "./stanzas.ts";
import type { Stanza } from "./stanzas.ts";

/** One stanza: what a repository says of one file. */
export interface ListedPackage {
  readonly name: string;
  /** Whole, with epoch. */
  readonly version: string;
  readonly architecture: string;
  /** Of the .deb, hex; null where the list has none. */
  readonly sha256: string | null;
  /** Octets of the .deb. */
  readonly size: number;
  /** Its path below the repository's root. */
  readonly filename: string;
  /** What it was built from: the same name and version where the list says nothing else. */
  readonly source: { readonly name: string; readonly version: string };
}

const WANTED: ReadonlySet<string> = new Set([
  "Package",
  "Version",
  "Architecture",
  "Source",
  "Filename",
  "Size",
  "SHA256",
]);
/** `Source: gcc-12 (12.2.0-14)`; without the bracket it has the package's version. */
const SOURCE = /^(\S+)(?: \((\S+)\))?$/;

/** The packages of a list. Of each stanza Package, Version, Architecture, Filename and Size must be there. Throws as `readStanzas`. */
export function readPackagesList(
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
): AsyncGenerator<ListedPackage, void, void> {
  return readStanzas(parts, name, WANTED, packageOf);
}

function packageOf(stanza: Stanza): ListedPackage {
  const name = stanza.value("Package");
  const version = stanza.value("Version");
  const sha256 = stanza.optional("SHA256");
  if (sha256 !== null) stanza.within("SHA256", () => fromHex(sha256, 32));
  const size = stanza.value("Size");
  return {
    name,
    version,
    architecture: stanza.value("Architecture"),
    sha256,
    size: stanza.within("Size", () => fromDecimal(size)),
    filename: stanza.value("Filename"),
    source: sourceOf(stanza, name, version),
  };
}

function sourceOf(stanza: Stanza, name: string, version: string): ListedPackage["source"] {
  const text = stanza.optional("Source");
  if (text === null) return { name, version };
  const [, said, of] = SOURCE.exec(text) ?? [];
  if (said === undefined) throw stanza.badField("Source", `, ${quote(text)}, is none`);
  return { name: said, version: of ?? version };
}
