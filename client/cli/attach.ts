import { fromBase64, fromUtf8, MAX_CERTIFICATE_BYTES } from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import { parseFile, readWhole } from "../artifact/index.ts";
import { addEnvelopes, attach, readUnsigned, refuseContradiction, standingsOf } from "../attest/index.ts";
import type { Sealed } from "../attest/index.ts";
import type { EnvelopeSignature } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { openPgpSignatureIn } from "../keys/index.ts";
import { publishSealed, report } from "./attesting.ts";
import type { Work } from "./attesting.ts";
import { forget, remember } from "./remembering.ts";

const SIGNATURE_BYTES = 64;
const MAX_UNSIGNED_BYTES = 65_536;

/**
 * `attest X.unsigned --attach SIG`: the envelope of a statement that an air-gapped key has signed, beside it. Throws `attest/conflicts` where it
 * contradicts what the key said since it was emitted, or another that was emitted at the same time (RULES R13).
 */
export async function attachSignature(
  files: readonly string[],
  signaturePath: string,
  work: Work,
): Promise<Sealed> {
  const { key, ledger, options } = work;
  const path = files[0] ?? "";
  const statement = readUnsigned(readWhole(path, MAX_UNSIGNED_BYTES), path);
  const sealed = await attach(statement, readSignature(signaturePath, key.key), key);
  const toStdout = options.output === "-";
  const envelope = toStdout ? null : `${path.replace(/\.unsigned$/, "")}.dsse.jsonl`;
  await ledger.exclusively(() => keep(sealed, envelope, work));
  const published = await publishSealed([sealed], work);
  report(sealed, envelope, published?.[0] ?? null, work);
  return sealed;
}

/** Writes it, and remembers what it says; null = to stdout. */
async function keep({ envelope, verified }: Sealed, path: string | null, work: Work): Promise<void> {
  const { key, ledger, running, options, printer } = work;
  const { claims, id } = verified;
  const products = claims.flatMap(({ kind, target, file, sha256 }) =>
    kind === "positive" && sha256 !== null ? [{ target, file, sha256 }] : [],
  );
  const step = claims[0]?.step ?? options.step;
  const standings = await standingsOf(products, step, key.key.raw, ledger, running?.api ?? null);
  if (options.replace !== true) refuseContradiction(standings);
  const remembering = { ledger, printer, options: { step } };
  await remember({ products }, id, remembering);
  try {
    if (path === null) printer.data(fromUtf8(envelope));
    else await addEnvelopes(path, [envelope]);
  } catch (error) {
    // Nobody has got it.
    await forget(
      products.flatMap(({ target }) => (target === null ? [] : [{ target, id }])),
      remembering,
    );
    throw error;
  }
  // A retraction says of no step what it takes back.
  await forget(
    claims.flatMap(({ target, retracts }) =>
      target === null ? [] : retracts.map((retracted) => ({ target, id: retracted })),
    ),
    work,
  );
}

/** 64 octets as OpenSSL writes them, or a line of base64; of an OpenPGP key what `gpg --detach-sign` wrote. */
export function readSignature(path: string, key: PublicKey): EnvelopeSignature {
  if (key.type === "openpgp") {
    const detached = readWhole(path, MAX_CERTIFICATE_BYTES);
    return parseFile(path, () => openPgpSignatureIn(detached));
  }
  const bytes = readWhole(path, 1_024);
  if (bytes.length === SIGNATURE_BYTES) return { sig: bytes, openPgpHeaders: null };
  try {
    return { sig: fromBase64(fromUtf8(bytes).trim()), openPgpHeaders: null };
  } catch (error) {
    throw new ClientError(
      "key/bad-file",
      `${path}: a signature has ${SIGNATURE_BYTES} octets, raw or in base64; this has ${bytes.length}: make it with \`openssl pkeyutl -sign -rawin\``,
      { cause: error },
    );
  }
}
