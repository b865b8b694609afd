/** Lists of packages as apt keeps them (deb822, `Packages`): read as a stream, since Debian's has 50 MB. */
import {
  fromDecimal,
  fromHex,
  MAX_LIST_FIELDS,
  MAX_LIST_LINE_CHARS,
  MAX_LIST_STANZAS,
  MAX_PACKAGES_LIST_BYTES,
  ProtocolError,
  quote,
} from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** One stanza: what a repository says of one file. */
export interface ListedPackage {
  readonly name: string;
  /** Whole, with epoch. */
  readonly version: string;
  readonly architecture: string;
  /** Of the .deb, hex; null where the list has none. */
  readonly sha256: string | null;
  /** Octets of the .deb. */
  readonly size: number;
  /** Its path below the repository's root. */
  readonly filename: string;
  /** What it was built from: the same name and version where the list says nothing else. */
  readonly source: { readonly name: string; readonly version: string };
}

/**
 * The packages of a list that comes in parts of any size, in its order. Of each stanza Package, Version, Architecture, Filename and Size
 * must be there; what else stands there is passed over, if it is deb822. Holds one stanza at a time. Throws `input/bad-list` with the line,
 * `input/too-big`; `name` says in messages which list it is.
 */
export async function* readPackagesList(
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
): AsyncGenerator<ListedPackage, void, void> {
  const stanza = new Stanza(name);
  for await (const lines of linesOf(parts, stanza)) {
    for (const line of lines) {
      const ended = stanza.add(line);
      if (ended !== null) yield ended;
    }
  }
  const last = stanza.end();
  if (last !== null) yield last;
}

/** Lines without their ends, those of a part together: a turn of the event loop for each would take longer than reading it. */
async function* linesOf(
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  stanza: Stanza,
): AsyncGenerator<readonly string[], void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = "";
  let octets = 0;
  for await (const part of parts) {
    octets += part.length;
    if (octets > MAX_PACKAGES_LIST_BYTES) throw stanza.tooBig(MAX_PACKAGES_LIST_BYTES, "octets");
    const lines = (rest + decode(decoder, part, stanza)).split("\n");
    rest = lines.pop() ?? "";
    yield lines;
    if (rest.length > MAX_LIST_LINE_CHARS) throw stanza.tooBig(MAX_LIST_LINE_CHARS, "characters in a line");
  }
  decode(decoder, null, stanza);
  if (rest !== "") throw stanza.bad("it does not end in a newline: the list was cut short", 1);
}

function decode(decoder: InstanceType<typeof TextDecoder>, part: Uint8Array | null, stanza: Stanza): string {
  try {
    return part === null ? decoder.decode() : decoder.decode(part, { stream: true });
  } catch (error) {
    throw stanza.bad(
      "octets behind it are no UTF-8: this is no list of packages, or it was damaged",
      0,
      error,
    );
  }
}

/** A field's name: printable ASCII but the colon, beginning with neither `#` nor `-` (deb822(5)). */
const FIELD = /^[!"$-,./0-9;-~][!-9;-~]*$/;
const WANTED: ReadonlySet<string> = new Set([
  "Package",
  "Version",
  "Architecture",
  "Source",
  "Filename",
  "Size",
  "SHA256",
]);
/** `Source: gcc-12 (12.2.0-14)`; without the bracket it has the package's version. */
const SOURCE = /^(\S+)(?: \((\S+)\))?$/;

/** Where a reader is in a list, and what it has seen of the stanza. */
class Stanza {
  readonly #name: string;
  #line = 0;
  #stanzas = 0;
  #first = 0;
  readonly #seen = new Set<string>();
  readonly #values = new Map<string, string>();

  constructor(name: string) {
    this.#name = name;
  }

  /** Takes the next line; a package where it ends one. */
  add(line: string): ListedPackage | null {
    this.#line++;
    if (line === "") return this.end();
    if (line.length > MAX_LIST_LINE_CHARS) throw this.tooBig(MAX_LIST_LINE_CHARS, "characters in a line");
    if (line.endsWith("\r")) throw this.bad("it ends in CR LF; a list of packages has LF alone");
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (this.#seen.size === 0) throw this.bad("a stanza begins with a continued line");
      return null;
    }
    this.#addField(line);
    return null;
  }

  /** Ends the stanza; null where there was none. */
  end(): ListedPackage | null {
    if (this.#seen.size === 0) return null;
    if (++this.#stanzas > MAX_LIST_STANZAS) throw this.tooBig(MAX_LIST_STANZAS, "packages");
    const ended = this.#package();
    this.#seen.clear();
    this.#values.clear();
    return ended;
  }

  tooBig(most: number, what: string): ClientError {
    return new ClientError(
      "input/too-big",
      `${this.#name}: line ${this.#line + 1}: more than the ${most} ${what} that are read of a list of packages`,
    );
  }

  bad(why: string, ahead = 0, cause?: unknown): ClientError {
    return this.#badAt(this.#line + ahead, why, cause);
  }

  #badAt(line: number, why: string, cause?: unknown): ClientError {
    return new ClientError("input/bad-list", `${this.#name}: line ${line}: ${why}`, { cause });
  }

  #addField(line: string): void {
    const colon = line.indexOf(":");
    const field = line.slice(0, Math.max(colon, 0));
    if (!FIELD.test(field)) throw this.bad(`${quote(line)} is no field ("Name: value")`);
    if (this.#seen.size === 0) this.#first = this.#line;
    // Names of fields are the same in any case of letters.
    const name = field.toLowerCase();
    if (this.#seen.has(name)) throw this.bad(`the field ${quote(field)} occurs twice in one stanza`);
    if (this.#seen.size === MAX_LIST_FIELDS) throw this.tooBig(MAX_LIST_FIELDS, "fields in a stanza");
    this.#seen.add(name);
    if (WANTED.has(field)) this.#values.set(field, line.slice(colon + 1).trim());
  }

  #package(): ListedPackage {
    const name = this.#value("Package");
    const version = this.#value("Version");
    return {
      name,
      version,
      architecture: this.#value("Architecture"),
      sha256: this.#digest(),
      size: this.#size(),
      filename: this.#value("Filename"),
      source: this.#source(name, version),
    };
  }

  #value(field: string): string {
    const value = this.#values.get(field) ?? "";
    if (value === "") throw this.#badAt(this.#first, `the stanza that begins here has no ${field}`);
    return value;
  }

  #digest(): string | null {
    const hex = this.#values.get("SHA256");
    if (hex !== undefined) this.#within("SHA256", () => fromHex(hex, 32));
    return hex ?? null;
  }

  #size(): number {
    const text = this.#value("Size");
    return this.#within("Size", () => fromDecimal(text));
  }

  #source(name: string, version: string): ListedPackage["source"] {
    const text = this.#values.get("Source");
    if (text === undefined) return { name, version };
    const [, said, of] = SOURCE.exec(text) ?? [];
    if (said === undefined)
      throw this.#badAt(this.#first, `the Source of the stanza that begins here, ${quote(text)}, is none`);
    return { name: said, version: of ?? version };
  }

  #within<Value>(field: string, read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw this.#badAt(
        this.#first,
        `the ${field} of the stanza that begins here: ${error.message} (${error.code})`,
        error,
      );
    }
  }
}
