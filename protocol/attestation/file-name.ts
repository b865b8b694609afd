/** Names that stand in targets and claims. */
import { quote, utf8 } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_FILE_NAME_BYTES } from "../limits.ts";

/** ASCII without controls, `/` and `\`: nearly every name there is. */
const PLAIN = /^[ -.0-[\]-~]+$/;

/**
 * Beyond ASCII, letters of scripts in which every code point was assigned long ago. Unicode promises that normal forms of
 * assigned characters never change, so NFC means the same on every runtime; for a character assigned next year it would not.
 * Invisible and direction-changing characters are not among them.
 */
const REPERTOIRE =
  /^[ -.0-[\]-~\u00a1-\u00ac\u00ae-\u034e\u0350-\u0377\u0400-\u052f\u05d0-\u05ea\u0620-\u065f\u066e-\u06d3\u0900-\u0963\u0e01-\u0e3a\u0e40-\u0e5b\u1e00-\u1eff\u3041-\u3096\u3099-\u30ff\u4e00-\u9fd5\uac00-\ud7a3]+$/;

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
  if (!REPERTOIRE.test(name)) return "holds a character outside the repertoire for file names";
  if (name.normalize("NFC") !== name) return "is not in Unicode's normal form C";
  return utf8(name).length > MAX_FILE_NAME_BYTES ? `has more than ${MAX_FILE_NAME_BYTES} octets` : null;
}

/** Whether `text` can be shown as one line: not empty, no control character. */
export function isPrintable(text: string): boolean {
  return text !== "" && !CONTROL.test(text);
}
