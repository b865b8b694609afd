/** Signature files of a JAR (APK signature scheme v1): what they say is read to the last line. */
import { fromBase64, fromUtf8 } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_JAR_VALUE_CHARS } from "../limits.ts";
import { CONTENT, readSignedData } from "./signed-data.ts";

/** `META-INF/` and below it, without a further slash. */
const MANIFEST = /^META-INF\/MANIFEST\.MF$/i;
const SIGNED_LIST = /^META-INF\/[^/]+\.SF$/i;
const SIGNATURE = /^META-INF\/[^/]+\.(RSA|DSA|EC)$/i;
const OTHER = /^META-INF\/SIG-[^/]*$/i;

const MAIN = /^(Manifest-Version|Signature-Version|Created-By|Built-By|X-Android-APK-Signed)$/;
const DIGEST =
  /^(MD5|SHA1|SHA-1|SHA-224|SHA-256|SHA-384|SHA-512)-Digest(-Manifest|-Manifest-Main-Attributes)?$/;

export function isJarSignature(name: string): boolean {
  return [MANIFEST, SIGNED_LIST, SIGNATURE, OTHER].some((form) => form.test(name));
}

/** Whether it is the list that somebody signed: a JAR with one is signed. */
export function isSignedList(name: string): boolean {
  return SIGNED_LIST.test(name);
}

/**
 * Reads such a file of an archive that holds `names`; answers with what it is, in words. Throws `normal-form/not-a-signature` for anything
 * in it that is neither a list of digests of these files nor a signature.
 */
export function readJarSignature(name: string, octets: Uint8Array, names: ReadonlySet<string>): string {
  if (SIGNATURE.test(name)) {
    const { length, signers } = readSignedData(octets, CONTENT.data);
    if (length !== octets.length) throw bad(`${octets.length - length} octets stand behind the signature`);
    return `PKCS #7, ${signers} signed`;
  }
  if (OTHER.test(name)) throw bad("files SIG-… have no form that is known");
  return `digests of ${sections(octets, names)} files`;
}

/** How many files a manifest lists. */
function sections(octets: Uint8Array, names: ReadonlySet<string>): number {
  const lines = fromUtf8(octets).split(/\r\n|\n/);
  let isMain = true;
  let count = 0;
  for (let at = 0; at < lines.length;) {
    if (lines[at] === "") {
      isMain = false;
      at++;
      continue;
    }
    let line = lines[at++] ?? "";
    while (lines[at]?.startsWith(" ") === true) line += lines[at++]?.slice(1) ?? "";
    const colon = line.indexOf(": ");
    const [key, value] = [line.slice(0, colon), line.slice(colon + 2)];
    if (colon < 1) throw bad(`line ${at} of it is no attribute`);
    if (key === "Name" && !isMain) {
      if (!names.has(value)) throw bad(`line ${at} of it names a file that is not there`);
      count++;
    } else attribute(key, value, isMain, at);
  }
  return count;
}

function attribute(key: string, value: string, isMain: boolean, line: number): void {
  if (DIGEST.test(key)) {
    if (fromBase64(value).length > 64) throw bad(`line ${line} of it has a digest that is too long`);
    return;
  }
  const isPlain = value.length <= MAX_JAR_VALUE_CHARS && /^[ -~]*$/.test(value);
  if (!isMain || !MAIN.test(key) || !isPlain) throw bad(`line ${line} of it says what no signature says`);
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("normal-form/not-a-signature", problem);
}
