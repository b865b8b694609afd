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
  | "tree/bad-index" // an index or size out of range, or a leaf outside its tree
  | "tree/bad-hash" // a hash that is not 32 octets
  | "tree/bad-proof" // too short, too long, or not empty where it must be
  | "tree/bad-frontier" // not one hash for each bit set in the size
  | "tree/root-mismatch" // a proof, well formed, that leads to another root
  | "tile/bad-path"
  | "tile/bad-width" // octets that are not 1 to 256 whole hashes
  | "tile/missing" // a proof needs hashes that were not given
  | "bundle/malformed" // an entry is cut short
  | "bundle/bad-count" // none, more than 256, or not as many entries as asked for
  | "bundle/entry-too-big" // over MAX_ENTRY_BYTES
  | "note/too-big" // over MAX_NOTE_BYTES
  | "note/malformed"
  | "note/bad-signature" // a known key's line does not hold
  | "note/unsigned" // no known key signed
  | "checkpoint/malformed"
  | "checkpoint/bad-origin" // not samebits/<network>/<hex of a key>
  | "checkpoint/other-network"
  | "checkpoint/extension" // lines after the root: feeds have none
  | "checkpoint/size-zero" // RULES R15
  | "checkpoint/too-large" // over MAX_FEED_SIZE
  | "checkpoint/unsigned" // no line of the feed's key
  | "checkpoint/repeated-line" // more than one signature, or time line, of the feed's key
  | "checkpoint/bad-signature"
  | "cosignature/malformed"
  | "cosignature/bad-signature"
  | "proof/too-big" // over MAX_TLOG_PROOF_BYTES
  | "proof/malformed"
  // attestation/
  // evidence/
  // wire/
  | "wire/too-big" // frame over its limit, as read or as it would be written
  | "wire/undecodable" // no message of this kind, or more elements than its limits allow
  | "wire/not-canonical" // decodes, but is not what our own encoder writes
  | "wire/bad-field" // a field out of its range
  | "wire/not-one-of" // none or several of the members that exclude each other
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
