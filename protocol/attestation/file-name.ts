/** Names that stand in targets and claims. */
import { quote, utf8 } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_FILE_NAME_BYTES, MAX_PATH_BYTES } from "../limits.ts";

/** ASCII without controls, `/` and `\`: nearly every name there is. */
const PLAIN = /^[ -.0-[\]-~]+$/;

/**
 * Beyond ASCII, letters of scripts in which every code point was assigned long ago. Unicode promises that normal forms of
 * assigned characters never change, so NFC means the same on every runtime; for a character assigned next year it would not.
 * Invisible and direction-changing characters are not among them.
 */
const REPERTOIRE: readonly (readonly [number, number])[] = [
  [0x20, 0x7e], // Latin
  [0xa1, 0xac], // without the soft hyphen
  [0xae, 0x34e], // without the invisible grapheme joiner
  [0x350, 0x377],
  [0x400, 0x52f], // Cyrillic
  [0x5d0, 0x5ea], // Hebrew
  [0x620, 0x65f], // Arabic
  [0x66e, 0x6d3],
  [0x900, 0x963], // Devanagari
  [0xe01, 0xe3a], // Thai
  [0xe40, 0xe5b],
  [0x1e00, 0x1eff], // Latin, Vietnamese
  [0x3041, 0x3096], // kana
  [0x3099, 0x30ff],
  [0x4e00, 0x9fd5], // Han
  [0xac00, 0xd7a3], // Hangul
];

// C0, DEL and C1: what a terminal would obey.
// oxlint-disable-next-line no-control-regex -- the very characters to refuse
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Throws `target/bad-file-name` unless `name` is the base name of a file that a target may have: 1 to 255 octets, in NFC, of the
 * repertoire above, without `/` and `\`, no space at either end, not `.` or `..` (`protocol/spec/targets.md`).
 */
export function assertFileName(name: string): void {
  const problem = fileNameProblem(name);
  if (problem !== null) {
    throw new ProtocolError("target/bad-file-name", `the file name ${quote(name)} ${problem}`);
  }
}

function fileNameProblem(name: string): string | null {
  if (name === "" || name === "." || name === "..") return "names no file";
  if (name.length > MAX_FILE_NAME_BYTES) return `has more than ${MAX_FILE_NAME_BYTES} octets`;
  if (name.startsWith(" ") || name.endsWith(" ")) return "begins or ends with a space";
  if (PLAIN.test(name)) return null;
  if (name.includes("/") || name.includes("\\")) return "holds a slash; use the base name";
  if (CONTROL.test(name)) return "holds a control character";
  if (!isOfRepertoire(name)) return "holds a character outside the repertoire for file names";
  if (name.normalize("NFC") !== name) return "is not in Unicode's normal form C";
  return utf8(name).length > MAX_FILE_NAME_BYTES ? `has more than ${MAX_FILE_NAME_BYTES} octets` : null;
}

/** Unicode's line ends, and what turns the direction of the text that follows. */
const LINE_OR_TURN = /[\u2028-\u202e\u2066-\u2069]/;

/** Whether `text` is one line that is shown as it stands: not empty, no control character, nothing that turns it around. */
export function isPrintable(text: string): boolean {
  return text !== "" && !CONTROL.test(text) && !LINE_OR_TURN.test(text);
}

/** Whether `name` is such a line of at most MAX_PATH_BYTES octets: a file as materials, products and lists of sums name it. */
export function isPath(name: string): boolean {
  return isPrintable(name) && utf8(name).length <= MAX_PATH_BYTES;
}

function isOfRepertoire(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (!REPERTOIRE.some(([from, to]) => code >= from && code <= to)) return false;
  }
  return true;
}
