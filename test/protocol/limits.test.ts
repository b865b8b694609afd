/**
 * The specification says the numbers of `limits.ts`: what a page says is made here from the limits and looked for in its text. A limit
 * of a format that no page says fails too.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as limits from "../../protocol/limits.ts";
import { NORMAL_FORMS } from "./normal-form/limits.ts";
import { VERDICTS } from "./verdict/limits.ts";

const L = limits as unknown as Readonly<Record<string, number>>;
const ROOT = new URL("../../protocol/", import.meta.url);

/** Sections of limits.ts that an implementation of the formats needs: each limit stands in the table below. */
const SECTIONS_OF_FORMATS = [
  "feeds",
  "attestations and evidence",
  "keys",
  "frames",
  "policies",
  "trust domains",
  "verdicts and bundles",
  "normal forms",
];
/** Bounds of a computer, not of a format: nobody else can see them. */
const OWN_AFFAIR = ["MAX_CACHED_KEYS", "MAX_ECHO_CHOICES"];

/** Where a page says a limit: `{NAME}` is its number, `{NAME/1024}` a part of it, `{NAME=2^40}` its own writing, checked. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  README: [
    "A page has {MAX_FINDINGS_PAGE} findings",
    "more than {MAX_FINDINGS_BYTES/1048576} MiB",
    "looks through {MAX_FINDINGS_LOOKED_AT} findings at most",
    "shows {MAX_TARGETS_SHOWN} targets, or the claims of {MAX_CLAIMS_SHOWN} attestations",
  ],
  feed: [
    "at most {MAX_ENTRY_BYTES} octets (the length has two)",
    "A feed has at most {MAX_FEED_SIZE=2^40} entries",
    "A bundle has 1 to {TILE_WIDTH} entries and nothing after them",
    "never more than {MAX_PROOF_HASHES}.",
    "a peer that holds {MAX_FRONTIER_HASHES} hashes at most",
    "`<level>` is 0 to {MAX_TILE_LEVEL} in decimal",
    "refuse paths over {MAX_TILE_PATH_CHARS} characters",
    "at most {MAX_TOLD_COSIGNATURES}, none larger than `checkpoint`",
  ],
  checkpoint: [
    "At most {MAX_NOTE_SIGNATURES} lines and {MAX_NOTE_BYTES} octets",
    "over {MAX_NOTE_BYTES} octets",
    "A name has 1 to {MAX_KEY_NAME_BYTES} octets",
    "decimal, no sign, no leading zero; 1 to {MAX_FEED_SIZE=2^40}",
    "checkpoint as kept and gossiped | {MAX_CHECKPOINT_BYTES} B",
    "{MAX_ORIGIN_CHARS} of origin",
    "request to a witness | {MAX_WITNESS_REQUEST_BYTES} B",
    "requests that wait for a witness | {MAX_WITNESS_WAITING}",
  ],
  alerts: [
    "{MAX_ALERT_FINDINGS} findings, {MAX_ALERT_VOICES} keys, {MAX_ALERT_VOICES} results",
    "A book remembers {MAX_BOOKED_ALERTS} alerts",
    "Of each kind {ALERTS_AT_ONCE} alerts are told one by one, and one more for each {ALERT_REFILL_MS/1000} s",
    "({MAX_DIGEST_BUILDERS} by name, the others together)",
    "The first is told after {FIRST_DIGEST_MS/1000} s",
  ],
  proof: [
    "over {MAX_TLOG_PROOF_BYTES} octets",
    "a line a hash, at most {MAX_PROOF_HASHES}",
    "1 to {MAX_NOTE_BYTES} octets",
  ],
  attestation: [
    "At most {MAX_ENTRY_BYTES} octets (a feed's leaf)",
    "1 to {MAX_SIGNATURES} signatures of 1 to {MAX_SIGNATURE_BYTES} octets",
    "key ids of at most {MAX_KEY_ID_BYTES} octets",
    "1 to {MAX_SUBJECTS} subjects",
    "at most {MAX_MATERIALS} materials",
    "Of one statement the first {MAX_GIT_OBJECTS} are read",
    "together at most {MAX_GIT_CONTENT_BYTES} octets",
    "a line as names are, at most {MAX_GIT_NAME_BYTES} octets",
    "of at most {MAX_REPOSITORY_CHARS} characters, a host",
    "{MAX_SUBMODULE_DEPTH} deep and {MAX_SUBMODULES} at most",
    "Names (of steps at most {MAX_STEP_BYTES} octets, of files and materials {MAX_PATH_BYTES})",
    "`reason` (1 to {MAX_REASON_BYTES} octets",
    "at most {MAX_SUMS_BYTES} octets; escaped names",
    "A `.buildinfo` has at most {MAX_BUILDINFO_BYTES} octets",
    "A `.dsc` has at most {MAX_DSC_BYTES} octets",
  ],
  retraction: ["1 to {MAX_RETRACTS} different claim ids", "1 to {MAX_REASON_BYTES} octets"],
  targets: ["At most {MAX_PURL_CHARS} characters", "1 to {MAX_FILE_NAME_BYTES} octets of UTF-8"],
  json: ["more than {MAX_JSON_DEPTH} arrays and objects"],
  evidence: [
    "at most {MAX_EVIDENCE_BYTES} octets (a `split`: {MAX_SPLIT_BYTES})",
    "at most {MAX_PROOF_HASHES} hashes",
  ],
  openpgp: [
    "at most {MAX_ENTRY_BYTES} octets, {MAX_SUMS_ROWS} rows",
    "A file of certificates or signatures has at most {MAX_CERTIFICATE_BYTES} octets, a certificate {MAX_CERTIFICATE_KEYS} keys",
  ],
  keys: [
    "At most {MAX_PEM_CHARS} characters. |",
    "RSA: n of {MIN_RSA_BITS} to {MAX_RSA_BITS} bits",
    "The name has 1 to {MAX_KEY_NAME_BYTES} octets of UTF-8",
    "At most {MAX_VKEY_CHARS} characters in all",
  ],
  wire: [
    "at most {MAX_GOSSIP_BYTES} octets on gossip and {MAX_STREAM_BYTES} on streams",
    "before the code (at most {MAX_ANSWER_CODE_CHARS} octets of ASCII)",
    "0 to {MAX_FEED_SIZE=2^40}",
    "1 checkpoint (1 to {MAX_CHECKPOINT_BYTES} octets)",
    "not {COSIGN_INTERVAL_S} s after the newest line",
    "followed or vouched for here, {EVIDENCE_PER_NEIGHBOUR} a second and 20 at once",
    "list of 1 to {MAX_ENTRY_BYTES} octets",
    "at most {MAX_TAIL_ENTRIES}; or none",
    "over {MAX_GOSSIP_BYTES} octets",
    "3 count (1 to {MAX_ENTRIES_WANTED})",
    "2 tiles (1 to {MAX_TILES_WANTED}): 1 level (0 to {MAX_TILE_LEVEL}) · 2 index · 3 width (1 to {TILE_WIDTH})",
    "1 blobs (at most {MAX_ANSWER_ITEMS})",
    "at most {MAX_ANSWER_CODE_CHARS} characters; empty",
    "An origin is at most {MAX_ORIGIN_CHARS} printable ASCII characters",
    "each a list of at most {MAX_QUERY_KEYS} times 32 octets",
    "builders (at most {MAX_NAMED_SIGNERS} keys of 1 to {MAX_SIGNER_BYTES} octets",
    "at most {MAX_PAGE_BYTES} octets, or empty",
    "1 found (at most {MAX_ANSWER_ITEMS})",
    "4 path (at most {MAX_PROOF_HASHES} hashes)",
    "1 records (1 to {MAX_STORE_RECORDS})",
    "1 keys (1 to {MAX_FIND_SLOTS} slots of 32 octets)",
    "2 envelope (1 to {MAX_RECORD_ENVELOPE_BYTES} octets) · 3 signer (1 to {MAX_SIGNER_BYTES})",
    "7 checkpoint (1 to {MAX_CHECKPOINT_BYTES})",
  ],
  policy: [
    "a name or a list of 1 to {MAX_SOURCE_NAMES}, in ASCII",
    "an address or a list of 1 to {MAX_SOURCE_NAMES}, as of",
    "a name of at most {MAX_GIT_NAME_BYTES} octets",
    "a pattern or a list of 1 to {MAX_APT_NAMES}: of the `Origin`",
    "has roles and words, at most {MAX_ROLE_WORDS}:",
    "2 to {MAX_RULE_STEPS} steps, first to last",
    "at most {MAX_RENAMES} pairs of 1 to {MAX_RENAME_CHARS} characters",
    "a TOML 1.0 file of at most {MAX_POLICY_BYTES} octets",
    "at most {MAX_POLICY_BUILDERS} builders, {MAX_POLICY_GROUPS} groups, {MAX_POLICY_LAYOUTS} layouts, {MAX_POLICY_RULES} rules and {MAX_POLICY_EXCEPTIONS} exceptions",
    "At most {MAX_BUILDER_KEYS} keys",
    "names, at most {MAX_BUILDER_ROLES}",
    "that carry its claims, at most {MAX_BUILDER_FEEDS}",
    "text of at most {MAX_LABEL_BYTES} octets",
    "a list of at most {MAX_REQUIREMENTS}",
    "at most {MAX_AGE_DAYS} days",
    "At most {MAX_PATTERN_BYTES} octets and {MAX_PATTERN_STARS} wildcards",
    "more than {MAX_WAYS} ways or {MAX_SEATS} seats",
    "is above {MAX_CHOICES}, with c equal seats",
    "or a list of 1 to {MAX_EXCEPTION_FILES}",
    "at most {MAX_LAYOUT_PARAMETERS} values for",
    "Builders and functionaries together are at most {MAX_POLICY_FUNCTIONARIES};",
  ],
  git: [
    "At most {MAX_GIT_OBJECT_BYTES} octets. Headers",
    "and at most {MAX_GIT_PARENTS} `parent`",
    "of which there are at most {MAX_GIT_SIGNATURES})",
    "an armored SSHSIG of at most {MAX_SSH_SIGNATURE_BYTES} octets",
    "of at most {MAX_GIT_NOTE_BYTES} octets",
  ],
  trust: [
    "lead there, at most {MAX_TRUST_DEPTH} of them",
    "all roots, at most {MAX_TRUST_ROOTS}, the newest targets of at most {MAX_TRUST_ROLES} roles",
    "at most {MAX_TRUST_FILES_BYTES/1048576} MiB",
    "at most {MAX_DOMAIN_FILE_BYTES} octets and {MAX_DOMAIN_LIST} items a list",
    "more than {MAX_TARGETS_DAYS} days are warned of",
    "A root has at most {MAX_ROOT_BYTES} octets, targets {MAX_TARGETS_BYTES}",
    "at most {MAX_TRUST_KEYS} keys",
    "at most {MAX_TRUST_SIGNATURES} signatures",
    "1 to {MAX_TRUST_VERSION=2^30}",
    "at most {MAX_TARGET_FILES} files",
    "at most {MAX_TARGET_FILE_BYTES} octets",
    "at most {MAX_TARGET_PATH_CHARS} characters",
    "at most {MAX_DELEGATIONS} roles",
    "at most {MAX_PURL_PATTERNS} patterns",
    "{MIN_FINGERPRINT_CHARS} to 64 hex digits",
  ],
  layouts: [
    "At most {MAX_LINK_BYTES} octets. Every member",
    "text of at most {MAX_LAYOUT_BYTES} octets",
    "at most {MAX_LAYOUT_KEYS} keys by their ids",
    "1 to {MAX_LAYOUT_STEPS}; names differ",
    "at most {MAX_STEP_BYTES} octets in one line",
    "at most {MAX_LAYOUT_WORDS} words of at most {MAX_LAYOUT_BYTES} octets",
    "at most {MAX_LAYOUT_RULES} rules each",
    "at most {MAX_LINK_ARTIFACTS} artifacts each",
    "1 to {MAX_PATH_BYTES} octets",
    "An artifact has 1 to {MAX_ARTIFACT_DIGESTS} digests",
    "lowercase hex, 1 to {MAX_DIGEST_DIGITS} digits",
    "at most {MAX_KEY_TRIALS} keys are tried",
    "Of more than {MAX_STEP_RESULTS} results",
    "look at {MAX_PATTERN_LOOKS} signs at most",
    "more than {MAX_SUBLAYOUT_DEPTH} deep, is `layout/sublayout`; more than {MAX_SUBLAYOUTS} in all",
    "`subkeys` (at most {MAX_SUBKEYS},",
    "| {MAX_RULE_WORDS} words a rule |",
  ],
  "normal-forms": NORMAL_FORMS,
  vsa: ["At most {MAX_VSA_LEVELS} are read", "each once; at most {MAX_MATERIALS} |"],
  verdict: VERDICTS,
  "rebuilderd-gateway": [
    "At most {MAX_GATEWAY_CLAIMS} claims are remembered, of all builders together, and {MAX_GATEWAY_FILE_CLAIMS} of one builder about one file",
    "with the same text, of at most {MAX_GATEWAY_HOSTS} hosts",
    "at most {MAX_GATEWAY_PAGE} records, whatever the limit",
    "A parameter has at most {MAX_GATEWAY_TEXT} characters",
    "waits at most {MAX_GATEWAY_WAIT_MS/1000} s for new entries",
    "at most {MAX_GATEWAY_CONNECTIONS} connections",
  ],
  peer: [
    "that nobody has shown for {SILENT_MS/3600000} h, this peer having been there: after a start, and after {ABSENT_MS/3600000} h in which it slept",
    "At most {MAX_UNSTORED_FEED_BYTES/1048576} MiB of a feed and {MAX_UNSTORED_BYTES/1048576} MiB in all",
    "{MAX_UNSTORED_BUNDLES_BYTES/1024} KiB of a feed's bundles wait for it at most",
    "up to {MAX_BUNDLES_WRITE_BYTES/1024} KiB in one write",
    "{PACK_ENTRIES} entries that came as a bundle, from a multiple of {PACK_ENTRIES} on, as an answer of `tiles` writes them; at most {MAX_PACK_BYTES/1024} KiB",
    "Heads without a tail are pulled 0 to {MAX_HEAD_JITTER_MS} ms later",
    "up to {MAX_UNRESOLVED_HEADS} *unresolved* heads",
    "for others, {MAX_CARRIED_BYTES/1048576} MiB of all domains at most",
    "the first {DOMAIN_NAME_BYTES} octets of the fingerprint",
    "at one slot at most {MAX_CARRIERS} are called",
    "of up to {MAX_PINNED_WITNESSES} witnesses that are pinned",
    "and of {MAX_STRANGE_COSIGNATURES} others",
    "times of one witness rise by {COSIGN_INTERVAL_S} s at least",
    "at most {MAX_BATCH_ENTRIES} of them and {MAX_BATCH_BYTES/1048576} MiB, and two heads are at least {MIN_HEAD_INTERVAL_MS} ms apart",
    "A tail of at most {MAX_TAIL_BYTES/1024} KiB",
    "Rows of a gossip tail (≤ {INDEX_AT_ONCE} entries)",
    "a job in steps of {INDEX_STEP_ENTRIES} entries",
    "waits up to {INDEX_REST_MS} ms while entries stream in, up to {INDEX_BULK_REST_MS/1000} s where bundles do",
    "From {RECALL_AFTER_MS/60000} minutes after the start",
    "heard nothing for {RECALL_AFTER_MS/60000} minutes, one after the other, each at most every {RECALL_INTERVAL_MS/60000} minutes",
    "most {MAX_LOOKUP_NEIGHBOURS} count for each /24 or /48",
    "at most {MAX_KEYS_TRIED} keys",
    "{SLOW_CHECKS_PER_SECOND} a second, at most {SLOW_CHECK_BURST} saved up, and down to {SLOW_CHECK_DEBT} below nothing",
    "handed over {SLOW_CHECK_SLICE} at a time",
    "With {MAX_PARKED_TARGETS} targets waiting",
    "(the newest {MAX_FINDINGS})",
    "a room of their own: {MAX_STRANGER_FINDINGS}",
    "a budget of {SERVE_BYTES_PER_SECOND/1048576} MiB a second ({SERVE_BURST_BYTES/1048576} MiB at once)",
    "{MAX_SERVING} answers are prepared at a time, once {MAX_SERVING/2} are no more than {MAX_PEER_SERVING} for one peer",
    "A page looks at {MAX_FOUND_ENTRIES} entries at most, and at {MAX_QUESTION_ROWS} rows of the index",
    "the sender's budget ({RECORDS_PER_SECOND} a second, {RECORDS_BURST} at once)",
    "(at most {MAX_RECORD_CHECKPOINTS} different ones in a question)",
    "at most {MAX_RANGES_READ} pairs of slot and signer",
    "fewer than {MAX_SLOT_CLAIMS} claims of this signer, or fewer than {MAX_SLOT_CLAIMS} digests and this is a new one; fewer than {MAX_SLOT_RETRACTIONS} retractions",
    "there are fewer than {MAX_RECORDS} records",
    "the slot has fewer than {MAX_SLOT_SIGNERS} signers",
    "It is kept {RECORD_SECONDS/3600} hours",
    "written {SWEEP_DELAY_MS/1000} s after publishing, or as soon as {SWEEP_SOON_ENTRIES} entries wait, of {SWEEP_PLAN_ENTRIES} entries at a time, at least {SWEEP_PLAN_MS} ms apart",
    "batch after batch of at most {SWEEP_BATCH_RECORDS} rows and {SWEEP_RECORDS_PER_SECOND} rows a second on average",
    "offered again after {SWEEP_RETRY_MS/1000} s, 20 s, … {SWEEP_RETRY_MAX_MS/3600000} h",
    "a round takes {REPUBLISH_SECONDS/3600} hours",
    "share with it {REGION_EXTRA_BITS} bits more than its k-th peer does, for {REGION_MS/60000} minutes",
    "Entries over {MAX_RECORD_ENVELOPE_BYTES/1024} KiB",
    "at most {MAX_FIND_PEERS} connected peers by `query` and, for at most {MAX_FIND_LOOKUPS} slots, the {MAX_SLOT_PEERS} peers closest to each by `records`, each with {FIND_ASK_TIMEOUT_MS/1000} s",
    "no more than {FOUND_BASE} and {FOUND_OF_KEY} for each key and builder",
    "(slots above {MAX_FIND_LOOKUPS}, entries above {MAX_FIND_BYTES/1048576} MiB)",
    "{MAX_FEEDS}, of them {MAX_UNKNOWN_FEEDS} unknown",
    "{MAX_SEEN_HEADS} · {MAX_SEEN_EVIDENCE} · {MAX_CHECKED_ENTRIES}",
    "hash tiles kept ready | {MAX_CACHED_TILES}",
    "peers whose budgets are kept | {MAX_PEERS}",
    "questions of synchronisation in flight | {MAX_SYNC_ASKS}",
    "at most {MAX_BUNDLES_ASKED} bundles; {MAX_BUNDLE_ASKS} are in flight, {MAX_PEER_BUNDLE_ASKS} to one source, none more than {MAX_BUNDLES_AHEAD} bundles",
    "{MAX_BUNDLES_BYTES/1048576} MiB, and one answer for each of {MAX_BULK_FEEDS} feeds and for each question",
    "questions for bundles in flight | {MAX_BUNDLE_ASKS}, to one source {MAX_PEER_BUNDLE_ASKS};",
    "{FEED_HEADS_PER_SECOND} a second and feed; unknown ones {UNKNOWN_HEADS_PER_SECOND} a second, {UNKNOWN_HEADS_PER_NEIGHBOUR} of one neighbour",
  ],
};

function fill(sentence: string): string {
  return sentence.replace(
    /\{(\w+)(?:\/(\d+)|=([^}]+))?\}/g,
    (_, name: string, part?: string, writing?: string) => {
      const value = L[name] ?? assert.fail(`there is no limit ${name}`);
      if (writing !== undefined) {
        const [base = "", exponent = ""] = writing.split("^");
        assert.equal(Number(base) ** Number(exponent), value, name);
        return writing;
      }
      return (value / Number(part ?? 1)).toLocaleString("en-US");
    },
  );
}

for (const [page, sentences] of Object.entries(SAID)) {
  test(`${page}.md says the limits as they are`, () => {
    const text = readFileSync(new URL(`spec/${page}.md`, ROOT), "utf8").replaceAll(/\s+/g, " ");
    for (const sentence of sentences) assert.ok(text.includes(fill(sentence)), fill(sentence));
  });
}

test("every limit of a format is said by a page", () => {
  const said = new Set(
    Object.values(SAID).flatMap((all) => all.flatMap((one) => one.match(/(?<=\{)\w+/g) ?? [])),
  );
  const unsaid: string[] = [];
  let section = "";
  for (const line of readFileSync(new URL("limits.ts", ROOT), "utf8").split("\n")) {
    section = /^\/\/ ([^(]+?)(?: \(|$)/.exec(line)?.[1] ?? section;
    const name = /^export const (\w+)/.exec(line)?.[1];
    if (name === undefined || !SECTIONS_OF_FORMATS.includes(section)) continue;
    if (!said.has(name) && !OWN_AFFAIR.includes(name)) unsaid.push(name);
  }
  assert.deepEqual(unsaid, []);
  assert.ok(said.size > 80);
});
