/** Which tools of today check a legacy link as it stands (`protocol/spec/rebuilderd-gateway.md`): their dialects differ, and none may be rewritten. */
import { assertEmittable, readJson, record, tried } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { keyIdKha, SIGNATURE_BYTES, verifyEd25519 } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { MAX_ENTRY_BYTES } from "../limits.ts";
import type { Attestation } from "./attestation.ts";
import { LEGACY_LINK } from "./legacy.ts";

export interface LinkReaders {
  /** in-toto-rs: clients of rebuilderd. */
  readonly rebuilderd: boolean;
  /** in-toto 1.3 for Python, by a layout's step `rebuild`: apt-transport-in-toto. */
  readonly aptTransport: boolean;
}

const NOBODY: LinkReaders = Object.freeze({ rebuilderd: false, aptTransport: false });
const ONLY_REBUILDERD: LinkReaders = Object.freeze({ rebuilderd: true, aptTransport: false });
const BOTH: LinkReaders = Object.freeze({ rebuilderd: true, aptTransport: true });
const KEY_ID_CHARS = 64;
/** Digests that in-toto-rs knows by name. */
const DIGESTS: ReadonlySet<string> = new Set(["sha256", "sha512"]);
/** What in-toto-rs signs again, and so needs to find. */
const STRINGS: ReadonlySet<string> = new Set(["stdout", "stderr"]);

/**
 * Who finds, with nothing but `key`, that it signed this attestation. Narrow on purpose: what is unusual is for nobody, rather than for
 * a client that then fails on it. Frozen, and one of three objects: many are kept.
 */
export function linkReaders(attestation: Attestation, key: PublicKey): LinkReaders {
  const { form, predicateType, claims, signatures, signedBytes } = attestation;
  if (form !== "link" || predicateType !== LEGACY_LINK || claims.length === 0) return NOBODY;
  if (key.type !== "ed25519") return NOBODY;
  const id = keyIdKha(key);
  // One signature that cannot be read spoils the document.
  if (signatures.some((one) => one.openPgpHeaders !== null || one.keyid?.length !== KEY_ID_CHARS))
    return NOBODY;
  const own = signatures.filter(({ keyid }) => keyid === id);
  const holds = ({ sig }: { readonly sig: Uint8Array }): boolean =>
    sig.length === SIGNATURE_BYTES && verifyEd25519(key.raw, signedBytes, sig);
  if (own.length === 0 || !own.every(holds)) return NOBODY;
  const signed = tried(() => record(readJson(signedBytes, { maxBytes: MAX_ENTRY_BYTES }), "signed"));
  if (signed === null || tried(() => assertAlike(signed)) === null) return NOBODY;
  // A name in apt-transport-in-toto's folder is made of the step and the first signature's key.
  const isFirst = signatures[0]?.keyid === id;
  const isStep = signed.member("name").string() === "rebuild";
  const hasEnvironment = signed.member("environment").value !== null;
  return isFirst && isStep && hasEnvironment ? BOTH : ONLY_REBUILDERD;
}

/** Throws unless every implementation has the same octets for this after reading it into its own types. True, for `tried`. */
function assertAlike(signed: RecordShape): true {
  assertEmittable(signed.shape.value);
  for (const part of ["materials", "products"]) {
    for (const [, digests] of signed.table(part, Number.MAX_SAFE_INTEGER)) assertDigests(digests);
  }
  const environment = signed.member("environment");
  if (environment.value !== null)
    for (const [, value] of environment.table(Number.MAX_SAFE_INTEGER)) value.string();
  for (const item of signed.list("command", Number.MAX_SAFE_INTEGER)) item.string();
  for (const [name, value] of signed.table("byproducts", Number.MAX_SAFE_INTEGER)) {
    if (name === "return-value") value.integer(-(2 ** 31), 2 ** 31 - 1);
    else if (STRINGS.has(name)) value.string();
    else value.fail("attestation/bad-name", "in-toto tools do not read this by-product alike");
  }
  return true;
}

function assertDigests(shape: Shape): void {
  for (const [name, digest] of shape.table(Number.MAX_SAFE_INTEGER)) {
    if (!DIGESTS.has(name)) digest.fail("attestation/bad-name", "in-toto-rs does not know this digest");
    digest.string();
  }
}
