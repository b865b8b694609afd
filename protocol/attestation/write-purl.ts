/** From a package URL as people and tools write it to the canonical one. */
import type { PackageURL } from "packageurl-js";
import { quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_PURL_CHARS } from "../limits.ts";
import type { Purl } from "./purl.ts";
import { targetPurl } from "./target.ts";

interface Library {
  readonly PackageURL: typeof PackageURL;
}

/**
 * The canonical writing of a package URL in any valid writing: packageurl-js reads it, our own encoder writes it (versions of the
 * library differ in what they write). Qualifiers that name no target (`distro`, `repository_url`, `checksum` …) and the subpath are
 * dropped; what the library would make another package's name on the way is refused. For input of people; what was signed is read by `parseTarget`, which forgives nothing.
 * Rejects with `target/bad-purl`, `target/unknown-type`. The library is loaded at the first call: it takes 20 ms, which nobody who
 * only reads should wait for.
 */
export function writePurl(text: string): Promise<string> {
  return import("packageurl-js").then((library) => canonical(library, text));
}

/**
 * Where capitals are only another spelling: vendors, and names of Debian, of which dpkg itself makes small letters. The library lowers more:
 * in npm and pacman a name with capitals is another package, which must not be taken for the one in lower case.
 */
const CASELESS: ReadonlyMap<string, readonly ("namespace" | "name")[]> = new Map([
  ["deb", ["namespace", "name"]],
  ["alpm", ["namespace"]],
  ["rpm", ["namespace"]],
]);
/** URLs drop these wherever they stand, and with them a name would be another. */
const DROPPED = /[\t\n\r]/;
/** A type is never percent-encoded; the library cuts at the wrong place behind one that is. */
const TYPED = /^pkg:\/*[A-Za-z][A-Za-z0-9.+-]*\//i;

function canonical(library: Library, given: string): string {
  if (given.length > MAX_PURL_CHARS) {
    throw new ProtocolError("target/bad-purl", `the package URL has more than ${MAX_PURL_CHARS} characters`);
  }
  const text = given.trim();
  if (DROPPED.test(text) || !TYPED.test(text)) bad(given);
  const { read, said } = parse(library, text);
  assertOnce(text);
  const caseless = CASELESS.get(read.type) ?? [];
  return targetPurl({
    type: read.type,
    namespace: caseless.includes("namespace") ? lowered(said.namespace) : said.namespace,
    name: caseless.includes("name") ? lowered(said.name) : said.name,
    version: said.version,
    qualifiers: new Map(Object.entries(read.qualifiers ?? {})),
  });
}

/** A package URL as the library reads it, and what it says itself, before the library makes that fit its type. */
interface Parsed {
  readonly read: PackageURL;
  readonly said: Pick<Purl, "namespace" | "name" | "version">;
}

function parse({ PackageURL }: Library, text: string): Parsed {
  try {
    const read = PackageURL.fromString(text);
    const [, namespace, name = "", version = ""] = PackageURL.parseString(text);
    // No name or namespace is changed for this type, only empty segments go.
    const plain = new PackageURL("generic", namespace, name);
    return { read, said: { namespace: plain.namespace ?? "", name, version } };
  } catch (cause) {
    return bad(text, cause);
  }
}

/** Of ASCII alone: elsewhere there are capitals whose small letter is one of ASCII. */
function lowered(part: string): string {
  return part.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Two of one name would be two answers to what is meant, of which the library takes the last. */
function assertOnce(text: string): void {
  const names = [...new URL(text).searchParams.keys()].map((name) => name.toLowerCase());
  if (new Set(names).size < names.length)
    throw new ProtocolError("target/bad-purl", `${quote(text)} has a qualifier twice`);
}

function bad(text: string, cause?: unknown): never {
  throw new ProtocolError(
    "target/bad-purl",
    `${quote(text)} is no package URL, such as pkg:deb/debian/hello@2.10-3?arch=amd64`,
    cause === undefined ? {} : { cause },
  );
}
