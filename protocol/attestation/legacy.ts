/**
 * Links as in-toto wrote them before Statements, and as rebuilderd still does: a step with materials and products by file name. They
 * come as metablocks (`{signed, signatures}` over canonical JSON) and as the payload of a DSSE envelope; both are read here and
 * neither is ever encoded again. RULES R5: no package URL, so no target.
 */
import { fromHex } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { MAX_KEY_ID_BYTES, MAX_PATH_BYTES, MAX_SIGNATURES, MAX_SUBJECTS } from "../limits.ts";
import { inputsDigest, makeClaim, originOf } from "./claim.ts";
import type { Claim } from "./claim.ts";
import { assertFewMaterials, readDigests, readName } from "./descriptor.ts";
import type { Descriptor } from "./descriptor.ts";
import { assertSignatureSize } from "./dsse.ts";
import { isPath } from "./file-name.ts";
import type { Signature } from "./signature.ts";
import { withoutNormalForms } from "./unsigned.ts";

/** `_type` of a legacy link. */
export const LEGACY_LINK = "link";
/** `_type` of an in-toto layout: carried and shown. */
export const LEGACY_LAYOUT = "layout";

const REBUILD = "rebuild";

/**
 * The claims of a legacy link's `signed` part: one for each product that has a SHA-256 (a tag step's product may be a git commit).
 * Members that in-toto does not know are refused: in-toto-rs drops them before it verifies, so they would be unsigned.
 */
export function legacyClaims(link: RecordShape): readonly Claim[] {
  link.member("_type");
  const products = readArtifacts(link.member("products"));
  if (products.length > MAX_SUBJECTS) {
    link.shape.fail(
      "statement/bad-subjects",
      `${products.length} products; at most ${MAX_SUBJECTS} are read`,
    );
  }
  const materials = readArtifacts(link.member("materials"));
  assertFewMaterials(link.member("materials"), materials.length);
  assertAnything(link);
  const made = withoutNormalForms(products, ({ name }) => name);
  const shared = {
    kind: "positive",
    step: readStep(link.member("name"), products),
    how: "imported",
    inputs: inputsDigest(materials, made),
    ...originOf(materials, made),
  } as const;
  link.done();
  const claims: Claim[] = [];
  for (const { name: file, sha256 } of products) {
    if (sha256 !== null) claims.push(makeClaim({ ...shared, file, sha256 }));
  }
  return claims;
}

/** rebuilderd calls the step `rebuild <file>`: the step is `rebuild`, if the file is what came out. */
function readStep(shape: Shape, products: readonly Descriptor[]): string {
  const name = readName(shape, MAX_PATH_BYTES);
  return products.some((product) => name === `${REBUILD} ${product.name}`) ? REBUILD : name;
}

function readArtifacts(shape: Shape): readonly Descriptor[] {
  return [...shape.table(Number.MAX_SAFE_INTEGER)].map(([name, digests]) => {
    assertPath(digests, name);
    return { name, uri: null, ...readDigests(digests) };
  });
}

/** Members that every dialect has and no claim is made from; `environment` is null in in-toto-rs and an object elsewhere. */
function assertAnything(link: RecordShape): void {
  link.table("byproducts", Number.MAX_SAFE_INTEGER);
  link.optional("command")?.list(Number.MAX_SAFE_INTEGER);
  const environment = link.optional("environment");
  if (environment !== undefined && environment.value !== null) environment.table(Number.MAX_SAFE_INTEGER);
}

function assertPath(shape: Shape, name: string): void {
  if (!isPath(name)) {
    shape.fail(
      "attestation/bad-name",
      "the name is empty, too long, or holds a control character or what turns text around",
    );
  }
}

/**
 * The signatures of a metablock: hex; those made with GnuPG have `other_headers` and sign more than the canonical JSON. Members such
 * as in-toto-golang's `cert` say something about the key, which is ours to know: they are ignored.
 */
export function readMetablockSignatures(shape: Shape): readonly Signature[] {
  const items = shape.list(Number.MAX_SAFE_INTEGER);
  if (items.length === 0 || items.length > MAX_SIGNATURES) {
    shape.fail("attestation/bad-signatures", `${items.length} signatures; 1 to ${MAX_SIGNATURES} are read`);
  }
  return items.map((item) => {
    const signature = item.record();
    const keyid = signature.string("keyid", MAX_KEY_ID_BYTES);
    const headers = signature.optional("other_headers");
    const octets = signature.member(headers === undefined ? "sig" : "signature");
    const sig = fromHex(octets.string());
    assertSignatureSize(octets, sig);
    return Object.freeze({
      keyid: keyid === "" ? null : keyid,
      sig,
      openPgpHeaders: headers === undefined ? null : headers.hex(),
    });
  });
}
