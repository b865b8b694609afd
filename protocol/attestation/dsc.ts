/** Debian's source control files (dsc(5)): what a source package is, and of which files it consists. */
import { quote } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_DSC_BYTES, MAX_MATERIALS } from "../limits.ts";
import { Paragraph } from "./deb822.ts";
import type { ListedFile } from "./deb822.ts";

export interface SourcePackage {
  readonly name: string;
  /** Whole, with epoch. */
  readonly version: string;
  /** For which architectures it gives packages, as it says: `any`, `all`, `amd64`, `linux-any` …. */
  readonly architectures: readonly string[];
  /** Its other files: each a material beside the .dsc itself. */
  readonly files: readonly ListedFile[];
}

const NAME = /^[a-z0-9][a-z0-9+.-]+$/;
const VERSION = /^(?:[0-9]+:)?[A-Za-z0-9.+~-]+$/;

/**
 * Reads a .dsc of at most MAX_DSC_BYTES; of a clear-signed one, the text without looking at the signature: whoever wants to know who made the
 * source looks it up in a signed index. Throws `dsc/bad-syntax`, `bytes/…`, `target/bad-file-name`.
 */
export function parseDsc(bytes: Uint8Array): SourcePackage {
  if (bytes.length > MAX_DSC_BYTES) {
    throw new ProtocolError(
      "bytes/too-big",
      `the .dsc has ${bytes.length} octets; at most ${MAX_DSC_BYTES} are read`,
    );
  }
  const paragraph = new Paragraph(bytes, bad);
  const name = paragraph.field("Source");
  if (!NAME.test(name)) bad(`Source: ${quote(name)} is no package name`);
  const version = paragraph.field("Version");
  if (!VERSION.test(version)) bad(`Version: ${quote(version)} is no version`);
  const files = paragraph.checksums();
  if (files.length >= MAX_MATERIALS)
    bad(`Checksums-Sha256: ${files.length} files; fewer than ${MAX_MATERIALS} can be named as materials`);
  const twice = files.find(({ file }, at) => files.findIndex((other) => other.file === file) !== at);
  if (twice !== undefined) bad(`Checksums-Sha256: ${quote(twice.file)} is listed twice`);
  const architectures = Object.freeze(paragraph.field("Architecture").split(/[ \n]+/));
  return Object.freeze({ name, version, architectures, files });
}

function bad(problem: string): never {
  throw new ProtocolError("dsc/bad-syntax", `.dsc: ${problem}`);
}
