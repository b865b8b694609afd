/** PEM (RFC 7468), exactly: one block, 64 characters a line, one kind of line end. */
import { ProtocolError } from "../errors.ts";
import { MAX_PEM_CHARS } from "../limits.ts";
import { reading } from "./reading.ts";
import { fromBase64, quote, toBase64 } from "./text.ts";

export interface Pem {
  /** What stands after BEGIN, e.g. `PUBLIC KEY`. */
  readonly label: string;
  readonly der: Uint8Array;
}

export type LineEnd = "\n" | "\r\n";

/** One PEM block and nothing else; lines end in LF or all in CRLF; the last line end may be missing. Throws `der/bad-pem`. */
export function readPem(text: string): Pem {
  if (text.length > MAX_PEM_CHARS) {
    throw new ProtocolError(
      "der/bad-pem",
      `PEM of ${text.length} characters; at most ${MAX_PEM_CHARS} are read`,
    );
  }
  const lineEnd: LineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const whole = text.endsWith(lineEnd) ? text : text + lineEnd;
  const lines = whole.split(lineEnd);
  const label = /^-----BEGIN ([A-Z0-9 ]{1,40})-----$/.exec(lines[0] ?? "")?.[1];
  if (label === undefined) {
    throw new ProtocolError("der/bad-pem", `a line -----BEGIN …----- expected, not ${quote(lines[0] ?? "")}`);
  }
  const der = reading("der/bad-pem", `the ${label} block`, () => fromBase64(lines.slice(1, -2).join("")));
  if (writePem(label, der, lineEnd) !== whole) {
    throw new ProtocolError(
      "der/bad-pem",
      `the ${label} block is not one BEGIN line, base64 in lines of 64 characters and its END line; write it again with openssl`,
    );
  }
  return Object.freeze({ label, der });
}

/** A PEM block, each line ended by `lineEnd`. */
export function writePem(label: string, der: Uint8Array, lineEnd: LineEnd = "\n"): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join(lineEnd);
}
