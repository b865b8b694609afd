/** Every bound of the protocol, each with its reason. A number that bounds something stands here or nowhere. */

// feeds (RULES R8; tlog-tiles caps an entry at 65,535 octets)
/** Octets of one feed entry. */
export const MAX_ENTRY_BYTES = 65_535;
/** Entries of one bundle and hashes of one tile: C2SP tlog-tiles. */
export const TILE_WIDTH = 256;
/** Entries of one feed: indexes are kept as 5 octets in the store's keys. */
export const MAX_FEED_SIZE = 2 ** 40;
/** Hashes of an inclusion or consistency proof (RFC 6962 over 63-bit sizes). */
export const MAX_PROOF_HASHES = 63;
/** Octets of a signed note as read from strangers: room for many cosignatures. */
export const MAX_NOTE_BYTES = 16_384;
/** Octets of a checkpoint as kept and gossiped: body and a few lines. */
export const MAX_CHECKPOINT_BYTES = 1_024;
/** Signature lines read from a note (C2SP signed-note: at least 16). */
export const MAX_NOTE_SIGNATURES = 64;

// attestations (RULES R3, R8)
/** Signatures of one envelope. */
export const MAX_SIGNATURES = 16;
/** Subjects of one statement. */
export const MAX_SUBJECTS = 64;
/** Materials of one statement: more go in as one material, the .buildinfo's digest. */
export const MAX_MATERIALS = 256;
/** Characters of a canonical purl. */
export const MAX_PURL_CHARS = 1_024;
/** Octets of a file name: what file systems carry. */
export const MAX_FILE_NAME_BYTES = 255;
/** Octets of a step's name. */
export const MAX_STEP_BYTES = 128;
/** Nesting of any JSON that we read. */
export const MAX_JSON_DEPTH = 32;

// artefacts, as the client reads them
/** Octets of a package's control data, packed or unpacked: Debian's largest control.tar is about 2 MB. */
export const MAX_CONTROL_BYTES = 16 * 1024 * 1024;
/** Octets of one control file inside it. */
export const MAX_CONTROL_FILE_BYTES = 256 * 1024;
/** Members of a package that are looked at before its control data must have been found. */
export const MAX_CONTROL_MEMBERS = 64;
/** Octets of a key file. */
export const MAX_KEY_FILE_BYTES = 16 * 1024;
/** Octets of a configuration file. */
export const MAX_CONFIG_BYTES = 256 * 1024;

// keys (RULES R30; protocol/spec/keys.md)
/** Characters of one PEM block: an RSA key of 4,096 bits takes 800. */
export const MAX_PEM_CHARS = 4_096;
/** RSA keys of others' attestations: shorter ones are breakable, longer ones cost too much to check. */
export const MIN_RSA_BITS = 2_048;
export const MAX_RSA_BITS = 4_096;
/** Octets of a verifier key's name: it stands in every signature line. */
export const MAX_KEY_NAME_BYTES = 255;
/** Ed25519 public keys kept ready for `node:crypto`: importing one costs a third of a verification. */
export const MAX_CACHED_KEYS = 1_024;
