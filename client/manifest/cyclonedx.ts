/** CycloneDX in JSON, versions 1.4 to 1.6 (ECMA-424): what an SBOM says of components and their digests. */
import { basename } from "node:path";
import {
  fromHex,
  MAX_MANIFEST_ENTRIES,
  MAX_MANIFEST_NESTING,
  MAX_PURL_CHARS,
  quote,
} from "../../protocol/index.ts";
import type { RecordShape, Shape } from "../../protocol/index.ts";
import { badManifest, Listing, namedBy, within } from "./listed.ts";
import type { Manifest } from "./listed.ts";

const VERSIONS: ReadonlySet<string> = new Set(["1.4", "1.5", "1.6"]);
/** Hashes and references of one component: the schema knows twelve algorithms. */
const MAX_HASHES = 64;
const MAX_REFERENCES = 1_024;

interface Component {
  readonly place: string;
  readonly name: string;
  readonly purl: string | null;
  /** Hex, each once. */
  readonly sha256: readonly string[];
  /** Other algorithms, as written. */
  readonly others: readonly string[];
  /** Which file it is, where the SBOM says so. */
  readonly file: string | null;
}

/** Reads the components, nested ones too; the component that the SBOM is about is not listed, what it consists of is. Throws `input/bad-manifest`. */
export async function readCycloneDx(root: RecordShape, path: string): Promise<Manifest> {
  const components = within(path, () => componentsOf(root, path));
  const listing = new Listing();
  for (const component of components) await list(component, listing);
  return listing.done(path, "cyclonedx");
}

function componentsOf(root: RecordShape, path: string): readonly Component[] {
  const version = root.string("specVersion");
  if (!VERSIONS.has(version))
    throw badManifest(
      path,
      `specVersion: CycloneDX ${[...VERSIONS].join(", ")} are read, not ${quote(version)}`,
    );
  const found: Component[] = [];
  const subject = root.optional("metadata")?.record().optional("component")?.record();
  walk(subject?.optional("components"), 1, found);
  walk(root.optional("components"), 1, found);
  return found;
}

function walk(list: Shape | undefined, depth: number, found: Component[]): void {
  if (list === undefined) return;
  if (depth > MAX_MANIFEST_NESTING)
    list.fail("json/too-deep", `components nested deeper than ${MAX_MANIFEST_NESTING}`);
  for (const shape of list.list(MAX_MANIFEST_ENTRIES)) {
    const component = shape.record();
    if (found.length === MAX_MANIFEST_ENTRIES)
      shape.fail("shape/out-of-range", `more than ${MAX_MANIFEST_ENTRIES} components`);
    found.push(readComponent(component, shape));
    walk(component.optional("components"), depth + 1, found);
  }
}

function readComponent(component: RecordShape, { where }: Shape): Component {
  const name = component.string("name");
  const hashes = component.optional("hashes")?.list(MAX_HASHES) ?? [];
  const sha256 = new Set<string>();
  const others: string[] = [];
  for (const shape of hashes) {
    const hash = shape.record();
    const algorithm = hash.string("alg");
    // The schema lets digits be written in capitals.
    const content = hash.string("content").toLowerCase();
    if (algorithm !== "SHA-256") others.push(algorithm);
    else if (hash.member("content").within(() => fromHex(content, 32)).length > 0) sha256.add(content);
  }
  const purl = component.optional("purl")?.string() ?? null;
  return { place: where, name, purl, sha256: [...sha256], others, file: fileOf(component, purl) };
}

/** What the file is called: the name of a file, else the end of the address that it is had from. */
function fileOf(component: RecordShape, purl: string | null): string | null {
  if (component.optional("type")?.string() === "file") return basename(component.string("name"));
  const references = component.optional("externalReferences")?.list(MAX_REFERENCES) ?? [];
  const urls = references.flatMap((shape) => {
    const reference = shape.record();
    return reference.string("type") === "distribution" ? [reference.string("url")] : [];
  });
  const query =
    purl !== null && purl.length <= MAX_PURL_CHARS ? (purl.split("#")[0]?.split("?")[1] ?? "") : "";
  const url = new URLSearchParams(query).get("download_url") ?? urls[0];
  if (url === undefined || !URL.canParse(url)) return null;
  const last = basename(new URL(url).pathname);
  return last === "" ? null : last;
}

async function list({ place, name, purl, sha256, others, file }: Component, listing: Listing): Promise<void> {
  const out = (gap: Parameters<Listing["leaveOut"]>[2], reason: string): void =>
    listing.leaveOut(place, purl ?? name, gap, reason);
  const [digest, second] = sha256;
  if (purl === null) return out("no-purl", "it has no package URL: nothing says what it is");
  if (digest === undefined)
    return out(
      "no-sha256",
      others.length === 0 ? "it has no digest" : "it has no SHA-256, only other digests",
    );
  if (second !== undefined) return out("several-digests", "it has several SHA-256 digests");
  const named = await namedBy(purl, file);
  if (named.target === null) return out(named.gap, named.reason);
  listing.add({ place, target: named.target, sha256: fromHex(digest, 32) });
}
