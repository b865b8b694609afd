/** From a package URL as people and tools write it to the canonical one. */
import type { PackageURL } from "packageurl-js";
import { quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_PURL_CHARS } from "../limits.ts";
import { targetPurl } from "./target.ts";

interface Library {
  readonly PackageURL: typeof PackageURL;
}

/**
 * The canonical writing of a package URL in any valid writing: packageurl-js reads it, our own encoder writes it (versions of the
 * library differ in what they write). Qualifiers that name no target (`distro`, `repository_url`, `checksum` …) and the subpath are
 * dropped. For input of people; what was signed is read by `parseTarget`, which forgives nothing.
 * Rejects with `target/bad-purl`, `target/unknown-type`. The library is loaded at the first call: it takes 20 ms, which nobody who
 * only reads should wait for.
 */
export function writePurl(text: string): Promise<string> {
  return import("packageurl-js").then((library) => canonical(library, text));
}

function canonical(library: Library, text: string): string {
  if (text.length > MAX_PURL_CHARS) {
    throw new ProtocolError("target/bad-purl", `the package URL has more than ${MAX_PURL_CHARS} characters`);
  }
  const { type, namespace, name, version, qualifiers } = parse(library, text);
  return targetPurl({
    type,
    namespace: namespace ?? "",
    name,
    version: version ?? "",
    qualifiers: new Map(Object.entries(qualifiers ?? {})),
  });
}

function parse(library: Library, text: string): PackageURL {
  try {
    return library.PackageURL.fromString(text);
  } catch (cause) {
    throw new ProtocolError(
      "target/bad-purl",
      `${quote(text)} is no package URL, such as pkg:deb/debian/hello@2.10-3?arch=amd64`,
      { cause },
    );
  }
}
