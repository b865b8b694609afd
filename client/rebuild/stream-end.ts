import { MAX_SAID_BYTES } from "../../protocol/index.ts";

/** The end of what a command prints: its last MAX_SAID_BYTES octets, whatever it prints before. */
export class StreamEnd {
  #chunks: Uint8Array[] = [];
  #kept = 0;
  #all = 0;

  take(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#kept += chunk.length;
    this.#all += chunk.length;
    for (let first = this.#chunks[0]; first !== undefined && this.#kept - first.length >= MAX_SAID_BYTES;) {
      this.#chunks.shift();
      this.#kept -= first.length;
      first = this.#chunks[0];
    }
  }

  /**
   * As text in one line, for tools sign control characters and backslashes in different ways: they stand as pictures of themselves (␊, ␉, ⧵). What
   * is no UTF-8 is shown as such. What is left out in front is said.
   */
  text(): string {
    const end = Buffer.concat(this.#chunks).subarray(-MAX_SAID_BYTES);
    const text = new TextDecoder().decode(end).replace(/\p{Cc}|\\/gu, pictureOf);
    const left = this.#all - end.length;
    return left === 0 ? text : `[${left} octets left out] ${text}`;
  }
}

/** Unicode has a picture of each C0 control, 0x2400 further on, and of DEL. */
const PICTURES = 0x2400;
const DEL = 0x7f;
const PICTURE_OF_DEL = "\u2421";
const BACKSLASH_OPERATOR = "\u29f5";

function pictureOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === "\\") return BACKSLASH_OPERATOR;
  if (code < 0x20) return String.fromCodePoint(PICTURES + code);
  return code === DEL ? PICTURE_OF_DEL : "\ufffd";
}
