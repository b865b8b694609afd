/** Every bound of the protocol, each with its reason. A number that bounds something stands here or nowhere. */

// feeds (RULES R8; tlog-tiles caps an entry at 65,535 octets)
/** Octets of one feed entry. */
export const MAX_ENTRY_BYTES = 65_535;
/** Entries of one bundle and hashes of one tile: C2SP tlog-tiles. */
export const TILE_WIDTH = 256;
/** Entries of one feed: indexes are kept as 5 octets in the store's keys. */
export const MAX_FEED_SIZE: number = 2 ** 40;
/** Hashes of an inclusion or consistency proof (RFC 6962 over 63-bit sizes). */
export const MAX_PROOF_HASHES = 63;
/** Octets of a signed note as read from strangers: room for many cosignatures. */
export const MAX_NOTE_BYTES = 16_384;
/** Octets of a checkpoint as kept and gossiped: body and a few lines. */
export const MAX_CHECKPOINT_BYTES = 1_024;
/** Signature lines read from a note (C2SP signed-note: at least 16). */
export const MAX_NOTE_SIGNATURES = 64;
/** Octets of a request to a witness: 63 hashes in base64, 45 each, and a note. */
export const MAX_WITNESS_REQUEST_BYTES = 20_480;
/** Requests to a witness under way or waiting for the one before: each is at most a few reads and one write. */
export const MAX_WITNESS_WAITING = 64;
/** Octets of a .tlog-proof file: an entry in base64 as its `extra` line, 63 hashes, a note. */
export const MAX_TLOG_PROOF_BYTES = 131_072;
/** Characters of a tile's path: the longest of a feed has 38. */
export const MAX_TILE_PATH_CHARS = 64;
/** Highest level of a tile: 256^5 entries are MAX_FEED_SIZE. */
export const MAX_TILE_LEVEL = 5;
/** Characters of an origin: `samebits/`, a network name of at most 32, `/`, 64 hex digits. */
export const MAX_ORIGIN_CHARS = 106;

// attestations and evidence (RULES R3, R8, R14)
/** Signatures of one envelope. */
export const MAX_SIGNATURES = 16;
/** Subjects of one statement. */
export const MAX_SUBJECTS = 64;
/** Rows of one list of sums: Bitcoin Core's have 28, Tor Browser's some hundred. A row of the index counts claims in one octet. */
export const MAX_SUMS_ROWS = 256;
/** Materials of one statement: more go in as one material, the .buildinfo's digest. */
export const MAX_MATERIALS = 256;
/** Octets of commits and tags, all together, that stand in a statement as samebits writes it: in base64 twice over and with the rest they fit into a record of the DHT, and six signed tags are no more. */
export const MAX_GIT_CONTENT_BYTES: number = 6 * 1024;
/** Commits and tags of which a statement is read to have the octets, and tags that it may name: whoever signs, signs one or two. */
export const MAX_GIT_OBJECTS = 16;
/** Octets of the name of a branch, and of a tag: git writes it as a file's. */
export const MAX_GIT_NAME_BYTES = 255;
/** Characters of a repository's address. */
export const MAX_REPOSITORY_CHARS = 1_024;
/** Submodules of a commit, at any depth: half of the materials. */
export const MAX_SUBMODULES = 128;
/** Submodules inside submodules. */
export const MAX_SUBMODULE_DEPTH = 8;
/** Characters of a canonical purl. */
export const MAX_PURL_CHARS = 1_024;
/** Octets of a file name: what file systems carry. */
export const MAX_FILE_NAME_BYTES = 255;
/** Levels that a verification summary states. */
export const MAX_VSA_LEVELS = 16;
/** Octets of a step's name. */
export const MAX_STEP_BYTES = 128;
/** Octets of one signature: RSA 4096 has 512. */
export const MAX_SIGNATURE_BYTES = 1_024;
/** Octets of a key id as an envelope names it: a hint, so room for others' long ones, and no more. */
export const MAX_KEY_ID_BYTES = 256;
/** Octets of a material's or a legacy product's name: file systems' longest path. */
export const MAX_PATH_BYTES = 4_096;
/** Octets of the reason that a failure or a retraction gives: a paragraph; logs are elsewhere. */
export const MAX_REASON_BYTES = 1_024;
/** Claims that one retraction takes back: one for each subject that an attestation may have. */
export const MAX_RETRACTS = 64;
/** Octets of a SHA256SUMS file: Bitcoin Core's have 5 kB; 1 MB is 10,000 files. */
export const MAX_SUMS_BYTES = 1_048_576;
/** Octets of a .buildinfo: Debian's largest are about 300 kB. */
export const MAX_BUILDINFO_BYTES = 1_048_576;
/** Octets of a .dsc: the largest of Debian 12 have some 200 kB, nearly all of it the list of binaries. */
export const MAX_DSC_BYTES = 1_048_576;
/** Nesting of any JSON that we read. */
export const MAX_JSON_DEPTH = 32;
/** Octets of evidence: two envelopes of MAX_ENTRY_BYTES in base64, and their proofs. */
export const MAX_EVIDENCE_BYTES: number = 192 * 1024;

// keys (RULES R30; protocol/spec/keys.md)
/** Characters of one PEM block: an RSA key of 4,096 bits takes 800. */
export const MAX_PEM_CHARS = 4_096;
/** RSA keys of others' attestations: shorter ones are breakable, longer ones cost too much to check. */
export const MIN_RSA_BITS = 2_048;
export const MAX_RSA_BITS = 4_096;
/** Octets of an OpenPGP certificate, or of detached signatures: those of Bitcoin Core's builders have 80 KB where many certified them. */
export const MAX_CERTIFICATE_BYTES: number = 512 * 1024;
/** Octets of an armored signature of OpenSSH's: RSA of MAX_RSA_BITS with its key has 2 KB. */
export const MAX_SSH_SIGNATURE_BYTES: number = 16 * 1024;
/** Octets of a commit or tag: its message, and tags that were merged; Linux's largest have 40 KB. */
export const MAX_GIT_OBJECT_BYTES: number = 1024 * 1024;
/** OpenPGP signatures in that of one commit or tag, each tried with every key: hardly anybody signs with two at once. */
export const MAX_GIT_SIGNATURES = 4;
/** Parents of a commit: Linux has one with 66. */
export const MAX_GIT_PARENTS = 1_024;
/** Octets of a commit's note: 200 files of a release, signed by 20 with 4 KB each. */
export const MAX_GIT_NOTE_BYTES: number = 16 * 1024 * 1024;
/** Keys of one certificate: each costs a check of what binds it. */
export const MAX_CERTIFICATE_KEYS = 32;
/** Octets of a verifier key's name: it stands in every signature line. */
export const MAX_KEY_NAME_BYTES = 255;
/** Characters of a verifier key: of a name and a key, also of a type that is not read (ML-DSA-44 has 1,750). */
export const MAX_VKEY_CHARS = 4_096;
/** Ed25519 public keys kept ready for `node:crypto`: importing one costs a third of a verification. */
export const MAX_CACHED_KEYS = 1_024;

// frames (DESIGN 4.4, RULES R6, R8, R25; protocol/spec/wire.md)
/** Octets of a gossip frame: gossipsub copies every message to many neighbours. */
export const MAX_GOSSIP_BYTES: number = 32 * 1024;
/** Octets of a question or an answer on a stream: js-libp2p streams have no read back-pressure. */
export const MAX_STREAM_BYTES: number = 1024 * 1024;
/** Entries in the tail of one gossip frame: what `handle` hashes in one go. */
export const MAX_TAIL_ENTRIES = 256;
/** Hashes of a frontier: perfect subtrees of a feed of at most 2^40 entries. */
export const MAX_FRONTIER_HASHES = 40;
/** Hash tiles asked for at once: 64 of 8,192 octets fill half an answer. */
export const MAX_TILES_WANTED = 64;
/** Entries asked for at once; the answer holds what fits. */
export const MAX_ENTRIES_WANTED = 65_536;
/** Blobs, found entries or checkpoints in one answer: each costs us an object, whatever its octets. */
export const MAX_ANSWER_ITEMS = 4_096;
/** Targets and digests in one question. */
export const MAX_QUERY_KEYS = 1_000;
/** Signers named in one question (R25). */
export const MAX_NAMED_SIGNERS = 64;
/** Octets of a signer's key: SPKI of RSA 4096 has 550. */
export const MAX_SIGNER_BYTES = 600;
/** Octets of a page mark: whoever answers puts in what it needs to go on. */
export const MAX_PAGE_BYTES = 64;
/** Characters of a code in an answer. */
export const MAX_ANSWER_CODE_CHARS = 64;
/** Octets of an envelope stored in the DHT. */
export const MAX_RECORD_ENVELOPE_BYTES: number = 16 * 1024;
/** Records in one question to store. */
export const MAX_STORE_RECORDS = 256;
/** Slots asked for at once. */
export const MAX_FIND_SLOTS = 256;

// policies (protocol/spec/policy.md)
/** Octets of a policy file: some hundred builders with their keys. */
export const MAX_POLICY_BYTES: number = 512 * 1024;
/** Builders of one policy: more nobody can know; bounds the signatures checked for one artefact. */
export const MAX_POLICY_BUILDERS = 256;
/** Keys of one builder: old, new, one a machine. */
export const MAX_BUILDER_KEYS = 16;
/** Feeds named for one builder: its own and its carriers'. */
export const MAX_BUILDER_FEEDS = 16;
/** Roles of one builder. */
export const MAX_BUILDER_ROLES = 16;
/** Groups of one policy. */
export const MAX_POLICY_GROUPS = 256;
/** Rules of one policy: the first match decides, so they are tried one by one. */
export const MAX_POLICY_RULES = 1_024;
/** Requirements of one rule. */
export const MAX_REQUIREMENTS = 16;
/** Steps of one rule: source, build, sign, package, localise, review, and a few that nobody has named yet. Each is judged by itself. */
export const MAX_RULE_STEPS = 8;
/** Endings that files lose or get in one step. */
export const MAX_RENAMES = 16;
/** Characters of such an ending: `-unsigned.exe` and the like. */
export const MAX_RENAME_CHARS = 64;
/** Roles for which one member of a rule says a word of its own: more than anybody tells apart. */
export const MAX_ROLE_WORDS = 64;
/** Seats that the requirements of one rule have together. */
export const MAX_SEATS = 64;
/** Ways in which the nested groups of one rule can be met: each is tried, so their number bounds a judgement. */
export const MAX_WAYS = 1_024;
/** Choices of builders for the seats of one rule, where they are alike in several things: each may have to be tried, so their number bounds a judgement. */
export const MAX_CHOICES = 65_536;
/** Exceptions of one policy: more of them is no policy any more; they are tried one by one. */
export const MAX_POLICY_EXCEPTIONS = 256;
/** Files that one exception lists: the builds of one version for all architectures. */
export const MAX_EXCEPTION_FILES = 64;
/** Layouts of one policy: one a kind of package; each is read and its signatures checked when the policy is. */
export const MAX_POLICY_LAYOUTS = 64;
/** Values that one layout is given: it has few places for them. */
export const MAX_LAYOUT_PARAMETERS = 64;
/** Builders of a policy together with the functionaries of its layouts, a key each: bounds the signatures checked for one file, and the feeds followed. */
export const MAX_POLICY_FUNCTIONARIES = 1_024;
/** Octets of a pattern (RULES R29). */
export const MAX_PATTERN_BYTES = 256;
/** Wildcards of a pattern (RULES R29). */
export const MAX_PATTERN_STARS = 8;
/** Origins, or suites, that one rule asks apt's lists for: a release with its updates and backports has six. */
export const MAX_APT_NAMES = 16;
/** Octets of an operator's or a rule's name, as shown on screen. */
export const MAX_LABEL_BYTES = 128;
/** Days that an age in a policy may have: ten years. */
export const MAX_AGE_DAYS = 3_653;

// trust domains (protocol/spec/trust.md)
/** Octets of a root: keys of two roles, some 300 each, and a signature of each. */
export const MAX_ROOT_BYTES: number = 64 * 1024;
/** Octets of a document of targets: files, some 150 each, and delegations. */
export const MAX_TARGETS_BYTES: number = 256 * 1024;
/** Keys that a document lists. */
export const MAX_TRUST_KEYS = 64;
/** Signatures that a document bears: each of its keys and as many of the keys that it replaces. */
export const MAX_TRUST_SIGNATURES = 128;
/** Highest version of a document: one a minute for two thousand years; TUF's tools count in 32 bits. */
export const MAX_TRUST_VERSION = 1_073_741_824;
/** Files that one document of targets lists. */
export const MAX_TARGET_FILES = 1_024;
/** Octets of one file of a domain: policies are the largest. */
export const MAX_TARGET_FILE_BYTES: number = 1024 * 1024;
/** Characters of a file's name in a domain. */
export const MAX_TARGET_PATH_CHARS = 255;
/** Others to whom one document delegates: each may have to be fetched. */
export const MAX_DELEGATIONS = 64;
/** Patterns of one delegation. */
export const MAX_PURL_PATTERNS = 64;
/** Delegations one below the other: a distribution, a team of it, a maintainer. */
export const MAX_TRUST_DEPTH = 3;
/** Documents of targets of one domain, all delegates': each is fetched and checked. */
export const MAX_TRUST_ROLES = 128;
/** Roots of one chain that are walked: four a year for 256 years; each is checked whenever the domain is used. */
export const MAX_TRUST_ROOTS = 1_024;
/** Octets of the proof that a domain has split: with it the chain before, some 2 KB a root, and no more than a page of documents in the mesh has. */
export const MAX_SPLIT_BYTES: number = 1024 * 1024;
/** Octets of the files that a domain lists itself, and of all with those of its delegates, where a delegate wants more: a client keeps at most twice as many. */
export const MAX_TRUST_FILES_BYTES: number = 64 * 1024 * 1024;
/** Octets of `domain.toml`: addresses, a line each. */
export const MAX_DOMAIN_FILE_BYTES: number = 64 * 1024;
/** Addresses, mirrors or witnesses in it: as many as one command uses. */
export const MAX_DOMAIN_LIST = 64;
/** Days that targets should last at most, so that nobody can show old ones for long. */
export const MAX_TARGETS_DAYS = 90;
/** Hex digits of a fingerprint, at least: 160 bits, so that nobody makes a second root that fits. */
export const MIN_FINGERPRINT_CHARS = 40;

// domains on a machine
/** Octets of a domain in one file: its files in base64, and documents. */
export const MAX_TRUST_ARCHIVE_BYTES: number = 96 * 1024 * 1024;
/** Domains that are pinned at one time, and octets of what is remembered of one. */
export const MAX_PINNED_DOMAINS = 64;
export const MAX_TRUST_STATE_BYTES: number = 2 * 1024 * 1024;
/** Keys of builders that a domain removed, as far as they are remembered, the newest: 3 KB each at most, in MAX_TRUST_STATE_BYTES. */
export const MAX_REMOVED_KEYS = 512;
/** Verdicts remembered that rested on a domain's policy, some 400 octets each: a large installation. */
export const MAX_REMEMBERED_VERDICTS = 16_384;
/** Files in which they are, one a run, before they are joined; and octets of one. */
export const MAX_VERDICT_FILES = 64;
export const MAX_VERDICT_FILE_BYTES: number = 16 * 1024 * 1024;
/** Days before the end of a document when its users and owners are told. */
export const EXPIRY_WARNING_DAYS = 14;
/** Octets of a domain's fingerprint by which the mesh knows it: 160 bits, as many as a pin has at least. */
export const DOMAIN_NAME_BYTES: number = MIN_FINGERPRINT_CHARS / 2;
/** Octets of domains that a node carries for others, in memory: a policy of 256 builders takes 200 KB. */
export const MAX_CARRIED_BYTES: number = 16 * 1024 * 1024;
/** Peers that are asked for a domain, and of these that one command uses: some of those that say that they carry it lie. */
export const MAX_CARRIERS = 16;
/** Rounds of peers that an update goes through while none brings anything newer: 48 peers in all, none of them twice. */
export const CARRIER_ROUNDS = 3;
/** ms for finding who carries a domain. */
export const CARRIERS_MS = 15_000;
/** ms between two looks of a node at what is pinned, and between two updates of it: who keeps a domain's news back can do so for that long. */
export const DOMAIN_LOOK_MS = 5_000;
export const DOMAIN_UPDATE_MS = 3_600_000;
/** ms between two updates of a domain that says nothing at present: what makes it speak again should not be waited for. */
export const DOMAIN_AGAIN_MS = 300_000;
/** Failures with domains that a node remembers to have told of, so that each is told once: they name peers, whom anybody can be. */
export const MAX_TOLD_FAILURES = 256;
/** Peers whose word that a domain has news is passed on, for each version: so many sources suffice, and each is flooded. */
export const MAX_DOMAIN_TELLERS = 4;
/** Versions of domains of which is remembered who told. */
export const MAX_SEEN_DOMAIN_NEWS = 1_024;
/** News a second that are passed on of each domain that is carried here, and of all others together; of one neighbour; and at once. Domains change once a week. */
export const DOMAIN_NEWS_PER_SECOND = 2;
export const DOMAIN_NEWS_PER_NEIGHBOUR = 1;
export const DOMAIN_NEWS_BURST = 16;
/** ms until news are told a second time, to those who were not met the first time: longer than gossip remembers what it has seen. */
export const DOMAIN_NEWS_AGAIN_MS = 150_000;
/** ms within which a peer looks for what it has heard of, by lot: the teller is not asked by all at once. */
export const DOMAIN_HINT_JITTER_MS = 1_500;
/** Looks for one domain that its news may cause at once, and ms for each further one: whoever makes news up causes no more. */
export const DOMAIN_HINT_BURST = 3;
export const DOMAIN_HINT_MS = 60_000;
/** Peers that are asked first then: tellers, and who passed it on. */
export const MAX_DOMAIN_HINT_PEERS = 8;
/** Characters of a peer's name in such news: those of libp2p have 52 to 59. */
export const MAX_PEER_NAME_CHARS = 128;
/** ms that a peer has for one page of a document. */
export const CARRIER_ASK_MS = 10_000;
/** ms that one peer may let a command wait for a domain in all: some MB over a slow line, and sixteen who dawdle are over before the next update. */
export const CARRIER_TOTAL_MS = 60_000;
/** Octets of each page of a document but the last: half of what an answer holds. */
export const MIN_CARRIED_PAGE_BYTES: number = 480 * 1024;
/** ms that a web server has for one document or file of a domain. */
export const TRUST_REQUEST_MS = 20_000;

// verdicts and bundles (protocol/spec/verdict.md)
/** ms after which the head of a feed is no longer fresh where the rule sets no age: heads are timed hourly (RULES R10). */
export const FRESH_HEAD_MS: number = 24 * 60 * 60 * 1000;
/** ms for which sources may lag behind a head that this verifier has seen: DHT records live so long (RULES R22, R25). */
export const HEAD_LAG_MS: number = 48 * 60 * 60 * 1000;
/** ms that a time may lie ahead of the verifier's clock (RULES R10). */
export const MAX_CLOCK_SKEW_MS: number = 5 * 60 * 1000;
/** Names of tags, and repositories, that a rule takes: a release has one or two of each. */
export const MAX_SOURCE_NAMES = 16;
/** Choices between builders that signed the very same imported link: each is tried. */
export const MAX_ECHO_CHOICES = 256;
/** Attestations of one key among which proofs of contradictions are sought for a verdict: one is enough, and pairs of hundreds would take minutes. */
export const MAX_PROVEN_EACH = 4;
/** Sources of one file for which votes are counted, of each builder by itself, where a rule asks for one: what one builder can honestly name, built again with other records. */
export const MAX_SOURCES_EACH = 16;
/** Octets of a link or layout in a file: a link with 10,000 materials and as many products has 3 MB, with long names and two digests each 8. */
export const MAX_LINK_BYTES: number = 16 * 1024 * 1024;
/** Materials, and products, of one link: twice a source tree of 30,000 files. */
export const MAX_LINK_ARTIFACTS = 65_536;
/** Octets of a layout's readme, and of one word of a command: they are read by people. */
export const MAX_LAYOUT_BYTES: number = 64 * 1024;
/** Keys of a layout: 100 functionaries, and room. Each is parsed, and tried where no id hints at who signed. */
export const MAX_LAYOUT_KEYS = 1_024;
/** Steps of a layout, and inspections. */
export const MAX_LAYOUT_STEPS = 256;
/** Rules of one side of a step: each looks at all artifacts that are left. */
export const MAX_LAYOUT_RULES = 256;
/** Words of the longest rule: `MATCH p IN s WITH PRODUCTS IN d FROM step`. */
export const MAX_RULE_WORDS = 10;
/** Algorithms of one artifact. */
export const MAX_ARTIFACT_DIGESTS = 16;
/** Digits of one digest: twice those of SHA-512. */
export const MAX_DIGEST_DIGITS = 256;
/** Subkeys of one OpenPGP key: one for each device, for years. */
export const MAX_SUBKEYS = 64;
/** Words of a command. */
export const MAX_LAYOUT_WORDS = 1_024;
/** Layouts in layouts: an organisation, its teams, theirs. */
export const MAX_SUBLAYOUT_DEPTH = 8;
/** Sublayouts verified for one layout: one may be a step's in many steps, and in each of these again. */
export const MAX_SUBLAYOUTS = 1_024;
/** Signs of names that all patterns of one layout look at, a second's work: ten steps of 10,000 files, with six such rules a side, need half. */
export const MAX_PATTERN_LOOKS: number = 2 ** 27;
/** Different results of one step that are told apart: the step has failed with the second. */
export const MAX_STEP_RESULTS = 16;
/** Keys tried on one document: those of the longest layout, for signatures that name none. */
export const MAX_KEY_TRIALS: number = 4 * MAX_LAYOUT_KEYS;
/** Octets of a bundle file: proofs for thousands of artefacts. */
export const MAX_BUNDLE_BYTES: number = 256 * 1024 * 1024;
/** Octets of the path of a link in a folder: sublayouts nested MAX_SUBLAYOUT_DEPTH deep. */
export const MAX_LINK_PATH_BYTES = 4_096;
/** Octets of a folder of links, all together: what MAX_LINK_DOCUMENTS have, none of which is unusual. */
export const MAX_LINK_FOLDER_BYTES: number = 256 * 1024 * 1024;
/** Materials of a file's steps that the steps before are sought by, a round: a question takes MAX_QUERY_KEYS. A build's dependencies are more; of those that are too many the first by digest. */
export const MAX_SOUGHT_MATERIALS = 256;
/** Rounds of asking for the steps before: a layout has rarely more in a row. */
export const MAX_LINK_ROUNDS = 8;
/** Inspections that one command runs, of all layouts and files together: each takes MAX_INSPECTION_MS at most. */
export const MAX_INSPECTIONS_RUN = 32;
/** How long a layout's inspection may run, in ms: it unpacks and compares, and builds nothing. */
export const MAX_INSPECTION_MS = 60_000;
/** What it may print: nobody reads it but the last line of an error. */
export const MAX_INSPECTION_OUTPUT_BYTES: number = 1024 * 1024;
/** Processes that it may have at once: a shell with a few pipes. */
export const MAX_INSPECTION_PROCESSES = 256;
/** Memory of each of its processes, in octets of address space. */
export const MAX_INSPECTION_MEMORY_BYTES: number = 4 * 1024 * 1024 * 1024;
/** Files and folders that it may find and leave: a source tree. */
export const MAX_INSPECTED_FILES = 20_000;
/** Octets of these together, all of which are hashed before and after. */
export const MAX_INSPECTED_BYTES: number = 2 * 1024 * 1024 * 1024;
/** Links and sublayouts in folders that are considered for one verification: 10 steps of 100 functionaries each, and as many of other versions. */
export const MAX_LINK_DOCUMENTS = 4_096;
/** Files of a folder of bundles, all of them together of MAX_BUNDLE_BYTES: one for each package of an image. */
export const MAX_BUNDLE_FILES = 4_096;
/** Lines of a bundle file. */
export const MAX_BUNDLE_LINES = 1_000_000;

// the peer: feeds and their heads (RULES R7, R8, R11, R18, I9; protocol/spec/peer.md)
/** Feeds known at once, of all classes: 14 KB each at worst, cosigned heads apart. */
export const MAX_FEEDS = 4_096;
/** Feeds that nobody here follows: the rest of MAX_FEEDS is kept free for the others. */
export const MAX_UNKNOWN_FEEDS = 1_024;
/** One unknown feed may fill the n-th part of the room for all of them. */
export const UNKNOWN_FEED_SHARE = 4;
/** Feeds that pinned witnesses vouch for: a witness that cosigns whatever it is shown makes no more of them than policies have builders. */
export const MAX_VOUCHED_FEEDS = 256;
/** Of the room for feeds that nobody follows they may fill the n-th part, the unknown never. */
export const VOUCHED_SHARE = 2;
/**
 * Octets that an entry counts for beside its own where feeds have a room: the rows of itself and of its hashes, 76 of an entry of one octet. Index rows
 * repeat what stands in it: on disk all is at most three times what counts.
 */
export const ENTRY_ROW_BYTES = 128;
/**
 * Half of the room for followed feeds is divided among them by their number; the other half is for whoever needs more. One that grows
 * without end leaves the others their part.
 */
export const FOLLOWED_ROOM_HALVES = 2;
/** ms until it is looked again whether there is room for what had none: strangers' feeds draw lots for it each time. */
export const ROOM_AGAIN_MS = 30_000;
/** Heads of one feed that are not joined yet (R11). */
export const MAX_UNRESOLVED_HEADS = 8;
/** Peers remembered as sources of one feed. */
export const MAX_FEED_SOURCES = 8;
/** Peers whose budgets are remembered, connected or not. */
export const MAX_PEERS = 1_024;
/** (origin, size, root) remembered so that each is forwarded once (R7). */
export const MAX_SEEN_HEADS = 16_384;
/** Heads a second that one feed may have forwarded (R8), and what may come at once. */
export const FEED_HEADS_PER_SECOND = 10;
export const FEED_HEADS_BURST = 40;
/** Heads a second of unknown feeds that are forwarded in all, and of one neighbour (R11). */
export const UNKNOWN_HEADS_PER_SECOND = 50;
export const UNKNOWN_HEADS_PER_NEIGHBOUR = 10;
/**
 * Pieces of evidence a second that are checked of what one neighbour gossips, twice as many at once: of what accuses a key that somebody here minds, of all
 * others, and of those that have to be fetched, so many each. No number of heads, and nothing about strangers' keys, keeps the first from being heard.
 */
export const EVIDENCE_PER_NEIGHBOUR = 10;
/** Heads of unknown feeds verified in exchanges with one peer: a second, and at once. */
export const EXCHANGED_HEADS_PER_SECOND = 50;
export const EXCHANGED_HEADS_BURST = 2_048;
/** Heads a second that are gossiped on after they were pulled. */
export const PASSED_HEADS_PER_SECOND = 5;
/** Heads in one answer. */
export const MAX_HEADS_ANSWERED = 256;
/** Octets by which an asker names a head that it has: the feed's owner would need 2^64 heads for two of one name. */
export const KNOWN_NAME_BYTES = 16;
/** Heads named in one question, so that it stays half of what a question may have; further ones are told again. */
export const MAX_HEADS_KNOWN = 512;
/** Pages of heads asked of one peer at a time: MAX_FEEDS feeds of ordinary size. */
export const MAX_HEADS_PAGES = 64;
/** ms until the heads of some peer are asked for again. */
export const HEADS_INTERVAL_MS = 30_000;
/** ms by which the pull after a head without tail is spread (R8). */
export const MAX_HEAD_JITTER_MS = 200;
/** ms without a head after which a followed feed is called silent. */
export const SILENT_MS: number = 48 * 3_600_000;
/** ms between two looks at silences after which nobody could be heard meanwhile: the machine slept, or its clock was put ahead. Ticks are a second apart, in the simulator's long scenarios minutes. */
export const ABSENT_MS: number = 6 * 3_600_000;
/** ms since the newest time line of its own after which a feed counts as stale: three hourly ones are missing (R10). */
export const STALE_FEED_MS: number = 4 * 3_600_000;
/**
 * ms for which others go on showing a feed that is stale before it is told of: every one of them was asked for heads meanwhile, and a newer line would be
 * here. A node that was off has as long to catch up.
 */
export const STALE_SHOWN_MS: number = 10 * 60_000;
/** ms for which a feed's own time lines are about one head until it counts as quiescent: a rebuilder that works has news within a day. */
export const QUIESCENT_MS: number = 24 * 3_600_000;
/** Statements on the end of a feed that are checked of each feed that lists them, since the start: a signature each, and one feed succeeds a few. */
export const MAX_ENDINGS_TRIED = 16;
/** Rows deleted in one step when a feed goes. */
export const EVICT_STEP_ROWS = 256;
/** ms for which a peer that sent what its bytes alone show to be wrong is not taken back. */
export const DROP_MS = 600_000;

// the peer: witnesses (RULES R10, R11; protocol/spec/peer.md)
/** Seconds between two cosignatures of one witness for one feed: what goes through the mesh of them stays small beside the feed's own heads. */
export const COSIGN_INTERVAL_S = 60;
/** Seconds after which a head that is still the newest is cosigned again: six times within FRESH_HEAD_MS, 2 MB a day for 20 feeds and 5 witnesses. */
export const COSIGN_AGAIN_S: number = 4 * 3_600;
/** ms after the start before which a witness cosigns nothing by itself: whoever keeps what it cosigned later has told it by then. */
export const COSIGN_AFTER_MS = 60_000;
/** Heads that a witness cosigns by itself at one time: a few reads and one write each; requests keep most of MAX_WITNESS_WAITING. */
export const MAX_COSIGNING = 8;
/** Witnesses that a node pins: one cosigned head of each is kept for each feed, 0.8 KB. */
export const MAX_PINNED_WITNESSES = 32;
/** Cosigned heads kept of one feed by witnesses that nobody here has pinned; none of feeds that nobody follows. */
export const MAX_STRANGE_COSIGNATURES = 8;
/** Cosigned heads that a node tells of one feed: its own witness's too. */
export const MAX_TOLD_COSIGNATURES: number = MAX_PINNED_WITNESSES + MAX_STRANGE_COSIGNATURES + 1;
/** Octets of a file of cosigned heads in a feed's folder, `cosigned` with these or `cosigned-past`: the heads, and an empty line between two. */
export const MAX_COSIGNED_BYTES: number = MAX_TOLD_COSIGNATURES * (MAX_CHECKPOINT_BYTES + 1);
/**
 * Old cosigned heads of a feed, by pinned witnesses (past.ts): of each the last of each hour for two days, of each day for 400 days, of each
 * four weeks for as long as a policy may ask back. Days tell well enough what a revoked key signed before, hours a time in the feed of less.
 */
export const PAST_HOURS_S: number = 2 * 86_400;
export const PAST_DAYS_S: number = 400 * 86_400;
export const PAST_SPAN_S: number = 28 * 86_400;
export const PAST_FOR_S: number = MAX_AGE_DAYS * 86_400;
/** The same of feeds that nobody follows: a pinned witness chooses them, 256 of them, so 13 MB for each witness and not 80. */
export const PAST_VOUCHED_S: number = 32 * 86_400;
/** Such heads of one witness and feed: 49 hours, 401 days, 118 times four weeks, and a day's hours until they are thinned; 0.3 MB, 0.6 MB at most. */
export const MAX_PAST_COSIGNATURES = 592;
/** Heads in the file `cosigned-past` of a feed's folder: eight witnesses' at their most, 2.4 MB as a rule and 4.9 MB at most. */
export const MAX_TOLD_PAST: number = 8 * MAX_PAST_COSIGNATURES;
export const MAX_PAST_BYTES: number = MAX_TOLD_PAST * (MAX_CHECKPOINT_BYTES + 1);
/** Times that one question names: a rule's and those of a few revoked keys. */
export const MAX_SINCE_TIMES = 4;
/** The last second of the year 9999: what a time in a key has room for, and more than any clock says. */
export const MAX_SINCE_S = 253_402_300_799;
/** Old cosigned heads that are looked up for one question: 4 times, 8 witnesses, 8 feeds; a read of one row each. */
export const MAX_PAST_READS = 256;
/** Pairs of feed and witness whose newest time is remembered, so that each line is forwarded once. */
export const MAX_SEEN_COSIGNATURES = 16_384;

// the peer: synchronising and serving
/** Octets verified and not yet stored, of one feed and in all: beyond it a tail is left to the pull. */
export const MAX_UNSTORED_FEED_BYTES: number = 4 * 1024 * 1024;
export const MAX_UNSTORED_BYTES: number = 16 * 1024 * 1024;
/**
 * Octets of bundles in one write, unless one bundle has more. LevelDB's copy of a write grows by doubling: up to some 200 KiB it takes 416 KiB at most,
 * which glibc keeps for the next one (client/cli/samebits.sh). Larger copies would be new pages each time, which cost more than the copying.
 */
export const MAX_BUNDLES_WRITE_BYTES: number = 128 * 1024;
/** Octets of a feed's bundles that are verified and not yet stored: one write is on its way while the next one waits. */
export const MAX_UNSTORED_BUNDLES_BYTES: number = 2 * MAX_BUNDLES_WRITE_BYTES;
/** ms over which the pace of synchronisation is measured, and between the marks that it is measured by. */
export const PACE_WINDOW_MS = 10_000;
export const PACE_STEP_MS = 1_000;
/** Questions of synchronisation in flight: each answer is at most MAX_STREAM_BYTES. */
export const MAX_SYNC_ASKS = 8;
/** Entries missing of a feed from which on they are fetched as bundles from several sources: less is one page or two. */
export const MIN_BULK_ENTRIES = 1_024;
/** Entries of which the bundles' hashes are fetched and held at a time: 8 KiB, two more questions for some 50 MB. A multiple of TILE_WIDTH. */
export const MAX_SEGMENT_ENTRIES = 65_536;
/** Feeds that are fetched as bundles at once, in turn; each may wait for one answer of MAX_STREAM_BYTES whatever the others hold. */
export const MAX_BULK_FEEDS = 16;
/** Questions for bundles in flight, in all and to one peer: answers are read, sent and taken in while others are on the way. */
export const MAX_BUNDLE_ASKS = 8;
export const MAX_PEER_BUNDLE_ASKS = 4;
/** Bundles of one question: 1,024 entries of 900 octets fill an answer. */
export const MAX_BUNDLES_ASKED = 4;
/** Bundles behind the first missing one that are asked for: MAX_BUNDLE_ASKS questions. */
export const MAX_BUNDLES_AHEAD = 32;
/** Octets of bundles that wait for one before them or are in flight, beyond which only the first missing one of a feed is asked for. */
export const MAX_BUNDLES_BYTES: number = 16 * 1024 * 1024;
/** Times the usual wait, and ms at least, after which a bundle that holds up the others is asked of another source too. */
export const SLOW_BUNDLE_TIMES = 4;
export const SLOW_BUNDLE_MS = 500;
/** ms for which a source that was overtaken is left alone; after a failure too, and after each further one twice as long, so many times. */
export const SOURCE_REST_MS = 10_000;
export const MAX_SOURCE_RESTS = 6;
/** ms, or times what the last one took, that a source of a page, or of hashes, has while there are others: 1 MiB at 4 Mbit/s. */
export const SLOW_SOURCE_MS = 2_000;
export const SLOW_SOURCE_TIMES = 4;
/** ms until a source that has no time is asked again, and how often in a row before that counts as a failure: its budget fills up in between. */
export const SOURCE_BUSY_MS = 1_000;
export const MAX_BUSY_WAITS = 3;
/** Sources of a feed of which is known how they did: eight times as many as are remembered to have it. */
export const MAX_RESTS = 64;
/** Sources whose bundles fill no answer before pages are asked for: one could make that up. */
export const MIN_OVERFULL_SOURCES = 2;
/** ms, times the failures in a row, until a feed's missing entries are asked for again. */
export const SYNC_RETRY_MS = 500;
/** Failures of all sources in a row after which what is missing counts as withheld (R18). */
export const MAX_SYNC_FAILURES = 6;
/** ms for which what is missing must be missing before it counts as withheld (R18). */
export const WITHHELD_AFTER_MS = 20_000;
/** ms after which somebody is asked how a gossiped head goes together with the others: fetching its entries tells as a rule. */
export const JOIN_AFTER_MS = 2_000;
/** ms, times the failures in a row, until that is asked again. */
export const JOIN_RETRY_MS = 2_000;
/** Failures after which that waits at all: whoever is asked first may hold the other branch. */
export const QUICK_JOINS = 4;
/** Failures after which the wait gets no longer. */
export const MAX_SLOW_JOINS = 15;
/** How often tiles are asked for that show where two branches part, and ms between. */
export const MAX_SEARCHES = 5;
export const SEARCH_RETRY_MS = 10_000;
/** Questions about pairs of heads of one feed at once: each head with the largest, with room for those accepted and held (I2). */
export const MAX_FEED_JOINS = 10;
/** Peers that are asked for tiles of one branch of a fork. */
export const MAX_SEARCH_SOURCES = 4;
/** ms that a question to a peer may take. */
export const ASK_TIMEOUT_MS = 10_000;
/** Sources that must have answered about the own feed before a restored or copied store may sign again (I1). */
export const OWN_SOURCES = 3;
/** ms that publishing waits, after an ordinary start, for what others know of the own feed: whoever is near answers within one. */
export const OWN_CHECK_MS = 3_000;
/** ms until a source that had nothing to say of the own feed is asked again, and how many are asked at once. */
export const OWN_ASK_AGAIN_MS = 30_000;
export const MAX_OWN_ASKS = 8;
/** Octets a second that one peer is served, and what it may take at once. */
export const SERVE_BYTES_PER_SECOND: number = 16 * 1024 * 1024;
export const SERVE_BURST_BYTES: number = 128 * 1024 * 1024;
/** Answers in preparation at once: each holds at most MAX_STREAM_BYTES. */
export const MAX_SERVING = 16;
/** Of them for one peer, once half of all are taken: who asks for what takes long does not keep all others from being answered. */
export const MAX_PEER_SERVING = 4;
/** Octets of blobs in an answer: the rest of a frame is for its fields. */
export const ANSWER_FILL_BYTES: number = 960 * 1024;
/** Hash tiles kept ready: 2 MB. */
export const MAX_CACHED_TILES = 256;
/**
 * Entries that came as a bundle and stand in one row, and the octets that they may have there: a row costs both ends as much as three small entries, and
 * who asks for one entry reads all of its row. TILE_WIDTH is a multiple of the first.
 */
export const PACK_ENTRIES = 16;
export const MAX_PACK_BYTES: number = 32 * 1024;
/** Rows of one read: what a page of the store carries. */
export const MAX_ROWS_READ = 4_096;

// the peer: publishing
/** Entries published in one batch, and their octets: what is hashed and written in one go. */
export const MAX_BATCH_ENTRIES = 1_024;
export const MAX_BATCH_BYTES: number = 1024 * 1024;
/** Entries waiting to be published, parsed: 5 KB each as a rule. */
export const MAX_WAITING_ENTRIES = 16_384;
/** ms between two heads of the own feed (R8; DESIGN 4.4: flushed every 100 to 250 ms): what comes meanwhile goes out together. */
export const MIN_HEAD_INTERVAL_MS = 200;
/** ms between two time lines of the own feed (R10). */
export const TIME_LINE_MS = 3_600_000;
/** ms after which a head without time line gets one although the last one is younger than TIME_LINE_MS. */
export const TIME_LINE_OF_NEW_HEAD_MS = 60_000;
/** Octets of a tail that goes into a gossip frame, the rest being checkpoint and frontier. */
export const MAX_TAIL_BYTES: number = 28 * 1024;

// the peer: claims, evidence and findings (RULES R9, R14)
/** Entries whose signature was checked, remembered until restart. */
export const MAX_CHECKED_ENTRIES = 16_384;
/** Parsed entries kept for a moment: 5 KB each as a rule, 0.25 MB with 64 subjects. */
export const MAX_RECENT_ENTRIES = 512;
/** Signatures handed over for checking at once. */
export const MAX_CHECK_ITEMS = 256;
/**
 * Signatures that are no Ed25519 ones (RULES R30), a second and feed: OpenPGP's take 1 to 4 ms of a worker, so that a feed takes a tenth of a core
 * at most for as long as it floods.
 */
export const SLOW_CHECKS_PER_SECOND = 32;
/** Saved up by a feed: what a question about some packages, and a day's import, take at once. */
export const SLOW_CHECK_BURST = 512;
/** Checked in one go before another feed's turn: some 50 ms. */
export const SLOW_CHECK_SLICE = 16;
/** What a feed may have spent beyond that: the claims about one target, each by all keys that are tried. Longer no flood keeps it waiting. */
export const SLOW_CHECK_DEBT = 1_024;
/** Targets that wait for one feed's slow checks, 0.2 KB each: beyond, no more of its entries are indexed for now. */
export const MAX_PARKED_TARGETS = 4_096;
/** Keys that are tried on one entry. */
export const MAX_KEYS_TRIED = 4;
/** Entries read, parsed and indexed in one step of the indexing job. */
export const INDEX_STEP_ENTRIES = 256;
/** Entries of one gossip tail that are indexed in the same write; more wait for the job. */
export const INDEX_AT_ONCE = 64;
/** ms for which the job waits while entries stream in, once until it has caught up: indexing beside costs them a tenth, and an alert may take 2 s. */
export const INDEX_REST_MS = 1_500;
/** The same where bundles of a feed stream in: what is old to everybody else is no news to alert about, and they come in faster. */
export const INDEX_BULK_REST_MS = 10_000;
/**
 * Entries a second that the audit looks at, of all feeds together: reading, parsing and checking one takes 0.25 ms, which makes 0.25 % of a
 * core beside the half per cent that an idle node takes. 65,000 entries take 1.8 hours, 20 feeds of them a day and a half.
 */
export const AUDIT_ENTRIES_PER_SECOND = 10;
/** Entries that it may have saved up, and looks at in one go: starting the worker for it takes 0.7 s, as much as 2,800 entries. */
export const AUDIT_BURST_ENTRIES = 6_144;
/** Entries of one look: what one check of signatures takes, and what a worker is started for (CHECK_WORKER_FROM). */
export const AUDIT_STEP_ENTRIES = 256;
/** Octets that count as one entry: larger ones take as much longer to read, parse and hash. */
export const AUDIT_ENTRY_BYTES = 4_096;
/** Octets of a package's name that stand in a search row's key. */
export const MAX_NAME_KEY_BYTES = 128;
/** Known keys that one legacy link is indexed under. */
export const MAX_LEGACY_SIGNERS = 4;
/** Targets whose claims are read at once when contradictions are looked for: each read holds some of the store's files mapped, and it has four threads. */
export const MAX_EXAMINED_TARGETS = 16;
/** Targets that wait for it while the index goes on: some 300 octets each. */
export const MAX_WAITING_TARGETS = 1_024;
/** Claims about one target that are looked at. */
export const MAX_TARGET_CLAIMS = 256;
/** Findings kept; the oldest go. */
export const MAX_FINDINGS = 100_000;
/** Octets of a finding's row, its evidence apart: purl, file and two keys. */
export const MAX_FINDING_ROW_BYTES = 8_192;
/** ms until a finding that could not be written is tried again, and how many wait for that: evidence of 12 KB each as a rule. */
export const FINDING_AGAIN_MS = 10_000;
export const MAX_FINDINGS_AGAIN = 64;
/** Findings about keys that nobody here follows, and octets of their evidence (R14): a room of their own. */
export const MAX_STRANGER_FINDINGS = 1_000;
export const MAX_STRANGER_EVIDENCE_BYTES: number = 16 * 1024 * 1024;
/** Pieces of evidence against one feed that are handed out at once. */
export const MAX_EVIDENCE_ANSWERED = 4;
/**
 * Attempts to frame somebody that are told of at once, and how many an hour after that: who makes up peers can make up as many as he likes, and a person
 * who reads of a few has read of all.
 */
export const MAX_REFUTED_NAMED = 8;
export const REFUTED_PER_HOUR = 1;
/** Evidence frames remembered so that each is forwarded once. */
export const MAX_SEEN_EVIDENCE = 4_096;
/** Octets of evidence that go into a gossip frame; longer evidence is named by its id and asked for. */
export const MAX_GOSSIPED_EVIDENCE_BYTES: number = 12 * 1024;

// the peer: finding (RULES R20)
/** Entries that one page of an answer looks at: each costs a read, a parse and, the first time, a signature. */
export const MAX_FOUND_ENTRIES = 4_096;
/** Feeds whose claims about a target are read one by one when strangers have filled its rows. */
export const MAX_LOOKED_UP_FEEDS = 64;
/** Index rows that one question reads, 0.3 KB each while it is answered: of each of its keys equally many, MAX_TARGET_CLAIMS at most. */
export const MAX_QUESTION_ROWS = 65_536;
/** Reads of such feeds' claims for one question: 0.3 s of the store's threads, for as many feeds as that is of each key whose rows are filled. */
export const MAX_CROWDED_READS = 16_384;
/** Entries read, checked and proven in one step of a look-up. */
export const LOOKUP_STEP_ENTRIES = 64;
/** Consistency proofs that one `find` hands back: one for each size that witnesses cosigned of each feed; 2 KB each at most. */
export const MAX_FIND_JOINS = 256;
/** Heads with a witness's line that a `find` takes from one peer, 25 feeds and 5 witnesses, and proofs for them: 1 KB and 2 KB each at most. */
export const MAX_PEER_COSIGNED = 128;
export const MAX_PEER_JOINS = 64;
/** What an answer to a question with times has beside: 8 feeds, 4 witnesses, 4 times, and proofs for them. */
export const MAX_PEER_PAST = 128;
/**
 * Entries of which another peer's proof is kept beside the first, and their octets: a bad one must not keep out the good, and another head may
 * be the one that witnesses saw. Peers of the DHT that bring one of the same entry: connected peers bring one each.
 */
export const MAX_FIND_OTHER_PROOFS = 1_024;
export const MAX_FIND_OTHER_BYTES: number = 8 * 1024 * 1024;
export const MAX_RECORD_PROOFS = 4;
/** Entries with proofs that one `find` hands back, and their octets. */
export const MAX_FIND_RESULTS = 4_096;
export const MAX_FIND_BYTES: number = 32 * 1024 * 1024;
/** Connected peers that a `find` asks (R20). */
export const MAX_FIND_PEERS = 8;
/** What one `find` hands back of these: its own joins, and those of each peer. */
export const MAX_FIND_COSIGNED: number =
  MAX_PAST_READS + MAX_FIND_PEERS * (MAX_PEER_COSIGNED + MAX_PEER_PAST);
export const MAX_TOLD_JOINS: number = MAX_FIND_JOINS + MAX_FIND_PEERS * (MAX_PEER_JOINS + MAX_PEER_PAST);
/** Pages that one peer is asked for by one `find`. */
export const MAX_FIND_PAGES = 4;
/** Octets of an answer to a question for claims that are left to cosigned heads and the proofs between heads: MAX_PEER_COSIGNED of usual length. */
export const WITNESS_FILL_BYTES: number = 128 * 1024;
/** The same of an answer to a question with times. */
export const PAST_FILL_BYTES: number = 256 * 1024;
/** Slots that one `find` looks up in the DHT. */
export const MAX_FIND_LOOKUPS = 64;
/** ms that a question of `find` may take (R20). */
export const FIND_ASK_TIMEOUT_MS = 1_000;
/** ms that a look-up in the DHT may take. */
export const LOOKUP_TIMEOUT_MS = 4_000;
/** Look-ups in the DHT under way at once. */
export const MAX_LOOKUPS = 6;
/** Entries that a `find` takes from one peer: so many, and so many more for each key and builder asked for. */
export const FOUND_BASE = 64;
export const FOUND_OF_KEY = 8;
/** Pieces of evidence that one `find` reads here, and feeds whose evidence it asks others for. */
export const MAX_FIND_EVIDENCE = 1_024;
export const MAX_FIND_EVIDENCE_FEEDS = 16;
/** Octets of evidence that a `find` takes of one peer: a proof has 3 KB as a rule, and who asked is handed all of it. */
export const MAX_PEER_EVIDENCE_BYTES: number = 1024 * 1024;

// the peer: records of the DHT (RULES R25)
/** Peers that a record is stored at, or asked for, for each slot: the k of Kademlia. */
export const MAX_SLOT_PEERS = 20;
/** Claims of one signer in one slot; retractions beside them (R25). */
export const MAX_SLOT_CLAIMS = 4;
export const MAX_SLOT_RETRACTIONS = 16;
/** Signers in one slot, followed ones exempt (R25). */
export const MAX_SLOT_SIGNERS = 64;
/** Rows of one slot that are looked at: MAX_SLOT_SIGNERS and those followed, with a few claims each. */
export const MAX_SLOT_ROWS = 1_024;
/** Ranges of rows, for a slot and a signer each, that one answer reads: 16 slots of as many signers as a question names. */
export const MAX_RANGES_READ = 1_024;
/** Records kept for others in all: beyond it strangers' displace each other. */
export const MAX_RECORDS = 65_536;
/**
 * Records of followed builders, which never give way to others: two distributions of 65,000 attestations at two slots each, 0.4 GB as a
 * rule. In a mesh of more than some hundred peers nobody is near that many; what is not kept their feeds and `query` have.
 */
export const MAX_FOLLOWED_RECORDS = 262_144;
/** Records of one of them: half of that, so that one builder whose key is in wrong hands does not take the place of the others. */
export const MAX_BUILDER_RECORDS: number = MAX_FOLLOWED_RECORDS / 2;
/** Records drawn in one pass over all of them: a displacement then costs a look at 64 rows on average, and these 100 KB. */
export const RECORD_LOTS = 1_024;
export const RECORDS_PER_SECOND = 100;
export const RECORDS_BURST = 2_048;
/** Checkpoints that the records of one question may have: each costs a signature. */
export const MAX_RECORD_CHECKPOINTS = 16;
/** Seconds that a record is kept after a STORE (R25), and after which its publisher stores it again. */
export const RECORD_SECONDS: number = 48 * 3_600;
export const REPUBLISH_SECONDS: number = 20 * 3_600;
/** ms between two sweeps of expired records. */
export const RECORDS_SWEEP_MS = 60_000;
/** Own entries that make the sweep begin before SWEEP_DELAY_MS is over: a good question's worth. */
export const SWEEP_SOON_ENTRIES = 32;
/**
 * Own entries that are given their places in the key space in one step, and ms between two steps: four times as many as are handed on meanwhile. Reading,
 * parsing and checking them takes 2 % of a core, and no worker.
 */
export const SWEEP_PLAN_ENTRIES = 64;
export const SWEEP_PLAN_MS = 1_000;
/** Records of one batch of the sweep: 0.3 MB for each of some 25 peers, all on their way at once. */
export const SWEEP_BATCH_RECORDS = 128;
/**
 * Records a second that the sweep hands to their 20 peers, on average: a third of what a peer takes of one sender (RECORDS_PER_SECOND), as
 * in a small mesh each gets all of them. 65,000 attestations take 70 minutes at about 1.6 MB a second; once stored, 2 a second are due.
 */
export const SWEEP_RECORDS_PER_SECOND = 32;
/** ms between two looks whether anything is to be stored again: 20 hours have 7,200 of them. */
export const SWEEP_LOOK_MS = 10_000;
/** Bits that a place must share with the one looked up beyond those of its k-th peer: of its 20 closest, 17 are known at the far end, more nearer by. */
export const REGION_EXTRA_BITS = 2;
/** ms for which the peers named by one look-up are taken to be there. */
export const REGION_MS = 300_000;
/** Peers that the look-up of a region tells of: twice the k, so that those closest to the places around are among them. */
export const REGION_PEERS = 40;
/** ms after a publish until its records are stored in the DHT: what is published one by one goes in one question. */
export const SWEEP_DELAY_MS = 3_000;
/**
 * ms after the start, and without a word of a followed feed, until the DHT is asked for its head; by then all connected peers have been
 * asked for theirs. And ms until it is asked for the same feed again: an answer takes some twenty questions of Kademlia.
 */
export const RECALL_AFTER_MS = 120_000;
export const RECALL_INTERVAL_MS: number = 30 * 60_000;
/** ms until records are offered again that nobody took; doubled each time, up to the second. */
export const SWEEP_RETRY_MS = 10_000;
export const SWEEP_RETRY_MAX_MS = 3_600_000;

// the peer: provider records of feeds (DESIGN 4.4; protocol/spec/peer.md)
/** Feeds that a peer says it provides: with PROVIDE_STEP_MS each has its turn within an hour. */
export const MAX_PROVIDED_FEEDS = 256;
/** ms between two feeds that are announced: for each slot a look-up and 20 messages. */
export const PROVIDE_STEP_MS = 14_000;
/** ms over which the first announcement is spread from when a feed is whole here: those who follow it have it at the same moment. */
export const PROVIDE_AFTER_MS = 10_000;
/** ms that a provider record lives, and until it is renewed at the latest: two rounds may fail. */
export const PROVIDER_MS: number = 24 * 3_600_000;
export const PROVIDE_AGAIN_MS: number = 8 * 3_600_000;
/** ms until what nobody took is announced again, and for one announcement. */
export const PROVIDE_RETRY_MS = 20_000;
export const PROVIDE_TIMEOUT_MS = 10_000;
/** Providers kept of one key: with 8 addresses each an answer has at most a quarter of MAX_DHT_ANSWER_BYTES; more would be refused. */
export const MAX_PROVIDERS_OF_KEY = 32;
/** Keys that one peer is kept as a provider of: two slots for each of MAX_PROVIDED_FEEDS. */
export const MAX_KEYS_OF_PROVIDER: number = 2 * MAX_PROVIDED_FEEDS;
/** ms with anybody connected, before providers of a feed that nobody has are asked for: all connected have told their heads by then. */
export const PROVIDERS_AFTER_MS = 5_000;
/** ms without a further entry, after which those who showed a head of a feed count as lacking what stands under it. */
export const PROVIDERS_STUCK_MS = 8_000;
/** ms until providers of the same feed are asked for again; doubled, up to the second, each time that all who were named are tried. */
export const PROVIDERS_RETRY_MS = 30_000;
export const PROVIDERS_RETRY_MAX_MS: number = 30 * 60_000;
/** ms between two questions for providers: each takes some twenty messages of Kademlia. */
export const PROVIDERS_STEP_MS = 1_000;
/** Named providers that are called after one question: any of them that keeps its word will do. */
export const MAX_PROVIDER_CALLS = 4;
/** Such calls a second and at once, of all feeds: whoever names himself under many names costs no more. */
export const PROVIDER_CALLS_PER_SECOND = 0.1;
export const PROVIDER_CALLS_BURST = 16;
/** ms for one call, and from then on until a provider must have shown a head of the feed. */
export const PROVIDER_CALL_MS = 5_000;
export const PROVIDER_TRIAL_MS = 30_000;
/** ms for which one that did not is called for no feed: its record may live four times as long. */
export const PROVIDER_REST_MS: number = 6 * 3_600_000;
/** Such peers remembered; the oldest go. */
export const MAX_RESTING_PROVIDERS = 1_024;

// the shell: store and driver (node/)
/** Octets of one page of rows read from the store: what one answer on a stream holds. */
export const MAX_READ_BYTES: number = 1024 * 1024;
/** Octets of the writes that go to the store in one batch: with what LevelDB adds to each row its copy stays below 1 MiB, and need not be twice that. */
export const MAX_WRITE_GROUP_BYTES: number = 960 * 1024;
/**
 * Octets that LevelDB sorts in memory before it writes a file of them. With its own 4 MiB a feed that streams in makes more
 * files, and sorting these together holds up the writes; a node that takes much in has up to twice as much in memory, and maps the files as long as
 * they are unsorted. With 8 MiB a feed comes a fourteenth sooner, and takes 10 MB more at its highest.
 */
export const STORE_WRITE_BUFFER_BYTES: number = 6 * 1024 * 1024;
/**
 * Octets of one file of the store, and files that LevelDB keeps open, ten of them for itself. It maps those into memory: with its own 2 MiB and
 * 1,000 files a store of a million claims has most of its gigabyte resident. Opening another one takes some 50 µs.
 */
export const STORE_FILE_BYTES: number = 1024 * 1024;
export const STORE_OPEN_FILES = 74;
/** Events that wait for the engine: further gossip is left to anti-entropy, further questions are refused. */
export const MAX_QUEUED_EVENTS = 4_096;
/** Octets of questions and gossip that wait for the engine. */
export const MAX_QUEUED_BYTES: number = 16 * 1024 * 1024;
/** ms that the driver works on its queue before it lets sockets and timers have their turn. */
export const DRIVER_SLICE_MS = 8;
/** ms between two ticks of the engine at most. */
export const MAX_TICK_MS = 1_000;
/** Signatures checked in one go on the event loop: 3 to 5 ms. */
export const CHECK_SLICE = 32;
/** From this many signatures on they go to a worker: as many as come at once at most. They take 30 ms here, to copy them a quarter of one. */
export const CHECK_WORKER_FROM = 256;
/** ms until a worker without work is ended. */
export const CHECK_WORKER_IDLE_MS = 10_000;
/** ms that a stopping node gives to what it has in hand; it is gone within 5 s of SIGTERM. */
export const MAX_CLOSE_MS = 2_000;
/** The n-th part of a disk is left free by what followed feeds may take, for all else that writes to it; of the rest they may take the n-th part. */
export const DISK_RESERVE_SHARE = 20;
export const FOLLOWED_DISK_SHARE = 2;
/** Octets that must be free before a node whose disk was full starts anew: the store rewrites its log then. */
export const ROOM_BYTES: number = 8 * 1024 * 1024;
/** ms between two looks at that, and between two starts: doubled each time, from the first to the second of these. */
export const AGAIN_MS = 2_000;
export const AGAIN_MAX_MS = 60_000;
/** ms after which a start counts as one that went well. */
export const RUNS_WELL_MS = 600_000;

// the mesh (node/mesh; RULES R26, R27, I9)
/** Connections in all: each costs 0.1 MB on the heap, and about 0.4 MB resident (measured with 100). */
export const MAX_CONNECTIONS = 150;
/** Inbound ones of one /24 or /48 of the public net, and of one host of a private one, where many peers share a host. */
export const MAX_CALLS_OF_NEIGHBOURHOOD = 16;
export const MAX_CALLS_OF_HOST = 100;
/** Inbound ones of one peer: it needs one, and another when the first broke and that is not noticed yet. */
export const MAX_CALLS_OF_PEER = 4;
/** Octets of the length before a frame: lengths up to 256 MB, far more than any frame of libp2p or ours has. */
export const MAX_LENGTH_BYTES = 4;
/** Octets that a peer says while a protocol is agreed on: a few names; and when it answers, with what follows at once. */
export const MAX_NEGOTIATION_BYTES = 1_024;
export const MAX_EARLY_BYTES: number = 16 * 1024;
/** ms until a socket must have become a connection. */
export const HANDSHAKE_MS = 5_000;
/** Connections that a peer makes by itself, beyond which it waits to be called. */
export const WANTED_CONNECTIONS = 12;
/** Outbound connections to configured or day-old peers that are kept (R27): whoever fills our slots cannot cut us off. */
export const KEPT_CONNECTIONS = 4;
/** ms since the first call that came through, after which a peer counts as day-old (R27). */
export const OLD_PEER_MS: number = 24 * 60 * 60 * 1_000;
/** Peers that are remembered as not to be talked to: ids are free, so a longer list would only cost memory. */
export const MAX_BANS = 4_096;
/** Peers in the address book. */
export const MAX_KNOWN_PEERS = 256;
/** Day-old ones among them that no newcomer displaces: the other half is for those who are to become so. */
export const MAX_OLD_PEERS = 128;
/** Addresses kept for one of them. */
export const MAX_PEER_ADDRESSES = 8;
/** Octets of one that others are told: IPv6, port, WebSocket and a peer's name have 65. */
export const MAX_ADDRESS_BYTES = 128;
/** Octets of a question, by stream: what the largest one of its kind has, so that half-sent ones cost little memory. */
export const MAX_QUESTION_BYTES: Readonly<Record<"tiles" | "query" | "records", number>> = {
  tiles: 16 * 1024,
  query: 256 * 1024,
  records: MAX_STREAM_BYTES,
};
/** Streams of each kind that one connection may have open to us, and questions that we have under way at one peer. */
export const MAX_INBOUND_STREAMS: Readonly<Record<"tiles" | "query" | "records", number>> = {
  tiles: 8,
  query: 4,
  records: 2,
};
/** Answers under way, to all peers: each holds up to MAX_STREAM_BYTES; further questions are refused. */
export const MAX_ANSWERS = 64;
/** Answers under way to one peer: as many as the streams of one connection take. */
export const MAX_ANSWERS_OF_PEER = 14;
/** Octets of questions that have come in part, on all streams together; the one that takes longest goes first. */
export const MAX_HALF_READ_BYTES: number = 32 * 1024 * 1024;
/** Octets of a question and of an answer of Kademlia: LOOKUP_PEERS and their addresses. */
export const MAX_DHT_QUESTION_BYTES: number = 32 * 1024;
export const MAX_DHT_ANSWER_BYTES: number = 256 * 1024;
/** Octets that wait in one stream for a slow reader. */
export const MAX_WRITE_BUFFER_BYTES: number = 4 * 1024 * 1024;
/**
 * ms whose answers a stream may send before it hears that there is room for more, and octets at most, which are one answer and the beginning of another.
 * yamux begins with 256 KiB: of a peer 100 ms away that would be 2.5 MB a second. What goes out behind such an answer waits no longer than it took before.
 */
export const STREAM_WINDOW_MS = 250;
export const MAX_STREAM_WINDOW_BYTES: number = MAX_STREAM_BYTES + 256 * 1024;
/**
 * ms between two pings of a connection, by each end; whoever does not answer is hung up on. A ping and its stream take 350 octets: at 30 s a
 * laptop with WANTED_CONNECTIONS would spend 24 MB a day on them alone.
 */
export const PING_INTERVAL_MS = 120_000;
/** ms for the answer to a ping, at least. */
export const PING_TIMEOUT_MS = 10_000;
/** ms until a kept stream is let go. */
export const KEPT_STREAM_IDLE_MS = 20_000;
/** ms that an asker may be silent on an open stream; longer than KEPT_STREAM_IDLE_MS, so that it closes first. */
export const STREAM_READ_IDLE_MS = 30_000;
/** ms for an asker to take an answer. */
export const STREAM_WRITE_MS = 10_000;
/** Octets of a refusal's code that are read. */
export const MAX_REFUSAL_BYTES = 64;
/**
 * ms by which what is passed on is spread (node/mesh/gossip.ts). Counted with 20 gossipsub peers on loopback that sent 100 messages in
 * turn, five times: each peer got 3.9 to 4.5 copies of a message, and 5.3 to 6.9 without it; with 50 peers 4.2 to 4.4 instead of 5.4 to
 * 5.9. The first of k neighbours passes a message on after the (k + 1)th part of this on average: 20 ms a hop with four.
 */
export const MAX_FORWARD_DELAY_MS = 100;
/** Octets of one gossipsub RPC: what a neighbour that missed some seconds asks for again. */
export const MAX_GOSSIP_RPC_BYTES: number = 2 * 1024 * 1024;
/** Peers that a look-up gives: Kademlia's k. */
export const LOOKUP_PEERS = 20;
/** Of these, in one /24 or /48 (R26). */
export const MAX_LOOKUP_NEIGHBOURS = 2;
/** Look-ups of the mesh under way; the others wait. */
export const MAX_MESH_LOOKUPS = 8;
/** Look-ups that wait. */
export const MAX_WAITING_LOOKUPS = 1_024;
/** ms that a look-up waits for the first peer of the DHT after the start. */
export const LOOKUP_START_MS = 1_500;
/** Hints that wait to be put into the DHT; more are left out, they are repeated anyway. */
export const MAX_WAITING_HINTS = 64;
/** ms for putting one hint into the DHT. */
export const HINT_MS = 10_000;
/** Rows of DHT values, of provider records, and of known peers that are kept for libp2p: the oldest names go. */
export const MAX_DHT_ROWS = 10_000;
/** ms until a DHT value is forgotten. */
export const DHT_ROW_MS: number = 48 * 60 * 60 * 1_000;
/** Octets of the address book. */
export const MAX_ADDRESS_BOOK_BYTES: number = 1024 * 1024;

// HTTP (node/api; RULES R28)
/** Octets of a request's body. */
export const MAX_HTTP_BODY_BYTES: number = 1024 * 1024;
/** Octets of a unix socket's path: what Linux has room for, without the zero at its end. */
export const MAX_SOCKET_PATH_BYTES = 107;
/** Event streams open at once. */
export const MAX_EVENT_STREAMS = 64;
/** Questions (targets and digests together) of one HTTP query. */
export const MAX_HTTP_QUESTIONS = 1_000;
/** Findings handed out by one request, and octets of their evidence after which no more follow. */
export const MAX_FINDINGS_PAGE = 200;
export const MAX_FINDINGS_BYTES: number = 4 * 1024 * 1024;
/** Findings that one request looks through for such as carry evidence: two reads of the store each. */
export const MAX_FINDINGS_LOOKED_AT = 2_000;
/** Targets that one search by name shows, and attestations that one question shows the claims of: what a person reads. */
export const MAX_TARGETS_SHOWN = 100;
export const MAX_CLAIMS_SHOWN = 1_000;
/** Queries under way at once: each holds up to MAX_FIND_BYTES. */
export const MAX_HTTP_QUERIES = 16;
/** Connections of one listener. */
export const MAX_HTTP_CONNECTIONS = 256;
/** Requests of one connection that wait for the answer before theirs: apt sends ten at once, and each holds a head of up to 16 KB. */
export const MAX_HTTP_PIPELINED = 16;
/** Octets of large answers from `/feeds` under way at once on one listener, which serves anybody: 32 bundles, of each a page. */
export const MAX_FEED_ANSWERS_BYTES: number = 32 * 1024 * 1024;
/** ms that a large answer waits for room: a mirror that reads on makes some in less. */
export const FEED_ROOM_MS = 10_000;
/** ms after which a large answer of which nothing is read gives way to one that waits: a page in that time is 200 KB a second. */
export const FEED_STALL_MS = 5_000;
/** ms in which a large answer is to be read: the largest bundle at 140 KB a second. */
export const FEED_ANSWER_MS = 120_000;
/** ms after which a connection is closed on which nothing moves, and between two signs of life of an event stream. */
export const HTTP_IDLE_MS = 60_000;
export const HEARTBEAT_MS = 15_000;
/** ms that a query over the network may take: the cap of RULES R20. */
export const MAX_QUERY_MS = 30_000;

// the dashboard (node/api/page)
/** Files that the dashboard is built into, and their octets, kept in memory while the node runs: it has a dozen of 300 KB. */
export const MAX_DASHBOARD_FILES = 64;
export const MAX_DASHBOARD_BYTES: number = 4 * 1024 * 1024;
/** Findings looked through for those that nobody has seen to: their evidence is read too, 40 MB at worst. */
export const MAX_ALERTS_LOOKED_AT = 200;
/** Open alerts, feeds and peers on the page that needs no JavaScript: what a person reads. */
export const MAX_ALERTS_SHOWN = 20;
export const MAX_FEEDS_SHOWN = 100;
export const MAX_PEERS_SHOWN = 50;
/** Targets of one page of the matrix: 10,000 cells of 20 builders are 2 MB. */
export const MAX_MATRIX_TARGETS = 500;
export const MATRIX_TARGETS = 100;
/** Targets that one request looks through for such as disagree, where no look has listed them yet: 0.2 s. */
export const MAX_MATRIX_LOOKED_AT = 1_000;
/** Entries whose signature one request checks where no look has yet: 0.1 s. */
export const MAX_MATRIX_CHECKS = 512;
/** Names that one request looks through for a file's name: 0.1 s. */
export const MAX_NAMES_LOOKED_AT = 16_384;
/** Characters of what is searched for: no package's or file's name is longer. */
export const MAX_SEARCH_CHARS = 255;
/** ms between two states of the node on a stream of events that wants them. */
export const STATUS_EVENT_MS = 5_000;

// the picture (node/picture): counted in the background
/** Part of a core that looking through takes: it works so long, and rests for the rest. */
export const PICTURE_SHARE = 0.1;
/** ms after the start, and between two looks whether there is anything new: a start has other things to do, and a person waits. */
export const PICTURE_POLL_MS = 5_000;
/** ms after which it is looked again though no claim is new: feeds fork, policies change. */
export const PICTURE_AGAIN_MS: number = 60 * 60 * 1_000;
/** After a look it rests so many times as long as that took, unless entries are left unchecked. */
export const PICTURE_REST = 9;
/** Entries read and checked in one go: 10 ms, below which gossip does not notice it. */
export const PICTURE_STEP_ENTRIES = 64;
/** Entries checked before what is known by then is counted and shown: a quarter of an hour at PICTURE_SHARE. */
export const PICTURE_CHECKS = 262_144;
/** Names read at once, and targets whose rows are read side by side: 2 ms of counting. */
export const PICTURE_STEP_NAMES = 256;
export const PICTURE_STEP_TARGETS = 16;
/** Rows of one target that are looked at: 64 builders with 64 claims each, and no flood of strangers'. */
export const MAX_PICTURE_ROWS = 4_096;
/** Entries of which is remembered who signed them, an octet each: 12 times 65,000 targets by 20 builders. Later ones are not counted. */
export const MAX_PICTURE_ENTRIES: number = 16 * 1024 * 1024;
/** Signers told apart in feeds of others: more do not fit into the octet. */
export const MAX_PICTURE_SIGNERS = 252;
/** Builders shown one by one, and those of which each two are compared: 2,016 pairs. */
export const MAX_PICTURE_BUILDERS = 256;
export const MAX_PICTURE_PAIRED = 64;
/** Targets listed by name of those that disagree, and of those that one builder alone has: 20,000 are 2 MB. */
export const MAX_PICTURE_LISTED = 20_000;
/** Points of its history: of two days one an hour, of 400 days one a day; of each feed's size of 90. */
export const PICTURE_HOURS = 48;
export const PICTURE_DAYS = 400;
export const MAX_PICTURE_POINTS: number = PICTURE_HOURS + PICTURE_DAYS + 2;
export const GROWTH_DAYS = 90;
/** Feeds whose growth is kept: 140 points of 25 octets each, 220 KB. */
export const MAX_GROWTH_FEEDS = 64;
/** Octets of a picture as it is kept: 2,016 pairs, 256 builders, all points. */
export const MAX_PICTURE_BYTES: number = 4 * 1024 * 1024;
/** Names of steps that are remembered by the beginning of their hash: a policy has a handful. */
export const MAX_KNOWN_STEPS = 256;

// rebuilderd's interface (node/api/rebuilderd)
/** Claims of builders that are remembered for it, 870 octets each: two instances that rebuild an architecture of Debian. Beside each: its id where it is taken back, and the keys that contradicted it. */
export const MAX_GATEWAY_CLAIMS = 131_072;
/** Part of these for whoever needs more; the rest is divided evenly, so that no builder takes another's room, and an architecture of Debian has its place beside a dozen small ones. */
export const GATEWAY_COMMON_PART = 0.5;
/** Claims of one builder about one file: with so many it contradicts itself, and they are compared each with each. */
export const MAX_GATEWAY_FILE_CLAIMS = 64;
/** Entries read at once, and looked at before others get a turn: 25 ms where each is a link to be checked. */
export const GATEWAY_READ_ENTRIES = 256;
export const GATEWAY_STEP_ENTRIES = 64;
/** ms that a request waits until what is new in the feeds was read; then it is told to come back. */
export const MAX_GATEWAY_WAIT_MS = 5_000;
/** Records on a page, whatever the limit that was asked for: what rebuilderd gives where none is. */
export const MAX_GATEWAY_PAGE = 1_000;
/** Octets of a parameter: longer is no name or version of a package. */
export const MAX_GATEWAY_TEXT = 512;
/** Records of the older interface's only list that are made ready for a client at once: 90 KB. */
export const GATEWAY_LIST_STEP = 256;
/** Connections: each may hold a page of 400 KB for a slow reader. */
export const MAX_GATEWAY_CONNECTIONS = 64;
/** Names of builders that an answer to a wrong host lists. */
export const MAX_GATEWAY_HOSTS = 256;

// the client: packages, keys, memory, answers
/** Octets of a package's control data, packed or unpacked: Debian's largest control.tar is about 2 MB. */
export const MAX_CONTROL_BYTES: number = 16 * 1024 * 1024;
/** Octets of one control file inside it. */
export const MAX_CONTROL_FILE_BYTES: number = 256 * 1024;
/** Members of a package that are looked at: before their end its control data must be there, and no second ones can follow. */
export const MAX_CONTROL_MEMBERS = 64;
/** Octets of an ssh-agent's answer: OpenSSH's own bound. */
export const MAX_AGENT_ANSWER_BYTES: number = 256 * 1024;
/** ms for whoever holds a key to confirm, type a passphrase or find the card. */
export const SIGNING_PATIENCE_MS = 120_000;
/** Octets of a key file. */
export const MAX_KEY_FILE_BYTES: number = 16 * 1024;
/** Octets of a file in a feed's folder: a bundle of the longest entries, each with two octets of length. */
export const MAX_FEED_FILE_BYTES: number = TILE_WIDTH * (MAX_ENTRY_BYTES + 2);
/** Mirrors that one command reads. */
export const MAX_MIRRORS = 64;
/** Full bundles of a feed that is read from a mirror, 16,777,216 entries: their hashes are in memory and take 2 MB. */
export const MAX_MIRRORED_BUNDLES = 65_536;
/** Files of mirrors that are read at once, of all feeds and of one: each may have MAX_FEED_FILE_BYTES. */
export const MAX_MIRROR_READS = 6;
export const MAX_FEED_READS = 4;
/** Cosigned heads of one feed that are taken from all its mirrors: each is two signatures to check, and a proof from a few tiles. */
export const MAX_MIRROR_COSIGNED = 128;
/** Of those of the past as many more: what the policy's witnesses had cosigned by each time that it asks for. */
export const MAX_MIRROR_PAST = 128;
/** ms that a mirror has for its head, and for each other file: a bundle of usual length at 200 kbit/s. */
export const MIRROR_HEAD_MS = 3_000;
export const MIRROR_FILE_MS = 15_000;
/** ms for reading mirrors where no deadline is given: a feed of a distribution over a usual line. */
export const MIRRORS_MS = 60_000;
/** Octets of bundles kept of mirrors: ten feeds of a distribution. Beyond it feeds that were not read for longest go. */
export const MAX_MIRRORED_BYTES: number = 1024 * 1024 * 1024;
/** Octets of what is in these bundles, kept longer: with it only those that matter are read again. */
export const MAX_MIRRORED_NAMES_BYTES: number = 256 * 1024 * 1024;
/** Feeds whose largest head a verifier remembers (R22), one file each; those of the policy's builders beyond that too. */
export const MAX_REMEMBERED_FEEDS = 4_096;
/** Remembered proofs about each of the files in question, and about feeds, that one verification checks again. */
export const MAX_REMEMBERED_EVIDENCE = 256;
/** Keys of builders that one local question names. */
export const MAX_ASKED_KEYS = 256;
/** Octets of one event of a node's event stream: a finding with its evidence. */
export const MAX_EVENT_BYTES: number = 512 * 1024;
/** Threads that hash files of one transaction: beyond that a disk does not keep up. */
export const MAX_HASH_WORKERS = 8;
/** Octets that apt tells a hook: its configuration (30 KB), and 200 an action for all packages of a distribution. */
export const MAX_APT_INPUT_BYTES: number = 32 * 1024 * 1024;
/** Actions of one transaction: each package of a distribution is unpacked and configured once. */
export const MAX_APT_ACTIONS = 150_000;
/** ms for which a hook waits for apt to tell what it is about to do, and for its node to answer: nobody is to wait for ever (R32). */
export const APT_HOOK_MS = 30_000;
/** Links on the way to a file of which it is looked who could change them: as many as Linux follows. */
export const MAX_LINKS_FOLLOWED = 40;
/** ms for which a node on this machine is asked about packages of one more speaker when its time is over: one that answers takes a tenth. */
export const LAST_ASKED_MS = 100;
/** Octets of one message between apt and a method: apt's whole configuration, some 30 KB, is the longest. */
export const MAX_APT_MESSAGE_BYTES: number = 4 * 1024 * 1024;
/** Files that apt waits for at a time from one method: by itself it asks for 10 ahead (Acquire::Max-Pipeline-Depth). */
export const MAX_APT_ASKED = 4_096;
/** Of them judged with one question, where many are fetched faster than the node answers. */
export const MAX_APT_JUDGED = 256;
/** ms for which a node is waited for that had no answer to the question before, where apt's files come one after the other, by the hundred. */
export const APT_IMPATIENT_MS = 1_000;
/** ms that apt waits for a line about what it plans: somebody sits there. */
export const APT_COVERAGE_MS = 5_000;
/** Packages that are let by at a time, by name and version: each stands on every screen. */
export const MAX_APT_ALLOWED = 64;
/** ms for which one is let by at most: whoever needs longer has a rule to change. */
export const MAX_APT_ALLOWED_MS: number = 30 * 86_400_000;
/** Octets of apt's preferences that hold packages back: 60,000 versions of 250. */
export const MAX_PINS_BYTES: number = 16 * 1024 * 1024;
/** Octets of the list of them: 64 of 700. */
export const MAX_APT_ALLOWED_BYTES: number = 64 * 1024;
/** ms within which a healthy node says how it is: the longest turn of an engine takes a tenth. */
export const HEALTH_ANSWER_MS = 2_000;
/** Findings that are counted for one look at a node's metrics: rows of at most 512 octets, read once each, and the newest again while nobody has seen to them. */
export const MAX_FINDINGS_COUNTED = 1_024;
/** Rows of a store that are upgraded in one batch: bundles of entries have 256 KB as a rule, so that is 64 MB at worst but for odd ones. */
export const MAX_UPGRADE_ROWS = 256;
/** Octets of a configuration file. */
export const MAX_CONFIG_BYTES: number = 256 * 1024;
/** Items of one list in it: addresses, mirrors, feeds that somebody wrote by hand. */
export const MAX_CONFIG_LIST = 256;
/** Octets of one text in it: a path, a URL, an address. */
export const MAX_CONFIG_TEXT_BYTES = 4_096;
/** Octets of an HTTP answer that a client reads: 1,000 questions with a few envelopes each. */
export const MAX_HTTP_ANSWER_BYTES: number = 64 * 1024 * 1024;
/** Octets of a file of envelopes that `publish` reads at once. */
export const MAX_PUBLISH_FILE_BYTES: number = 256 * 1024 * 1024;
/** Tries to move the notes' reference on: each time that one fails, another writer has succeeded. */
export const MAX_GIT_NOTE_TRIES = 32;
/** Of them in a row that fail though nobody else has moved it: then it is no other writer. */
export const MAX_GIT_NOTE_UNMOVED = 6;
/** ms before the next one, at most; up to eight times as many later, so that all get their turn. */
export const GIT_NOTE_PAUSE_MS = 50;
/** Octets of a manifest: an SBOM of 65,536 components with their hashes and licences. */
export const MAX_MANIFEST_BYTES: number = 128 * 1024 * 1024;
/** Entries of one manifest: all packages of a distribution. */
export const MAX_MANIFEST_ENTRIES = 131_072;
/** Components inside components of an SBOM: images, their packages, what these bundle. Each level takes two of MAX_JSON_DEPTH. */
export const MAX_MANIFEST_NESTING = 12;
/** Entries of a manifest, or packages of a machine, that are judged at a time: two full questions, and what is held of them is bounded. */
export const MAX_JUDGED_AT_ONCE: number = 2 * MAX_QUERY_KEYS;
/** Names of what is still to be confirmed that a summary shows: a screen. */
export const MAX_NAMES_SHOWN = 20;
/** Octets of a list of packages, unpacked: Debian's has 50 MB, Sources as much again. */
export const MAX_PACKAGES_LIST_BYTES: number = 1024 * 1024 * 1024;
/** Stanzas of one list: Debian's has 63,000. */
export const MAX_LIST_STANZAS = 1_000_000;
/** Characters of one line of it: the longest dependencies in Debian have 20,000. */
export const MAX_LIST_LINE_CHARS: number = 256 * 1024;
/** Fields of one stanza: Debian's have 30 at most. */
export const MAX_LIST_FIELDS = 128;
/** Octets that are kept of a build's log: Debian's longest have some 100 MB, of which the first half tells what went wrong. */
export const MAX_BUILD_LOG_BYTES: number = 64 * 1024 * 1024;
/** Octets of a package that a build gives: Debian's largest has 1.5 GB. */
export const MAX_BUILT_BYTES: number = 8 * 1024 * 1024 * 1024;
/** Files of two packages whose differences are looked at for their cause; where more differ, it is not one thing. */
export const MAX_DIFFERING_FILES = 64;
/** Octets of each of them: most programs are shorter, and all of them are in memory together with their twins. */
export const MAX_DIFFERING_BYTES: number = 4 * 1024 * 1024;
/** Lists of packages that apt may have in a system that is built in: three suites of a few components have a dozen. */
export const MAX_LIST_TARGETS = 256;
/** Files below a folder that an import looks at: guix.sigs has 6,000, in three levels. */
export const MAX_IMPORT_FILES = 100_000;
export const MAX_IMPORT_DEPTH = 8;
/** Octets of one answer of rebuilderd: the older interface lists 40,000 packages of 400 octets in one. */
export const MAX_IMPORT_ANSWER_BYTES: number = 64 * 1024 * 1024;
/** ms for one answer of rebuilderd: that list takes it a while. */
export const MAX_IMPORT_REQUEST_MS = 60_000;
/** Packages on a page of rebuilderd: what it gives at most. */
export const MAX_IMPORT_PAGE = 1_000;
/** Packages of one instance: Debian has 70,000 of an architecture, and old versions stay listed. */
export const MAX_IMPORT_RECORDS = 1_000_000;
/** Octets of the journal of what was brought in: a million paths of 60. */
export const MAX_IMPORT_JOURNAL_BYTES: number = 64 * 1024 * 1024;
/** ms that a timer can wait: a longer one fires at once (32 bits with a sign, in Node and browsers). */
export const MAX_TIMER_MS = 2_147_483_647;
/** ms between two rounds of a bridge at least, and at most after failures: it asks machines that others pay for. */
export const MIN_IMPORT_EVERY_MS = 60_000;
export const MAX_IMPORT_WAIT_MS = 3_600_000;
/** Jobs that a rebuilder remembers: Debian has 38,000 sources, several versions of each; the oldest are forgotten. */
export const MAX_JOBS = 200_000;
/** Octets of a job's name: a package URL, and a word beside it. */
export const MAX_JOB_BYTES = 1_280;
/** Characters that are remembered of why a job failed: a line. */
export const MAX_JOB_REASON_CHARS = 256;
/** Attestations of one job that wait for being published: a source package has some hundred binary packages at most. */
export const MAX_JOB_KEPT = 1_024;
/** Octets of the journal of jobs: as many with a package URL, a reason and a time, 320 octets each. */
export const MAX_JOB_JOURNAL_BYTES: number = 64 * 1024 * 1024;
/** ms before a failed job is tried again, and at most after many failures: what failed by chance comes soon, what always fails costs little. */
export const MIN_JOB_PAUSE_MS = 86_400_000;
export const MAX_JOB_PAUSE_MS: number = 32 * 86_400_000;
/** Files and folders that are looked at for a command's inputs or results: a kernel's source has 90,000. */
export const MAX_BUILD_FILES = 200_000;
/** Folders inside folders of them. */
export const MAX_BUILD_DEPTH = 64;
/** Results of one command that are signed: a source package has some hundred binary packages. */
export const MAX_BUILD_PRODUCTS: number = 1_000;
/** Octets that a step's link keeps of each stream of its command: the end of a test's log, where its result stands; two of them leave room in an entry. */
export const MAX_SAID_BYTES: number = 16 * 1024;
/** Octets of a work list: as many package URLs as are remembered. */
export const MAX_WORK_LIST_BYTES: number = 32 * 1024 * 1024;

// normal forms (protocol/spec/normal-forms.md)
/** Places of a file that its normal form changes: three of each file in an APK. */
export const MAX_FORM_EDITS = 200_000;
/** Remarks that lenient reading gives: a screen. */
export const MAX_FORM_REMARKS = 64;
/** Values inside values of a signature in ASN.1: a time stamp inside a countersignature inside a signature takes some 40. */
export const MAX_TLV_DEPTH = 64;
/** Values of one such signature: a chain of certificates has some hundred each. */
export const MAX_TLV_NODES = 65_536;
/** Signatures inside signatures: nobody goes deeper. */
export const MAX_NESTED_SIGNATURES = 3;
/** Where a PE file's header begins: behind the DOS program, which has some hundred octets, on a page of its own at most. */
export const MAX_PE_HEADER_OFFSET = 65_536;
/** Sections of a PE file: what Windows loads has 96 at most; programs of MinGW with debug data some more. */
export const MAX_PE_SECTIONS = 1_024;
/** Octets of a PE file's certificate table: a signature with time stamp and chain has 10 KB, drivers have several. */
export const MAX_PE_CERTIFICATES_BYTES: number = 1024 * 1024;
/** Certificates in it: shim has two. */
export const MAX_PE_CERTIFICATES = 16;
/** Bits of a number in an OpenPGP signature: GnuPG makes no RSA keys of more. */
export const MAX_OPENPGP_NUMBER_BITS = 16_384;
/** Members `_gpg…` of a .deb: debsigs knows four roles. */
export const MAX_DEB_SIGNATURES = 16;
/** Octets of one of them: an OpenPGP signature of RSA 4096 has 570. */
export const MAX_DEB_SIGNATURE_BYTES: number = 16 * 1024;
/** Octets of an RPM's signature header: signatures of 20,000 files, 400 each. */
export const MAX_RPM_SIGNATURE_BYTES: number = 8 * 1024 * 1024;
/** Tags in it: rpm knows some twenty. */
export const MAX_RPM_SIGNATURE_TAGS = 64;
/** Signatures of files in it. */
export const MAX_RPM_STRINGS = 65_536;
/** Octets of a zip file's directory: 65,535 files, the most without zip64, with paths of 200 characters. It is in memory. */
export const MAX_ZIP_DIRECTORY_BYTES: number = 16 * 1024 * 1024;
/** Octets of an APK's signing block: signers with their chains, some 3 KB each and scheme; apksigner pads it to 4,096. */
export const MAX_APK_BLOCK_BYTES: number = 1024 * 1024;
/** Signers of one scheme: Android reads ten. */
export const MAX_APK_SIGNERS = 10;
/** Zeros between files, or before the block: apksigner fills a page, and keeps such zeros when it signs again. */
export const MAX_APK_GAP_BYTES = 65_536;
/** Zeros that align a file without a field for it: a page. */
export const MAX_APK_ALIGNMENT_BYTES = 16_384;
/** Files of META-INF/ that sign: a list, and two of each signer. */
export const MAX_APK_SIGNATURE_FILES = 64;
/** Octets of one of them, packed or not: digests of 65,535 files with paths of 100 characters. */
export const MAX_JAR_FILE_BYTES: number = 16 * 1024 * 1024;
/** Octets of all of them: a manifest, and lists of three signers. Some MB of DEFLATE could hold gigabytes, which take minutes to read. */
export const MAX_JAR_FILES_BYTES: number = 64 * 1024 * 1024;
/** Characters of what such a list says of who wrote it. */
export const MAX_JAR_VALUE_CHARS = 128;
/** Signatures of a MAR: as many as Mozilla's updater reads. */
export const MAX_MAR_SIGNATURES = 8;
/** Additional sections of it: one is known. */
export const MAX_MAR_SECTIONS = 8;
/** Octets of its index: Firefox's has 20 KB. */
export const MAX_MAR_INDEX_BYTES: number = 4 * 1024 * 1024;
/** Programs in a fat Mach-O file; classes of Java begin alike, with a version above 44 in this place. */
export const MAX_FAT_SLICES = 16;
/** Octets of a Mach-O file's load commands: those of the largest programs have some 20 KB. */
export const MAX_LOAD_COMMANDS_BYTES: number = 1024 * 1024;
/** Octets of a Mach-O signature: 32 for each page of 4,096, so of a program of 1 GB, in one or two hashes. */
export const MAX_CODE_SIGNATURE_BYTES: number = 16 * 1024 * 1024;
/** Blobs in it: some ten kinds are known. */
export const MAX_CODE_SIGNATURE_BLOBS = 16;
/** Files and folders of an application: the largest have some 50,000; and folders inside folders. */
export const MAX_TREE_FILES = 200_000;
export const MAX_TREE_DEPTH = 64;
/** Octets of a list of an application's seals: as many files with 300 octets each. */
export const MAX_TREE_SIGNATURE_BYTES: number = 64 * 1024 * 1024;
/** Octets of all that is in a zip file with an application: the largest, Xcode, has 12 GB. They go through a temporary file, one after the other. */
export const MAX_TREE_ZIP_BYTES: number = 16 * 1024 * 1024 * 1024;
/** How many times more octets come out of a zip file than it has: programs pack to a half, the emptiest files to a thousandth. */
export const MAX_TREE_RATIO = 200;
/** So many octets may come out of any: they cost nothing. */
export const FREE_TREE_ZIP_BYTES: number = 64 * 1024 * 1024;
/** How many octets one octet of DEFLATE can unpack to, at most: 258 in two bits. */
export const MAX_DEFLATE_RATIO = 1_032;

// alerts (spec/alerts.md)
/** Matters that a book of alerts remembers: what a team can look through; of more, the lightest and oldest are forgotten. */
export const MAX_BOOKED_ALERTS = 1_000;
/** Builders and results that are kept of one alert: who joins a field that large changes nothing of what is to be done. */
export const MAX_ALERT_VOICES = 24;
/** Findings that are kept of one alert: any of them may be acknowledged. */
export const MAX_ALERT_FINDINGS = 8;
/** Octets of the note with which somebody acknowledges a finding: a paragraph. */
export const MAX_ACKNOWLEDGEMENT_BYTES = 1_000;
/** Octets of a book: as many alerts with as many voices have 8.3 KB each. */
export const MAX_BOOK_BYTES: number = 9 * 1024 * 1024;
/** Alerts of one kind that are told one by one at once, and ms after which one more may be: what people can read as it comes; the rest goes into a digest. */
export const ALERTS_AT_ONCE = 64;
export const ALERT_REFILL_MS = 10_000;
/** ms that the first digest of a storm collects, and that one collects at most: each collects twice as long as the one before. */
export const FIRST_DIGEST_MS = 10_000;
export const MAX_DIGEST_MS = 3_600_000;
/** Builders that a digest counts by name: a screen or two; the rest are counted together. */
export const MAX_DIGEST_BUILDERS = 64;
/**
 * Files that a watcher waits for by its policies, or was told of as missing, 510 octets each on the disk and 570 in memory: twice a
 * distribution's 65,000; and of one feed, so that it leaves room for others.
 */
export const MAX_EXPECTED_ROWS = 131_072;
export const MAX_EXPECTED_FEED_ROWS = 98_304;
/** Keys that sign where they should not, of one builder, of which a watcher tells: a builder has 16, and whoever makes up more is told of by these. */
export const MAX_EXPECTED_KEYS = 64;
/** Octets of one line of what it remembers: a package URL, a file name, digests and times. */
export const MAX_EXPECTED_LINE_BYTES = 4_096;
/** Octets of the whole file: as many rows three times over, since it grows by what changes. */
export const MAX_EXPECTED_JOURNAL_BYTES: number = 256 * 1024 * 1024;
/** Entries of one feed that it reads before it looks at the next one: four bundles. */
export const MAX_EXPECTED_READ = 1_024;
/** Files that it judges at a time: half a second, after which it tells what came of it. */
export const MAX_EXPECTED_JUDGED = 256;
/** ms between two looks at what lacks, at least and at most: what was missing is mostly there the next day, or never. */
export const MIN_EXPECTED_PAUSE_MS = 10_000;
export const MAX_EXPECTED_PAUSE_MS = 86_400_000;
