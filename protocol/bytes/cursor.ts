import { ProtocolError } from "../errors.ts";

/**
 * Reads foreign octets from left to right and never past their end (`bytes/truncated`). `done()` states that nothing is left
 * (`bytes/trailing`). Sizes are checked before anything is allocated; `take` gives views, which the caller copies if it keeps them.
 */
export class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Octets read so far. */
  get offset(): number {
    return this.#at;
  }

  /** Octets left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next `length` octets, as a view. */
  take(length: number): Uint8Array {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.left) {
      throw new ProtocolError(
        "bytes/truncated",
        `octet ${this.#at}: ${length} octets wanted, ${this.left} left; the data is cut short or its length field is wrong`,
      );
    }
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** One octet. */
  u8(): number {
    return this.#number(1);
  }

  /** 2 octets, big-endian. */
  u16(): number {
    return this.#number(2);
  }

  /** 4 octets, big-endian. */
  u32(): number {
    return this.#number(4);
  }

  /** 8 octets, big-endian, up to 2^53 - 1; more is `bytes/too-big`. */
  u64(): number {
    const value = this.#number(8);
    if (!Number.isSafeInteger(value)) {
      throw new ProtocolError("bytes/too-big", `octet ${this.#at - 8}: the number exceeds 2^53 - 1`);
    }
    return value;
  }

  /** Throws `bytes/trailing` unless everything was read. */
  done(): void {
    if (this.left !== 0) {
      throw new ProtocolError(
        "bytes/trailing",
        `octet ${this.#at}: ${this.left} octets after the last field`,
      );
    }
  }

  #number(width: number): number {
    let value = 0;
    for (const octet of this.take(width)) value = value * 256 + octet;
    return value;
  }
}
