/**
 * SHA256SUMS manifests, as Bitcoin's guix.sigs has them: somebody's list of what a release's build gave him.
 *
 * A file name alone names no file: every manifest of 23.0rc1 lists `bitcoin-23.0rc1-osx-unsigned.dmg` twice, for arm64 and for x86,
 * with two digests. Both stand in one text under one signature, so one signer says both, of two files; that is no contradiction.
 * Manifests are compared by the set of digests under each name.
 */
import { fromHex, fromUtf8, quote, toHex } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_SUMS_BYTES } from "../limits.ts";
import { isPath } from "./file-name.ts";

export interface SumsRow {
  /** As listed; may be a path. */
  readonly file: string;
  readonly sha256: Uint8Array;
}

export interface Sums {
  /** In the order of the text. */
  readonly rows: readonly SumsRow[];
  /** Digests in hex under each name. More than one: the name does not tell which file is meant. */
  readonly digests: ReadonlyMap<string, ReadonlySet<string>>;
}

/** 64 hex digits, a space, a space or the asterisk of binary mode, the name. */
const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/**
 * Reads the output of `sha256sum`: LF after every line, no escaped names. Throws `sums/bad-line`, `bytes/too-big`, `bytes/bad-utf8`.
 */
export function parseSums(bytes: Uint8Array): Sums {
  if (bytes.length > MAX_SUMS_BYTES) {
    throw new ProtocolError(
      "bytes/too-big",
      `the list has ${bytes.length} octets; at most ${MAX_SUMS_BYTES} are read`,
    );
  }
  const lines = fromUtf8(bytes).split("\n");
  if (lines.pop() !== "" || lines.length === 0) {
    throw new ProtocolError("sums/bad-line", "the list is empty or its last line does not end in a newline");
  }
  const rows = lines.map(readLine);
  const digests = new Map<string, Set<string>>();
  for (const { file, sha256 } of rows) {
    const known = digests.get(file) ?? new Set();
    digests.set(file, known.add(toHex(sha256)));
  }
  return Object.freeze({ rows: Object.freeze(rows), digests });
}

function readLine(line: string, index: number): SumsRow {
  const [, digest, file] = LINE.exec(line) ?? [];
  if (digest === undefined || file === undefined || !isPath(file)) {
    throw new ProtocolError(
      "sums/bad-line",
      `line ${index + 1}, ${quote(line)}, is not "<64 lowercase hex digits>  <name>"`,
    );
  }
  return Object.freeze({ file, sha256: fromHex(digest) });
}

/** One file name on which two manifests do not agree. */
export interface SumsDifference {
  readonly file: string;
  /** Digests in hex that only the one or only the other has, sorted. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
}

/**
 * The names that both list with different sets of digests, in `a`'s order. Names that only one lists are no disagreement (manifests of
 * different stages list different files); a name with several digests agrees where both have the same ones.
 */
export function compareSums(a: Sums, b: Sums): readonly SumsDifference[] {
  const differences: SumsDifference[] = [];
  for (const [file, digestsA] of a.digests) {
    const digestsB = b.digests.get(file);
    if (digestsB === undefined) continue;
    const onlyA = [...digestsA].filter((digest) => !digestsB.has(digest)).sort();
    const onlyB = [...digestsB].filter((digest) => !digestsA.has(digest)).sort();
    if (onlyA.length + onlyB.length > 0) differences.push({ file, onlyA, onlyB });
  }
  return differences;
}
