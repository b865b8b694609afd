/** Where verdict.md says a limit (`test/protocol/limits.test.ts`). */
export const VERDICTS: readonly string[] = [
  "among the first {MAX_PROVEN_EACH} attestations of each key",
  "Of each builder at most {MAX_SOURCES_EACH} are tried",
  "not more than {MAX_CLOCK_SKEW_MS/60000} minutes ahead",
  "first seen more than {HEAD_LAG_MS/3600000} hours ago",
  "else {FRESH_HEAD_MS/3600000} hours",
  "at most {MAX_BUNDLE_BYTES} octets and {MAX_BUNDLE_LINES} lines",
  "at most {MAX_BUNDLE_FILES} files that together",
  "with its path there (at most {MAX_LINK_PATH_BYTES} octets)",
  "at most {MAX_LINK_FOLDER_BYTES/1048576} MiB of them, {MAX_LINK_DOCUMENTS} documents for one verification",
  "in at most {MAX_LINK_ROUNDS} rounds, by {MAX_SOUGHT_MATERIALS} digests in each",
  "at most {MAX_INSPECTIONS_RUN} are run, each for {MAX_INSPECTION_MS/1000} s, in {MAX_INSPECTION_PROCESSES} processes of {MAX_INSPECTION_MEMORY_BYTES/1073741824} GiB",
  "prints {MAX_INSPECTION_OUTPUT_BYTES/1048576} MiB, and leaves {MAX_INSPECTED_FILES} files of together {MAX_INSPECTED_BYTES/1073741824} GiB",
];
