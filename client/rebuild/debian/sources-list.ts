/** Lists of source packages as apt keeps them (deb822, `Sources`). */
import { readStanzas } from "../../install/index.ts";

/** What a repository says of one source package. */
export interface ListedSource {
  readonly name: string;
  /** Whole, with epoch. */
  readonly version: string;
  /** For which it gives packages, as dpkg writes it: `any`, `all`, `amd64`, `linux-any` …. */
  readonly architectures: readonly string[];
}

const WANTED: ReadonlySet<string> = new Set(["Package", "Version", "Architecture"]);

/** The sources of a list, in its order. Throws as `readStanzas`. */
export function readSourcesList(
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
): AsyncGenerator<ListedSource, void, void> {
  return readStanzas(parts, name, WANTED, (stanza) => ({
    name: stanza.value("Package"),
    version: stanza.value("Version"),
    architectures: stanza.value("Architecture").split(/\s+/),
  }));
}

/** Whether a source gives packages for this architecture of Linux, or for all. */
export function isBuiltFor({ architectures }: ListedSource, architecture: string): boolean {
  const matching = new Set([
    "any",
    "all",
    "linux-any",
    architecture,
    `any-${architecture}`,
    `linux-${architecture}`,
  ]);
  return architectures.some((one) => matching.has(one));
}
