/** package-lock.json and npm-shrinkwrap.json of npm 7 and later (lockfileVersion 2 and 3). */
import { fromBase64, MAX_MANIFEST_ENTRIES, npmTarget, quote, toHex, tried } from "../../protocol/index.ts";
import type { RecordShape, Shape, Target } from "../../protocol/index.ts";
import { badManifest, Listing, within } from "./listed.ts";
import type { Manifest } from "./listed.ts";

const FOLDER = "node_modules/";
/** Octets of a digest by the algorithm's name in Subresource Integrity. */
const DIGEST_BYTES: ReadonlyMap<string, number> = new Map([
  ["md5", 16],
  ["sha1", 20],
  ["sha256", 32],
  ["sha384", 48],
  ["sha512", 64],
]);
/** Digests that one package may have. */
const MAX_DIGESTS = 16;

/**
 * Reads what the lock pins. The project itself, its workspaces and links to folders are nobody's packages and are passed over; a package
 * that several others need stands in it several times, and counts once. Throws `input/bad-manifest`.
 */
export function readNpmLock(root: RecordShape, path: string): Manifest {
  const listing = new Listing();
  within(path, () => {
    const version = root.integer("lockfileVersion", 1, 99);
    if (version !== 2 && version !== 3)
      throw badManifest(
        path,
        `lockfileVersion 2 and 3 are read, not ${version}: npm 7 and later write them (npm install --package-lock-only)`,
      );
    const seen = new Set<string>();
    for (const [key, shape] of root.table("packages", MAX_MANIFEST_ENTRIES))
      readPackage(key, shape, seen, listing);
  });
  return listing.done(path, "npm-lock");
}

function readPackage(key: string, shape: Shape, seen: Set<string>, listing: Listing): void {
  const one = shape.record();
  const at = key.lastIndexOf(FOLDER);
  const isLink = one.optional("link")?.boolean() ?? false;
  if (at === -1 || isLink) return;
  const name = one.optional("name")?.string() ?? key.slice(at + FOLDER.length);
  const version = one.optional("version")?.string() ?? "";
  const digests = one.optional("integrity");
  const read = digests === undefined ? [] : readIntegrity(digests);
  const label = `${name}@${version}`;
  const known = `${label} ${read.map(({ digest }) => toHex(digest)).join()}`;
  if (seen.has(known)) return;
  seen.add(known);
  const out = (gap: Parameters<Listing["leaveOut"]>[2], reason: string): void =>
    listing.leaveOut(shape.where, label, gap, reason);
  if (one.optional("inBundle")?.boolean() === true)
    return out("bundled", "it comes inside another package, and is as that one is");
  if (!isOfRegistry(one.optional("resolved")?.string()))
    return out("not-from-registry", "it comes from elsewhere than a registry");
  const target = targetOf(name, version);
  if (target === null) return out("no-target", "name or version are not those of a package of npm today");
  const [sha256, second] = digestsOf(read, "sha256");
  const [sha512] = digestsOf(read, "sha512");
  if (second !== undefined) return out("several-digests", "it has several SHA-256 digests");
  if (sha256 !== undefined) listing.add({ place: shape.where, target, sha256 });
  else if (sha512 !== undefined) listing.sealed.push({ place: shape.where, target, sha512 });
  else out("no-sha256", read.length === 0 ? "it has no digest" : "it has no SHA-256, only other digests");
}

interface Digest {
  readonly algorithm: string;
  readonly digest: Uint8Array;
}

/** Subresource Integrity: `sha512-BASE64`, several with spaces between them, each perhaps with `?options`. */
function readIntegrity(shape: Shape): readonly Digest[] {
  const words = shape
    .string()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length > MAX_DIGESTS) shape.fail("shape/out-of-range", `at most ${MAX_DIGESTS} digests expected`);
  return words.map((word) => {
    const [text = ""] = word.split("?");
    const algorithm = text.slice(0, text.indexOf("-"));
    const length = DIGEST_BYTES.get(algorithm);
    if (length === undefined)
      return shape.fail("shape/out-of-range", `${quote(word)} is no digest such as "sha512-…"`);
    const digest = shape.within(() => fromBase64(text.slice(algorithm.length + 1)));
    if (digest.length !== length)
      shape.fail(
        "shape/out-of-range",
        `${quote(word)} has ${digest.length} octets, not the ${length} of ${algorithm}`,
      );
    return { algorithm, digest };
  });
}

function digestsOf(all: readonly Digest[], wanted: string): readonly Uint8Array[] {
  const some = all.filter(({ algorithm }) => algorithm === wanted).map(({ digest }) => digest);
  return [...new Map(some.map((digest) => [toHex(digest), digest])).values()];
}

/** A registry serves `/NAME/-/NAME-VERSION.tgz`; a lock may leave the address out. */
function isOfRegistry(resolved: string | undefined): boolean {
  if (resolved === undefined) return true;
  if (!URL.canParse(resolved)) return false;
  const { protocol, pathname } = new URL(resolved);
  return ["https:", "http:"].includes(protocol) && pathname.includes("/-/");
}

/** Null for names with capitals, which are older than today's rules, and for versions that are none. */
function targetOf(whole: string, version: string): Target | null {
  const slash = whole.startsWith("@") ? whole.indexOf("/") : -1;
  const [scope, name] = slash === -1 ? ["", whole] : [whole.slice(0, slash), whole.slice(slash + 1)];
  return tried(() => npmTarget({ scope, name, version }));
}
