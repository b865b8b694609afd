/** Who signed which entries, as far as their signatures were looked at: one octet an entry, so that a look need not check them again. */
import {
  Cursor,
  concat,
  fromUtf8,
  MAX_PICTURE_ENTRIES,
  MAX_PICTURE_SIGNERS,
  ProtocolError,
  u16be,
  u32be,
  utf8,
} from "../../protocol/index.ts";

/** Where an entry stands. */
export interface Place {
  readonly no: number;
  readonly index: number;
}

/** Stands for a signer where nobody known signed. */
export const NO_SIGNER = "";

const UNCHECKED = 0;
/** Junk, forged, or by a key that is not known here. */
const NOBODY = 1;
const OWN = 2;
/** From here on: numbers of signers of entries in others' feeds. */
const OTHERS = 3;
const FIRST_ENTRIES = 256;
const KEY_BYTES = 32;
const VERSION = 1;

/** Of one feed. */
interface Sheet {
  /** Hex. A number that is given to another feed begins anew. */
  readonly key: string;
  states: Uint8Array;
  /** Entries from 0 without one that is unchecked. */
  checked: number;
  changed: boolean;
}

export class Book {
  readonly #sheets = new Map<number, Sheet>();
  readonly #signers: string[] = [];
  #entries = 0;

  /** The feed with this number is that of `key`. */
  open(no: number, key: string): void {
    const known = this.#sheets.get(no);
    if (known !== undefined && known.key === key) return;
    this.#entries -= known?.states.length ?? 0;
    this.#sheets.set(no, { key, states: new Uint8Array(0), checked: 0, changed: true });
  }

  /** Raw key of the feed, in hex. */
  keyOf(no: number): string | null {
    return this.#sheets.get(no)?.key ?? null;
  }

  /** Whom nobody knew is to be looked at again: other keys are known now. */
  forgetNobody(): void {
    for (const sheet of this.#sheets.values()) {
      sheet.states.forEach((state, at) => {
        if (state === NOBODY) sheet.states[at] = UNCHECKED;
      });
      sheet.checked = 0;
      sheet.changed = true;
    }
  }

  /** Feeds but these are gone. Returns their numbers. */
  keepOnly(numbers: ReadonlySet<number>): readonly number[] {
    const gone = [...this.#sheets.keys()].filter((no) => !numbers.has(no));
    for (const no of gone) {
      this.#entries -= this.#sheets.get(no)?.states.length ?? 0;
      this.#sheets.delete(no);
    }
    return gone;
  }

  /** The first entry of a feed that nobody has looked at. */
  checkedTo(no: number): number {
    const sheet = this.#sheets.get(no);
    if (sheet === undefined) return 0;
    while (sheet.checked < sheet.states.length && sheet.states[sheet.checked] !== UNCHECKED) sheet.checked++;
    return sheet.checked;
  }

  /** Raw key, in hex, of who signed it; NO_SIGNER where nobody known did; null where that was not looked at. */
  signerOf({ no, index }: Place): string | null {
    const sheet = this.#sheets.get(no);
    const state = sheet?.states[index] ?? UNCHECKED;
    if (sheet === undefined || state === UNCHECKED) return null;
    if (state === NOBODY) return NO_SIGNER;
    return state === OWN ? sheet.key : (this.#signers[state - OTHERS] ?? NO_SIGNER);
  }

  /** `signer`: raw key in hex, null for nobody known. What there is no room for stays unchecked. */
  set({ no, index }: Place, signer: string | null): void {
    const sheet = this.#sheets.get(no);
    if (sheet === undefined || !this.#makeRoom(sheet, index)) return;
    sheet.states[index] = signer === null ? NOBODY : signer === sheet.key ? OWN : this.#number(signer);
    sheet.changed = true;
  }

  /** Feeds of which something is new since the last call, each as it is to be kept. */
  news(): readonly { readonly no: number; readonly octets: Uint8Array }[] {
    return [...this.#sheets].flatMap(([no, sheet]) => {
      if (!sheet.changed) return [];
      sheet.changed = false;
      const { key, states } = sheet;
      const to = this.checkedTo(no);
      return [{ no, octets: concat(Uint8Array.of(VERSION), u32be(no), utf8(key), states.subarray(0, to)) }];
    });
  }

  /** Those who signed in others' feeds, as they are to be kept beside. */
  signers(): Uint8Array {
    return concat(...this.#signers.flatMap((key) => [u16be(key.length), utf8(key)]));
  }

  /** Reads what `signers` gave, once, before all feeds. Throws ProtocolError. */
  loadSigners(octets: Uint8Array): void {
    const cursor = new Cursor(octets);
    while (cursor.left > 0) {
      const key = fromUtf8(cursor.take(cursor.u16()));
      if (!this.#signers.includes(key) && this.#signers.length < MAX_PICTURE_SIGNERS) this.#signers.push(key);
    }
  }

  /** Reads what `news` gave of a feed. Throws ProtocolError. */
  load(octets: Uint8Array): void {
    const cursor = new Cursor(octets);
    if (cursor.u8() !== VERSION) throw new ProtocolError("peer/bad-row", "a book of another version");
    const no = cursor.u32();
    const key = fromUtf8(cursor.take(2 * KEY_BYTES));
    const states = cursor.take(cursor.left).slice();
    if (this.#entries + states.length > MAX_PICTURE_ENTRIES) return;
    this.#entries += states.length;
    this.#sheets.set(no, { key, states, checked: 0, changed: false });
  }

  #makeRoom(sheet: Sheet, index: number): boolean {
    if (index < sheet.states.length) return true;
    const wanted = Math.max(FIRST_ENTRIES, index + 1, Math.ceil(1.25 * sheet.states.length));
    if (this.#entries - sheet.states.length + wanted > MAX_PICTURE_ENTRIES) return false;
    this.#entries += wanted - sheet.states.length;
    const states = new Uint8Array(wanted);
    states.set(sheet.states);
    sheet.states = states;
    return true;
  }

  #number(signer: string): number {
    const known = this.#signers.indexOf(signer);
    if (known !== -1) return OTHERS + known;
    if (this.#signers.length >= MAX_PICTURE_SIGNERS) return NOBODY;
    return OTHERS + this.#signers.push(signer) - 1;
  }
}
