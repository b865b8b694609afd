import type { RawFindings } from "./types.ts";

/** Several findings as one. */
export function joinRaw(all: readonly RawFindings[]): RawFindings {
  return {
    entries: all.flatMap(({ entries }) => entries),
    envelopes: all.flatMap(({ envelopes }) => envelopes),
    heads: all.flatMap(({ heads }) => heads),
    evidence: all.flatMap(({ evidence }) => evidence),
    joins: all.flatMap(({ joins }) => joins ?? []),
    documents: all.flatMap(({ documents }) => documents ?? []),
  };
}
