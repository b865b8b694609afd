/**
 * The members of a tar archive, one after another. Of our own: it is all that `verify` has to read of packages, and the packages that read
 * archives are a tenth of the single file that it fits in; tar-stream is its judge in tests.
 */
import { BrokenTar, readTarHeader, readTarRecords, TAR_BLOCK_BYTES, textOf } from "./tar-header.ts";
import type { TarHeader, TarRecords } from "./tar-header.ts";

/** A member of a tar archive. */
export interface TarMember {
  readonly name: string;
  readonly size: number;
  readonly isFile: boolean;
  /** To another member, or to a path. */
  readonly isLink: boolean;
}

/** What is done with a member's octets once they are all there; null = they are passed over. What it throws ends the reading. */
export type Visit = (member: TarMember) => ((bytes: Uint8Array) => void) | null;

/** Of a long name or of pax records: a path has 4,096 octets at most. */
const MAX_RECORDS_BYTES = 65_536;
const FILES: readonly string[] = ["0", "7"];
const LINKS: readonly string[] = ["1", "2"];
/** Links, devices, folders and pipes. */
const EMPTY: readonly string[] = ["1", "2", "3", "4", "5", "6"];

/**
 * Reads an archive to the block of zeros that ends it, or to its end, member by member, and all that follows without looking at it; only what `visit` asks for is held. Rejects with what
 * `visit` and `octets` throw, and with BrokenTar.
 */
export async function readTar(octets: AsyncIterable<Uint8Array>, visit: Visit): Promise<void> {
  const reader = new Reader(octets);
  try {
    for (let header = await nextHeader(reader); header !== null; header = await nextHeader(reader)) {
      const { name, size, type } = header;
      const use = visit({ name, size, isFile: FILES.includes(type), isLink: LINKS.includes(type) });
      if (use === null) await reader.skip(size);
      else use(await reader.take(size));
      await reader.skip(paddingOf(size));
    }
    await reader.drain();
  } finally {
    await reader.close();
  }
}

/** The next member's header, with what stands of it in records before; null at the end. */
async function nextHeader(reader: Reader): Promise<TarHeader | null> {
  let said: TarRecords = {};
  for (;;) {
    const header = (await reader.isAtEnd()) ? null : readTarHeader(await reader.take(TAR_BLOCK_BYTES));
    if (header === null) {
      if (Object.keys(said).length > 0) throw new BrokenTar("it ends after the name of a member");
      return null;
    }
    const records = await recordsIn(header, reader);
    if (records === null) return checked({ ...header, ...said });
    if (records.name !== undefined && said.name !== undefined) throw new BrokenTar("a member with two names");
    said = { ...said, ...records };
  }
}

/** Of links, folders and devices some readers look for octets, and some don't. */
function checked(header: TarHeader): TarHeader {
  if (header.size > 0 && EMPTY.includes(header.type))
    throw new BrokenTar("a member with octets that is no file");
  return header;
}

/** What a member that only speaks of the next says of it; null of any other. */
async function recordsIn({ type, size }: TarHeader, reader: Reader): Promise<TarRecords | null> {
  switch (type) {
    case "x":
      return readTarRecords(await bounded(size, reader));
    case "L":
      return { name: textOf(await bounded(size, reader)) };
    case "g": {
      // Of all that follow, such as the commit that `git archive` packed: one name or size for all would be nonsense.
      const common = readTarRecords(await bounded(size, reader));
      if (Object.keys(common).length > 0) throw new BrokenTar("one name or size for all members");
      return {};
    }
    case "K":
      await bounded(size, reader);
      return {};
    default:
      return null;
  }
}

async function bounded(size: number, reader: Reader): Promise<Uint8Array> {
  if (size > MAX_RECORDS_BYTES) throw new BrokenTar(`more than ${MAX_RECORDS_BYTES} octets of names`);
  const bytes = await reader.take(size);
  await reader.skip(paddingOf(size));
  return bytes;
}

function paddingOf(size: number): number {
  return (TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

/** Octets from left to right, whatever the pieces that they come in. */
class Reader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();

  constructor(octets: AsyncIterable<Uint8Array>) {
    this.#pieces = octets[Symbol.asyncIterator]();
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return true;
      this.#piece = next.value;
    }
    return false;
  }

  /** The next octets, as a copy. Throws BrokenTar where there are fewer. */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    await this.#each(length, (part) => parts.push(part.slice()));
    return Uint8Array.from(Buffer.concat(parts));
  }

  skip(length: number): Promise<void> {
    return this.#each(length, () => undefined);
  }

  async drain(): Promise<void> {
    while (!(await this.isAtEnd())) this.#piece = new Uint8Array();
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #each(length: number, use: (part: Uint8Array) => void): Promise<void> {
    for (let left = length; left > 0;) {
      if (await this.isAtEnd()) throw new BrokenTar("it is cut short");
      const part = this.#piece.subarray(0, left);
      this.#piece = this.#piece.subarray(part.length);
      left -= part.length;
      use(part);
    }
  }
}
