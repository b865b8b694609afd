/** Lists that apt keeps (deb822: `Packages`, `Sources`), read as streams, since Debian's have 50 MB. */
import {
  MAX_LIST_FIELDS,
  MAX_LIST_LINE_CHARS,
  MAX_LIST_STANZAS,
  MAX_PACKAGES_LIST_BYTES,
  ProtocolError,
  quote,
} from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/**
 * The stanzas of a list that comes in parts of any size, in its order, each read by `read`. What stands there beside the `wanted` fields is passed
 * over, if it is deb822. Holds one stanza at a time. Throws `input/bad-list` with the line, `input/too-big`; `name` says in messages which list it is.
 */
export async function* readStanzas<Value>(
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
  wanted: ReadonlySet<string>,
  read: (stanza: Stanza) => Value,
): AsyncGenerator<Value, void, void> {
  const stanza = new Stanza(name, wanted);
  for await (const lines of linesOf(parts, stanza)) {
    for (const line of lines) if (stanza.add(line)) yield stanza.take(read);
  }
  if (stanza.end()) yield stanza.take(read);
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

/** Where a reader is in a list, and what it has seen of the stanza. */
export class Stanza {
  readonly #name: string;
  readonly #wanted: ReadonlySet<string>;
  #line = 0;
  #stanzas = 0;
  #first = 0;
  readonly #seen = new Set<string>();
  readonly #values = new Map<string, string>();

  constructor(name: string, wanted: ReadonlySet<string>) {
    this.#name = name;
    this.#wanted = wanted;
  }

  /** Takes the next line; whether it ends a stanza. */
  add(line: string): boolean {
    this.#line++;
    if (line === "") return this.end();
    if (line.length > MAX_LIST_LINE_CHARS) throw this.tooBig(MAX_LIST_LINE_CHARS, "characters in a line");
    if (line.endsWith("\r")) throw this.bad("it ends in CR LF; a list of packages has LF alone");
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (this.#seen.size === 0) throw this.bad("a stanza begins with a continued line");
      return false;
    }
    this.#addField(line);
    return false;
  }

  /** Ends the stanza; whether there was one. */
  end(): boolean {
    if (this.#seen.size === 0) return false;
    if (++this.#stanzas > MAX_LIST_STANZAS) throw this.tooBig(MAX_LIST_STANZAS, "stanzas");
    return true;
  }

  /** Reads the stanza that has ended, and begins another. */
  take<Value>(read: (stanza: Stanza) => Value): Value {
    const value = read(this);
    this.#seen.clear();
    this.#values.clear();
    return value;
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
    if (this.#wanted.has(field)) this.#values.set(field, line.slice(colon + 1).trim());
  }

  /** A field that must be there. */
  value(field: string): string {
    const value = this.#values.get(field) ?? "";
    if (value === "") throw this.#badAt(this.#first, `the stanza that begins here has no ${field}`);
    return value;
  }

  /** A field that need not be there. */
  optional(field: string): string | null {
    return this.#values.get(field) ?? null;
  }

  /** What is wrong with a field of the stanza that is read. */
  badField(field: string, why: string, cause?: unknown): ClientError {
    return this.#badAt(this.#first, `the ${field} of the stanza that begins here${why}`, cause);
  }

  /** Reads a field's value; what it throws tells of the field. */
  within<Value>(field: string, read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw this.badField(field, `: ${error.message} (${error.code})`, error);
    }
  }
}
