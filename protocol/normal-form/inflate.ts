/** DEFLATE (RFC 1951) and CRC-32: what is cut out of a zip file is packed, and has to be looked at. */
import { ProtocolError } from "../errors.ts";

const CODE_ORDER: readonly number[] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LENGTH_BASE: readonly number[] = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_BITS: readonly number[] = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCE_BASE: readonly number[] = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1_025, 1_537, 2_049, 3_073,
  4_097, 6_145, 8_193, 12_289, 16_385, 24_577,
];
const END = 256;
const LONGEST_CODE = 15;

/** A canonical code of Huffman's: how many codes each length has, and the symbols in their order. */
interface Code {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

const FIXED: readonly [Code, Code] = [
  codeOf(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
  codeOf(Array.from({ length: 30 }, () => 5)),
];

/** Exactly `length` octets unpacked from all of `packed`. Throws `normal-form/not-a-signature` for anything else. */
export function inflate(packed: Uint8Array, length: number): Uint8Array {
  const stream = new Stream(packed, length);
  while (!stream.block());
  return stream.done();
}

class Stream {
  readonly #in: Uint8Array;
  readonly #out: Uint8Array;
  #at = 0;
  #filled = 0;
  #bits = 0;
  #held = 0;

  constructor(packed: Uint8Array, length: number) {
    this.#in = packed;
    this.#out = new Uint8Array(length);
  }

  /** Unpacks a block; true if it was the last. */
  block(): boolean {
    const isLast = this.#take(1) === 1;
    const type = this.#take(2);
    if (type === 0) this.#stored();
    else if (type === 1) this.#coded(...FIXED);
    else if (type === 2) this.#coded(...this.#codes());
    else throw bad("a block of a type that does not exist");
    return isLast;
  }

  done(): Uint8Array {
    // What is left of the last octet has no meaning, and must be zero.
    if (this.#at !== this.#in.length || this.#bits !== 0)
      throw bad("something stands behind the packed data");
    if (this.#filled !== this.#out.length)
      throw bad(`${this.#filled} octets come out where ${this.#out.length} are due`);
    return this.#out;
  }

  #stored(): void {
    this.#bits = 0;
    this.#held = 0;
    const [length, inverse] = [this.#take(16), this.#take(16)];
    if (length !== (~inverse & 0xffff)) throw bad("a stored block whose lengths differ");
    for (let i = 0; i < length; i++) this.#push(this.#take(8));
  }

  #coded(literals: Code, distances: Code): void {
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol === END) return;
      if (symbol < END) this.#push(symbol);
      else this.#copy(symbol - END - 1, distances);
    }
  }

  #copy(symbol: number, distances: Code): void {
    const length = LENGTH_BASE[symbol];
    if (length === undefined) throw bad("a length that does not exist");
    const count = length + this.#take(LENGTH_BITS[symbol] ?? 0);
    const far = this.#symbol(distances);
    const base = DISTANCE_BASE[far];
    if (base === undefined) throw bad("a distance that does not exist");
    const distance = base + this.#take(far < 2 ? 0 : (far >> 1) - 1);
    if (distance > this.#filled) throw bad("a distance that leads before the beginning");
    for (let i = 0; i < count; i++) this.#push(this.#out[this.#filled - distance] ?? 0);
  }

  #codes(): [Code, Code] {
    const [literals, distances, codes] = [this.#take(5) + 257, this.#take(5) + 1, this.#take(4) + 4];
    const lengths = Array.from({ length: CODE_ORDER.length }, () => 0);
    for (const place of CODE_ORDER.slice(0, codes)) lengths[place] = this.#take(3);
    const code = codeOf(lengths);
    const all: number[] = [];
    while (all.length < literals + distances) {
      const symbol = this.#symbol(code);
      if (symbol < 16) all.push(symbol);
      else if (symbol === 16) this.#repeat(all, all.at(-1) ?? none(), 3 + this.#take(2));
      else this.#repeat(all, 0, symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7));
    }
    if (all.length > literals + distances) throw bad("a table of lengths that runs over");
    return [codeOf(all.slice(0, literals)), codeOf(all.slice(literals))];
  }

  #repeat(all: number[], length: number, times: number): void {
    for (let i = 0; i < times; i++) all.push(length);
  }

  #symbol({ counts, symbols }: Code): number {
    let [code, first, index] = [0, 0, 0];
    for (let bits = 1; bits <= LONGEST_CODE; bits++) {
      code |= this.#take(1);
      const count = counts[bits] ?? 0;
      if (code - count < first) return symbols[index + code - first] ?? none();
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw bad("a code that does not exist");
  }

  #take(count: number): number {
    while (this.#held < count) {
      const octet = this.#in[this.#at++];
      if (octet === undefined) throw bad("packed data are cut short");
      this.#bits |= octet << this.#held;
      this.#held += 8;
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#held -= count;
    return value;
  }

  #push(octet: number): void {
    if (this.#filled === this.#out.length) throw bad(`more than ${this.#out.length} octets come out`);
    this.#out[this.#filled++] = octet;
  }
}

function codeOf(lengths: readonly number[]): Code {
  const counts = Array.from({ length: LONGEST_CODE + 1 }, (_, bits) =>
    bits === 0 ? 0 : lengths.filter((length) => length === bits).length,
  );
  let left = 1;
  for (const count of counts.slice(1)) {
    left = 2 * left - count;
    if (left < 0) throw bad("more codes than there can be");
  }
  const symbols = lengths
    .map((length, symbol) => ({ length, symbol }))
    .filter(({ length }) => length > 0)
    .sort((a, b) => a.length - b.length || a.symbol - b.symbol)
    .map(({ symbol }) => symbol);
  return { counts, symbols };
}

const CRC_TABLE: readonly number[] = Array.from({ length: 256 }, (_, octet) => {
  let crc = octet;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  return crc >>> 0;
});

/** The CRC-32 of zip and gzip, 0 to 2^32 - 1. */
export function crc32(octets: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const octet of octets) crc = (CRC_TABLE[(crc ^ octet) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}

function none(): never {
  throw bad("a code that does not exist");
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("normal-form/not-a-signature", `it does not unpack: ${problem}`);
}
