import { fromBase64, fromUtf8, MAX_CERTIFICATE_BYTES } from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import { parseFile, readWhole } from "../artifact/index.ts";
import { addEnvelopes, attach, readUnsigned } from "../attest/index.ts";
import type { Sealed } from "../attest/index.ts";
import type { EnvelopeSignature } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { openPgpSignatureIn } from "../keys/index.ts";
import { publishSealed, report } from "./attesting.ts";
import type { Work } from "./attesting.ts";

const SIGNATURE_BYTES = 64;
const MAX_UNSIGNED_BYTES = 65_536;

/** `attest X.unsigned --attach SIG`: the envelope of a statement that an air-gapped key has signed, beside it. */
export async function attachSignature(
  files: readonly string[],
  signaturePath: string,
  work: Work,
): Promise<Sealed> {
  const { key, ledger, printer, options } = work;
  const path = files[0] ?? "";
  const statement = readUnsigned(readWhole(path, MAX_UNSIGNED_BYTES), path);
  const sealed = await attach(statement, readSignature(signaturePath, key.key), key);
  const { claims, id } = sealed.verified;
  for (const { kind, target, file, sha256, step } of claims) {
    if (kind !== "positive" || sha256 === null) continue;
    await ledger.remember({ target, file, sha256 }, step, id, claims.length);
  }
  const toStdout = options.output === "-";
  const envelope = `${path.replace(/\.unsigned$/, "")}.dsse.jsonl`;
  if (toStdout) printer.data(fromUtf8(sealed.envelope));
  else await addEnvelopes(envelope, [sealed.envelope]);
  const published = await publishSealed([sealed], work);
  report(sealed, toStdout ? null : envelope, published?.[0] ?? null, work);
  return sealed;
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
