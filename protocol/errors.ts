/**
 * The one error class of `protocol/` and the table of its stable codes (`protocol/spec/errors.md` says more of each).
 * A code names what is wrong with the bytes; whether that is held against anybody is decided by who asked.
 */
export type ProtocolCode =
  // bytes/
  | "bytes/too-big" // longer than the limit given by the caller
  | "bytes/bad-hex"
  | "bytes/bad-base64"
  | "bytes/bad-decimal"
  | "bytes/bad-utf8"
  | "bytes/truncated" // a binary reader ran past the end
  | "bytes/trailing" // octets left after the last field
  | "json/bad-syntax"
  | "json/too-deep"
  | "json/duplicate-key"
  | "json/bad-number" // an integer beyond 2^53 - 1, an overflow, or a fraction where only integers may stand
  | "json/not-canonical" // a value that canonical JSON cannot carry, or dialects disagree on
  | "shape/wrong-type"
  | "shape/missing"
  | "shape/unknown-member"
  | "shape/out-of-range"
  | "toml/bad-syntax"
  | "der/bad-pem"
  | "der/bad-key"
  // crypto/
  | "key/unsupported"
  | "key/bad-vkey"
  | "key/bad-signature"
  | "key/small-order" // a public key of small order, or whose y is not below p
  | "key/foreign-domain" // asked to sign octets that are none of our formats
  // feed/
  // attestation/
  // evidence/
  // wire/
  // policy/
  // verdict/
  // peer/
  | "internal/impossible"; // our bug: never held against a peer

/** Thrown by every parser and verifier of `protocol/`: `code` is stable, `message` says what, where and what to do. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ProtocolCode;

  constructor(code: ProtocolCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
