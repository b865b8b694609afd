/** Evidence that a trust domain's owners have signed two roots of one version (`protocol/spec/evidence.md`, "Split"): the whole chain, so that nobody is framed. */
import {
  equalBytes,
  fromBase64,
  fromHex,
  jsonObject,
  readJson,
  record,
  startsWith,
  toBase64,
  toHex,
  utf8,
  writeJson,
} from "../bytes/index.ts";
import type { Shape } from "../bytes/index.ts";
import { keyIdPlain, sha256Hex } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { evidenceId } from "../evidence/index.ts";
import { MAX_ROOT_BYTES, MAX_SPLIT_BYTES, MAX_TRUST_ROOTS } from "../limits.ts";
import { readMetadata } from "./metadata.ts";
import { signersOf } from "./role.ts";
import { firstRoot, isSplit, nextRoot } from "./root.ts";
import type { Root } from "./root.ts";

/** Two good roots of one version; only `proveSplit` and `checkSplit` make one. Frozen. */
export interface SplitEvidence {
  readonly kind: "split";
  /** The roots before both, from the first on. */
  readonly roots: readonly [Root, ...Root[]];
  /** In the order of the SHA-256 of what they sign. */
  readonly a: Root;
  readonly b: Root;
}

const KIND = "split";
const BEGINNING = utf8('{"samebits":1,"type":"evidence","kind":"split"');
const LINE_FEED = 0x0a;
const MAX_BASE64_CHARS = 4 * Math.ceil(MAX_ROOT_BYTES / 3);

/** Whether a file is given out as one. */
export function beginsAsSplit(bytes: Uint8Array): boolean {
  return startsWith(bytes, BEGINNING);
}

/** Throws `evidence/no-split` where the two are none of one version after these roots, and what `nextRoot` throws. */
export function proveSplit(
  [first, ...others]: readonly [Root, ...Root[]],
  one: Uint8Array,
  other: Uint8Array,
): SplitEvidence {
  const last = others.at(-1) ?? first;
  const [x, y] = [nextRoot(last, one), nextRoot(last, other)];
  if (!isSplit(x, y))
    throw new ProtocolError("evidence/no-split", `both are the same root ${x.version}: nothing is split`);
  const [a, b] = sha256Hex(x.signedBytes) < sha256Hex(y.signedBytes) ? [x, y] : [y, x];
  const roots: readonly [Root, ...Root[]] = Object.freeze([first, ...others]);
  return Object.freeze({ kind: KIND, roots, a, b });
}

/** One line without its line feed. Throws `evidence/too-big` for more than MAX_SPLIT_BYTES. */
export function writeSplit({ roots: [first, ...others], a, b }: SplitEvidence): Uint8Array {
  const chain = [first, ...others].map(({ bytes }) => toBase64(bytes));
  const line = writeJson(
    jsonObject({
      samebits: 1,
      type: "evidence",
      kind: KIND,
      domain: first.domain,
      roots: chain,
      a: toBase64(a.bytes),
      b: toBase64(b.bytes),
    }),
  );
  assertSize(line);
  return line;
}

/**
 * Reads it and checks all of it: the chain from the fingerprint on, both roots, and that this is the one writing; one line feed at the end is let be. Throws
 * `evidence/…`, `trust/…`, and what reading a root throws.
 */
export function checkSplit(bytes: Uint8Array): SplitEvidence {
  const line = bytes.at(-1) === LINE_FEED ? bytes.subarray(0, -1) : bytes;
  assertSize(line);
  const all = record(readJson(line, { maxBytes: MAX_SPLIT_BYTES }), "evidence");
  all.integer("samebits", 1, 1);
  all.member("type").oneOf(["evidence"]);
  all.member("kind").oneOf([KIND]);
  const domain = toHex(all.member("domain").hex(32));
  const [one, ...more] = all.list("roots", MAX_TRUST_ROOTS).map(rootIn);
  const [a, b] = [rootIn(all.member("a")), rootIn(all.member("b"))];
  all.done();
  if (one === undefined)
    throw new ProtocolError("evidence/no-split", "no first root: nothing says whose roots these are");
  const roots: [Root, ...Root[]] = [firstRoot(one, domain)];
  for (const next of more) roots.push(nextRoot(roots.at(-1) ?? roots[0], next));
  const evidence = proveSplit(roots, a, b);
  if (!equalBytes(writeSplit(evidence), line))
    throw new ProtocolError(
      "evidence/not-canonical",
      "the evidence holds, but is not in the one writing of it",
    );
  return evidence;
}

/** The same for each proof that this domain has split. */
export function idOfSplit({ roots: [{ domain }] }: SplitEvidence): string {
  return evidenceId(KIND, [], fromHex(domain));
}

/** Keys of the root before that have signed both: theirs is the word that was given twice. */
export function signersOfBoth({ roots: [first, ...others], a, b }: SplitEvidence): readonly PublicKey[] {
  const { root } = others.at(-1) ?? first;
  const [one, other] = [a, b].map(({ bytes }) =>
    signersOf(readMetadata(bytes, "root", MAX_ROOT_BYTES), root),
  );
  const also = new Set(other?.map(keyIdPlain));
  return (one ?? []).filter((key) => also.has(keyIdPlain(key)));
}

/** Lines for people, as `describeEvidence` has them. */
export function describeSplit(evidence: SplitEvidence): readonly string[] {
  const { roots, a, b } = evidence;
  const both = signersOfBoth(evidence).map((key) => keyIdPlain(key).slice(0, 16));
  return [
    `SPLIT: the owners of a trust domain signed two roots ${a.version}.`,
    `  domain  ${roots[0].domain}`,
    `  root 1  ${sha256Hex(a.signedBytes)}`,
    `  root 2  ${sha256Hex(b.signedBytes)}`,
    `Proven: both follow root ${a.version - 1}, which the fingerprint leads to, and have enough signatures of its keys and of their own${both.length === 0 ? "" : `; signed both: ${both.join(" ")}`}.`,
    "Not proven: which of them the owners meant, and whether somebody else has their keys. Neither speaks for the domain.",
  ];
}

function rootIn(shape: Shape): Uint8Array {
  return fromBase64(shape.string(MAX_BASE64_CHARS));
}

function assertSize({ length }: Uint8Array): void {
  if (length > MAX_SPLIT_BYTES)
    throw new ProtocolError(
      "evidence/too-big",
      `evidence of ${length} octets; at most ${MAX_SPLIT_BYTES} are read`,
    );
}
