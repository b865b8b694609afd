/** One paragraph of Debian's control syntax (deb822(5)), as .buildinfo and .dsc files are: plain, or clear-signed. */
import { fromDecimal, fromHex, fromUtf8, quote } from "../bytes/index.ts";
import { assertFileName } from "./file-name.ts";

/** A row of `Checksums-Sha256`. */
export interface ListedFile {
  readonly file: string;
  readonly size: number;
  readonly sha256: Uint8Array;
}

/** Throws the error of the kind of file that is read. */
export type Bad = (problem: string) => never;

const FIELD = /^([!-9;-~]+):[ \t]*(.*)$/;
const CHECKSUM = /^([0-9a-f]{64}) ([0-9]+) ([^ ]+)$/;
const SIGNED_HEAD = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE_HEAD = "-----BEGIN PGP SIGNATURE-----";

/**
 * The fields of the one paragraph that a text is, each once; the lines of a long one joined by newlines, without their leading space. Of a
 * clear-signed text what is within the armour, without looking at the signature. Throws `bytes/…`, and by `bad`.
 */
export class Paragraph {
  readonly #fields: ReadonlyMap<string, string>;
  readonly #bad: Bad;

  constructor(bytes: Uint8Array, bad: Bad) {
    this.#bad = bad;
    this.#fields = readFields(withoutSignature(fromUtf8(bytes).split("\n"), bad), bad);
  }

  field(name: string): string {
    return this.#fields.get(name) ?? this.#bad(`the field ${name} is missing`);
  }

  /** Null where the field is not there. */
  optional(name: string): string | null {
    return this.#fields.get(name) ?? null;
  }

  /** Checksums-Sha256, in its order. */
  checksums(): readonly ListedFile[] {
    return Object.freeze(
      this.field("Checksums-Sha256")
        .trim()
        .split("\n")
        .map((line) => this.#checksum(line)),
    );
  }

  #checksum(line: string): ListedFile {
    const [, digest, size, file] = CHECKSUM.exec(line) ?? [];
    if (digest === undefined || size === undefined || file === undefined)
      return this.#bad(`Checksums-Sha256: ${quote(line)} is not "<digest> <size> <file>"`);
    assertFileName(file);
    return Object.freeze({ file, size: fromDecimal(size), sha256: fromHex(digest) });
  }
}

/** The lines between the armour of a clear-signed message (RFC 9580, section 7), or all lines of a plain one. */
function withoutSignature(lines: readonly string[], bad: Bad): readonly string[] {
  if (lines[0] !== SIGNED_HEAD) return lines;
  const start = lines.indexOf("") + 1;
  const end = lines.indexOf(SIGNATURE_HEAD);
  if (start === 0 || end < start) bad("the OpenPGP armour is incomplete");
  return lines.slice(start, end).map((line) => (line.startsWith("- ") ? line.slice(2) : line));
}

function readFields(lines: readonly string[], bad: Bad): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = "";
  let ended = false;
  for (const [index, line] of lines.entries()) {
    if (line === "") {
      ended = fields.size > 0;
      continue;
    }
    if (ended) bad(`line ${index + 1}: nothing may follow the paragraph`);
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (name === "") bad(`line ${index + 1}: a continuation of no field`);
      fields.set(name, `${fields.get(name) ?? ""}\n${line.slice(1)}`);
      continue;
    }
    const [, key, value] = FIELD.exec(line) ?? [];
    if (key === undefined || value === undefined) return bad(`line ${index + 1}: "Name: value" expected`);
    if (fields.has(key)) bad(`line ${index + 1}: the field ${quote(key)} occurs twice`);
    name = key;
    fields.set(name, value);
  }
  return fields;
}
