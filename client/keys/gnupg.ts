/** Keys of GnuPG's, on a card or in its key ring: OpenPGP signatures over envelopes, as in-toto writes them. The `gpg` command makes them. */
import { execFile } from "node:child_process";
import {
  keyIdPlain,
  MAX_CERTIFICATE_BYTES,
  openPgpParts,
  readDetached,
  SIGNING_PATIENCE_MS,
} from "../../protocol/index.ts";
import type { PublicKey } from "../../protocol/index.ts";
import type { EnvelopeSignature, EnvelopeSigner } from "../edges.ts";
import { ClientError } from "../errors.ts";
import { readCertificate } from "./certificate.ts";

/** in-toto's own tools check OpenPGP signatures with SHA-256 alone. */
export type GpgHash = "SHA256" | "SHA512";

const FINGERPRINT = /^[0-9A-Fa-f]{40}$/;

/**
 * The key of that fingerprint in GnuPG's key ring: exactly this one signs, or, where it is a primary key that may not sign, its only
 * subkey that may. Throws `key/no-agent`, `key/bad-file`.
 */
export async function gpgSigner(
  fingerprint: string,
  passphraseFile?: string,
  hash: GpgHash = "SHA512",
): Promise<EnvelopeSigner> {
  if (!FINGERPRINT.test(fingerprint)) {
    throw new ClientError(
      "key/bad-file",
      `gpg:${fingerprint}: name the key by its whole fingerprint, 40 hex digits (gpg --list-keys --with-subkey-fingerprint)`,
    );
  }
  const key = await find(fingerprint.toLowerCase());
  const keyId = keyIdPlain(key);
  return { key, keyId, sign: (message) => sign(keyId, message, passphraseFile, hash) };
}

async function find(fingerprint: string): Promise<PublicKey> {
  const exported = await gpg(["--export", fingerprint]);
  if (exported.length === 0) throw bad(`GnuPG knows no key ${fingerprint}`);
  const { keys, refused } = await readCertificate(exported);
  const named = keys.find((key) => keyIdPlain(key) === fingerprint);
  if (named !== undefined) return named;
  const why = refused.find((one) => one.fingerprint === fingerprint)?.why;
  if (why !== undefined) throw bad(`${fingerprint}: ${why}`);
  const [only, ...more] = keys;
  if (only !== undefined && more.length === 0) return only;
  const which = keys.map((key) => `gpg:${keyIdPlain(key)}`).join(", ");
  throw bad(
    `${fingerprint} may not sign, and ${which === "" ? "has no subkey that may" : `several of its subkeys may; name one: ${which}`}`,
  );
}

async function sign(
  keyId: string,
  message: Uint8Array,
  passphraseFile: string | undefined,
  hash: GpgHash,
): Promise<EnvelopeSignature> {
  const passphrase =
    passphraseFile === undefined ? [] : ["--pinentry-mode", "loopback", "--passphrase-file", passphraseFile];
  const args = ["--local-user", `${keyId}!`, "--digest-algo", hash, "--detach-sign", "--output", "-"];
  return openPgpSignatureIn(await gpg([...passphrase, ...args], message));
}

/** The one signature in what `gpg --detach-sign` wrote. Throws `openpgp/…`, `key/bad-file`. */
export function openPgpSignatureIn(detached: Uint8Array): EnvelopeSignature {
  const [packet, ...more] = readDetached(detached);
  if (packet === undefined || more.length > 0) throw bad("one signature expected, and no more");
  const { signed, value } = openPgpParts(packet);
  return { sig: value, openPgpHeaders: signed };
}

/** What `gpg` writes. It may ask the user through its own agent for a passphrase, or for the card. */
function gpg(args: readonly string[], input: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
  const options = {
    encoding: "buffer",
    maxBuffer: MAX_CERTIFICATE_BYTES,
    timeout: SIGNING_PATIENCE_MS,
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile("gpg", ["--batch", "--quiet", ...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve(new Uint8Array(stdout));
      if (error.code === "ENOENT") {
        return reject(
          new ClientError("key/no-agent", "GnuPG is not installed: there is no gpg command", {
            cause: error,
          }),
        );
      }
      const said = stderr.toString("utf8").trim().split("\n").at(-1) ?? "";
      reject(
        new ClientError(
          "key/refused",
          `GnuPG would not do it: ${said === "" ? error.message : said}; nothing was signed`,
          {
            cause: error,
          },
        ),
      );
    });
    // Whoever does not read it has said why.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

function bad(why: string): ClientError {
  return new ClientError("key/bad-file", why);
}
