/**
 * The one error class of `protocol/` and the table of its stable codes (`protocol/spec/errors.md` says more of each).
 * A code names what is wrong with the bytes; whether that is held against anybody is decided by who asked.
 */
export type ProtocolCode =
  // bytes/
  | "bytes/too-big" // longer than the limit given by the caller
  | "bytes/bad-hex" // not pairs of 0-9 a-f, or another length than due
  | "bytes/bad-base64" // another alphabet, padding or trailing bits than the one spelling has
  | "bytes/bad-decimal" // sign, leading zero, not a digit, or over the limit
  | "bytes/bad-utf8" // octets that are no UTF-8, or text with half a surrogate pair
  | "bytes/truncated" // a binary reader ran past the end
  | "bytes/trailing" // octets left after the last field
  | "json/bad-syntax" // not RFC 8259, or an escaped half of a surrogate pair
  | "json/too-deep" // nested deeper than the limit
  | "json/duplicate-key" // a name that occurs twice in one object
  | "json/bad-number" // an integer beyond 2^53 - 1, an overflow, or a fraction where only integers may stand
  | "json/not-canonical" // a value that canonical JSON cannot carry, or dialects disagree on
  | "shape/wrong-type" // a value of another type than the format says
  | "shape/missing" // a member that must be there
  | "shape/unknown-member" // a member that the format does not know
  | "shape/out-of-range" // a number, length or word outside what the format allows
  | "toml/bad-syntax" // not TOML 1.0, a date, a number that is not finite, nested too deep
  | "der/bad-pem" // not one exact PEM block, or another label than due
  | "der/bad-key" // DER that is no key in a writing we know; a seed of another length
  // crypto/
  | "key/unsupported" // another algorithm, curve, size or type of key
  | "key/bad-vkey" // not a C2SP verifier key, or a key id that is not its own
  | "key/bad-openpgp" // not the packet of an OpenPGP key, or not one certificate
  | "key/bad-ssh" // not a public key as OpenSSH writes it
  | "key/small-order" // a public key of small order, or whose y is not below p
  | "openpgp/bad-armor" // not whole armored blocks of the label that is due
  | "openpgp/bad-signature" // not a signature packet, or of a kind that never holds
  | "ssh/bad-signature" // not one armored SSHSIG of version 1, or of a kind that never holds
  | "key/foreign-domain" // asked to sign octets that are none of our formats
  // feed/
  | "tree/bad-index" // an index or size out of range, or a leaf outside its tree
  | "tree/bad-hash" // a hash that is not 32 octets
  | "tree/bad-proof" // too short, too long, or not empty where it must be
  | "tree/bad-frontier" // not one hash for each bit set in the size
  | "tree/root-mismatch" // a proof, well formed, that leads to another root
  | "tile/bad-path"
  | "tile/bad-width" // octets that are not 1 to 256 whole hashes
  | "tile/missing" // a proof needs hashes that were not given, or a feed's folder lacks a file
  | "tile/mismatch" // a tile of a feed's folder that does not hold the hashes of what stands below it
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
  | "checkpoint/not-timed" // given as a head of this feed with a time (RULES R10), and is none
  | "cosignature/malformed"
  | "cosignature/bad-signature"
  | "cosignature/bad-file" // the file `cosigned` of a feed's folder is no list of such heads
  | "cosignature/not-one" // not the feed's line and one of a witness
  | "witness/malformed"
  | "witness/unknown-origin" // no feed that the witness follows
  | "witness/unsigned" // no line of the origin's key holds
  | "witness/old-too-large" // the old size is above the checkpoint's
  | "witness/not-consistent" // not shown to extend what was cosigned, or not what is held
  | "witness/not-held" // entries of it are still missing
  | "witness/busy" // MAX_WITNESS_WAITING are under way
  | "witness/frozen" // a write failed and may have persisted
  | "witness/stopped" // the key has cosigned what the store does not know
  | "proof/too-big" // over MAX_TLOG_PROOF_BYTES
  | "proof/malformed"
  // attestation/
  | "attestation/too-big" // over MAX_ENTRY_BYTES
  | "attestation/unknown-form" // neither a DSSE envelope nor an in-toto metablock
  | "attestation/bad-signatures" // none, more than MAX_SIGNATURES, or one of no or too many octets
  | "attestation/bad-name" // a step's or file's name that is empty or holds control characters or what turns text around
  | "attestation/bad-time" // not written YYYY-MM-DDThh:mm:ssZ
  | "attestation/bad-claim-id" // not 64 lowercase hex digits, named twice, or replaced by what it retracts
  | "dsse/bad-payload-type" // not application/vnd.in-toto+json
  | "statement/unknown-type" // `_type` is no in-toto Statement, link or layout
  | "statement/bad-subjects" // none, or more than MAX_SUBJECTS
  | "statement/too-many-materials" // over MAX_MATERIALS: name the .buildinfo's digest instead
  | "statement/target-twice" // emission only: one target listed twice
  | "target/bad-purl" // no package URL, or parts that its type does not allow
  | "target/not-canonical" // a package URL, but not in the one writing that names the target
  | "target/unknown-type" // a package type that has no identity profile
  | "target/bad-file-name" // no base name: empty, too long, a slash, a control character, not NFC
  | "target/file-mismatch" // the file name is not the one of the package, version and architecture
  | "sums/bad-line" // a line that is not `<sha256>  <name>`
  | "sums/too-long" // more than MAX_SUMS_ROWS rows
  | "buildinfo/bad-syntax" // not Debian's control syntax, or a field missing
  | "dsc/bad-syntax" // the same of a .dsc
  // normal-form/
  | "normal-form/malformed" // the file is none of its format: parts reach beyond its end or overlap
  | "normal-form/too-big" // a signature or table of more octets, or parts, than are read
  | "normal-form/not-a-signature" // what would be cut is no signature of that format, or not wholly
  | "normal-form/unsupported" // a signed file of a kind from which nothing can be cut
  // evidence/
  | "evidence/too-big" // over MAX_EVIDENCE_BYTES
  | "evidence/unknown-kind" // samebits 1, but none of the kinds of R14
  | "evidence/wrong-kind" // the parts prove another kind than the file says
  | "evidence/not-canonical" // reads, but is not the one writing of this evidence
  | "evidence/different-feeds" // a fork needs two heads of one feed
  | "evidence/no-fork" // the heads can be those of one growing tree, as far as the proof shows
  | "evidence/no-bad-leaf" // the entry is good, or is given out as somebody else's
  | "evidence/no-contradiction" // same claim, same digest, other step or target, not positive, or a target listed twice
  | "evidence/no-split" // not two different roots of one version of a trust domain
  | "evidence/bad-signature" // an envelope that its signer did not sign
  | "evidence/foreign-key" // synchronous check only: a key other than Ed25519
  // wire/
  | "wire/too-big" // frame over its limit, as read or as it would be written
  | "wire/undecodable" // no message of this kind, or more elements than its limits allow
  | "wire/not-canonical" // decodes, but is not what our own encoder writes
  | "wire/bad-field" // a field out of its range
  | "wire/not-one-of" // none or several of the members that exclude each other
  // git/
  | "git/bad-object" // no commit or tag of git's, or not with exactly one of what it has to have
  | "git/bad-signature" // a commit's or tag's signature that is none, or of a kind that is not read
  | "git/wrong-octets" // an object's octets that are not those of the id or SHA-256 that they stand beside
  // intoto/
  | "layout/bad-document" // no link and no layout, or not exactly one
  | "layout/bad-signature" // not signed by those whose layout it has to be
  | "layout/expired"
  | "layout/parameter" // a value that is no plain word, a placeholder that none is given for, or another format
  | "layout/too-few-links" // fewer functionaries than the threshold have signed a link of a step
  | "layout/disagree" // functionaries of a step got different results
  | "layout/rule" // an artifact rule does not hold
  | "layout/sublayout" // circular, or too deep
  | "layout/inspection" // not run, or ended badly
  | "layout/too-much" // more sublayouts, documents of folders or looks at patterns than one verification may take
  // policy/
  | "policy/unsupported-version" // `version` is not 1
  | "policy/bad-name" // a builder's, group's or role's name
  | "policy/duplicate-name" // builder and group, two rules, or a member twice
  | "policy/unknown-name" // a member that is no builder, no earlier group and nobody's role
  | "policy/bad-key" // none, or one that can't be read
  | "policy/shared-key" // one key listed twice
  | "policy/bad-feed" // not an origin
  | "policy/bad-group" // not exactly one of any, all, k with of
  | "policy/circular-group" // a group that is part of itself
  | "policy/bad-rule" // a member of a rule that does not go with its layout
  | "policy/bad-pattern" // RULES R29
  | "policy/bad-age" // not "none" or a number with m, h, d or w
  | "policy/bad-date" // not a day, and not a time
  | "policy/bad-exception" // a digest that is none, an empty list of them, or an exception for contradictions without one
  | "policy/mixed-distinct" // the requirements of one rule differ in `distinct`, or it is empty or has "builder" beside others
  | "policy/missing-trait" // a counted builder does not state what is distinct
  | "policy/never-met" // not even all builders together can meet the rule
  | "policy/too-complex" // more ways to meet a rule than MAX_WAYS, more seats than MAX_SEATS, or more choices than MAX_CHOICES
  // trust/
  | "trust/unsupported" // another version of TUF, or a part of it that is not read
  | "trust/bad-signatures" // more than are read, or two of one key id
  | "trust/bad-role" // a role that could never sign, or names a key that is not listed or named before
  | "trust/not-signed" // not enough of those who have to have signed
  | "trust/not-a-signer" // asked to sign with a key that is in no role of the document
  | "trust/wrong-version" // a root that is not the one after the root before, or a first one that is not version 1
  | "trust/bad-fingerprint" // not 40 to 64 hex digits
  | "trust/wrong-fingerprint" // a first root of another domain
  | "trust/bad-path" // no name or pattern of a domain's files
  | "trust/bad-delegation" // a role's name that is none, or is there already
  | "trust/no-delegation" // targets by a role to which nothing is delegated
  // verdict/
  | "verdict/bad-signature" // no signature of the builder named holds
  | "verdict/bad-bundle" // a line of a bundle file that is none of its kinds
  // peer/
  | "peer/bad-head" // an answer: a head longer than any
  | "peer/bad-row" // a row of the store that this version cannot read
  | "peer/busy" // a question: enough answers are being prepared
  | "peer/evidence-unanswered" // gossip: evidence named by its id was not to be had
  | "peer/feed-lost" // publish: store and own-head file do not join, or a later own head was seen
  | "peer/feed-unconfirmed" // publish: a restored or copied store, and too few sources have answered about its own feed
  | "peer/feed-not-begun" // publish: no feed here yet, and no --first
  | "peer/forged-entry" // publish: bears the feed's key id and is not signed by it
  | "peer/forked" // gossip: about a feed whose fork is proven
  | "peer/light" // a question to a peer that answers none
  | "peer/bad-answer" // a document of a domain: too long, or its pages do not follow each other
  | "peer/no-room" // carry: more octets of domains than are carried
  | "peer/no-such-finding" // acknowledge
  | "peer/not-held" // an answer: entries or sizes above what is held
  | "peer/not-one-signature" // gossip: a checkpoint with more or fewer lines than the feed's own
  | "peer/not-ready" // the store is still being read
  | "peer/over-budget" // gossip or question: the sender's budget is used up
  | "peer/feed-ended" // publish: the feed lists a statement by its own key that it has ended
  | "peer/publishing-frozen" // publish: a write failed, and may have persisted
  | "peer/repeated" // gossip: forwarded before
  | "peer/root-mismatch" // gossip: frontier and tail do not make the tree that was signed
  | "peer/third-root" // gossip: two roots of this size were forwarded already
  | "peer/too-many-heads" // gossip: a feed that signs faster than 10 heads a second
  | "peer/too-many-waiting" // publish: more entries than may wait
  | "peer/untimely" // gossip: a cosignature within a minute of the witness's last, of a smaller head, or ahead of the clock
  | "peer/unexpected-answer" // a driver answered with something else than what was asked
  | "peer/unknown-feed" // an answer: this feed is not held
  | "peer/unknown-witness" // gossip: neither pinned here nor named by its key
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
