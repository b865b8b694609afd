/** What somebody is told of what a policy expects and does not find. */
import {
  counted,
  fromUtf8,
  fromHex,
  keyIdPlain,
  parseTarget,
  publicKeyOf,
  toBase64,
  toHex,
  tried,
  writeAge,
} from "../../../protocol/index.ts";
import type { AlertTarget, Matter, Policy } from "../../../protocol/index.ts";
import { alertObject } from "../alert.ts";
import { isFileRow } from "./rows.ts";
import type { FileRow, KeyRow, Row } from "./rows.ts";
import type { Standing } from "./judging.ts";

/** An entry of a feed with the proof that it stands there, for anybody to check. */
export interface ClaimProof {
  /** Claim id, where a key that the policy has signed it. */
  readonly claim: string | null;
  readonly feed: string;
  readonly index: number;
  /** Octets of the envelope. */
  readonly envelope: Uint8Array;
  /** Hashes of the inclusion proof, and the signed head under which it leads. */
  readonly path: readonly Uint8Array[];
  readonly checkpoint: Uint8Array;
}

/** A matter of what is expected: `id` is of the file and its SHA-256, or of the key, and the same whoever looks. */
export interface ExpectedReport extends Matter {
  readonly kind: Row["kind"];
  /** It is no finding of a node. */
  readonly number: 0;
  readonly target: AlertTarget;
  readonly step: string;
  /** For people: a headline, and sentences. */
  readonly text: readonly string[];
  /** A command line with which anybody checks it. */
  readonly check: string;
  /** Null where the feed can't be read at the moment. */
  readonly proof: ClaimProof | null;
}

/** Why it is over. */
export type End = "there" | "taken back" | "not expected" | "known";

/** What a report is about, and what is known beside. `standing`: null where nothing was judged. */
export function reportOf(
  row: Row,
  {
    time,
    end,
    standing,
    proof,
  }: {
    readonly time: number;
    readonly end: End | null;
    readonly standing: Standing | null;
    readonly proof: ClaimProof | null;
  },
): ExpectedReport {
  const { kind, id, step } = row;
  const { purl, file, keyHex } = parseTarget(row.purl, row.file);
  const isWithdrawn = end === "taken back";
  return {
    kind,
    id,
    keys: [fromHex(row.key)],
    number: 0,
    target: { purl, file, key: keyHex },
    step,
    time,
    difference: false,
    ended: end !== null,
    voices: isFileRow(row) ? [{ signer: row.key, sha256: row.sha256, withdrawn: isWithdrawn }] : [],
    text: isFileRow(row) ? fileWords(row, end, standing, time) : keyWords(row, end),
    check: isFileRow(row)
      ? `samebits verify --sha256 ${row.sha256} --purl '${row.purl}' --name '${quoted(row.file)}'`
      : `samebits feed prove ${row.origin} ${row.index} -o entry.tlog-proof && samebits show entry.tlog-proof`,
    proof,
  };
}

function fileWords(
  row: FileRow,
  end: End | null,
  standing: Standing | null,
  time: number,
): readonly string[] {
  const what = `${row.file}, SHA-256 ${row.sha256.slice(0, 16)}…`;
  if (end !== null) return [`${HEADS[row.kind]} no more: ${what}`, ENDS[row.kind][end]];
  const waited = `Entry ${row.index} of ${row.origin} lists it, seen here ${age(time - row.seen)} ago.`;
  const reasons = standing === null ? [] : standing.verdict.reasons.map((reason) => `- ${reason}`);
  const rule = standing === null ? "" : ` of the rule "${standing.rule.name}"`;
  return [
    `${HEADS[row.kind]}: ${what}`,
    waited,
    row.kind === "unreproduced"
      ? `Not enough of those whom the policy asks${rule} have rebuilt it: ${seats(standing)}.`
      : `The policy asks${rule} who has stated the source that it is built from, and nobody has who may.`,
    ...reasons,
    row.kind === "unreproduced"
      ? "That proves nothing against it: rebuilders may be behind, or it can't be rebuilt alike. But nobody independent has shown that it came out of its source."
      : "A release that nobody meant to make looks like this. Ask the author before you use it.",
  ];
}

function seats(standing: Standing | null): string {
  if (standing === null) return "nobody is asked at present";
  const { agreeing, needed } = standing.verdict;
  return `${agreeing} of ${counted(needed, "vote")} needed`;
}

const HEADS: Readonly<Record<FileRow["kind"], string>> = {
  unreproduced: "NOT REBUILT IN TIME",
  "unexpected-release": "RELEASE THAT NOBODY STATED",
};

const ENDS: Readonly<Record<FileRow["kind"], Readonly<Record<End, string>>>> = {
  unreproduced: {
    there: "Enough have rebuilt it now.",
    "taken back": "Who listed it has taken that back.",
    "not expected": "The policy asks for no rebuild of it any more.",
    known: "",
  },
  "unexpected-release": {
    there: "Those who may have stated its source.",
    "taken back": "Who said that it is one has taken that back.",
    "not expected": "The policy asks for no statement of its source any more.",
    known: "",
  },
};

function keyWords(row: KeyRow, end: End | null): readonly string[] {
  const { kind, builder, file, origin, index } = row;
  const name = nameOfKey(row);
  if (kind === "revoked-key") {
    return end === null
      ? [
          `A REVOKED KEY SIGNS: ${name} of ${builder}, for ${file}`,
          `Entry ${index} of ${origin} is signed by a key that the policy has revoked, and came after that.`,
          "Whoever holds the key goes on. What it signs counts for nothing.",
        ]
      : [`A REVOKED KEY SIGNS no more: ${name} of ${builder}`, "The policy does not revoke it any more."];
  }
  return end === null
    ? [
        `A KEY THAT THE POLICY DOES NOT KNOW: ${name} in the feed of ${builder}, for ${file}`,
        `Entry ${index} of ${origin}, which only ${builder} can write to, is signed by a key that the policy has for nobody.`,
        row.isProven
          ? "The signature holds, and counts for nothing."
          : "Whether the signature holds can't be told without the key; it counts for nothing.",
        `${builder} may have a new key or carry this for somebody else, or another writes to its feed: ask it, on another way.`,
      ]
    : [
        `A KEY THAT THE POLICY DID NOT KNOW: ${name} in the feed of ${builder}`,
        "The policy has the key now.",
      ];
}

/** By its key id where the key itself is known, else by what the envelope calls it. */
function nameOfKey({ key, isProven }: KeyRow): string {
  const known = isProven ? tried(() => keyIdPlain(publicKeyOf(fromHex(key)))) : null;
  return `${(known ?? key).slice(0, 16)}…`;
}

function age(ms: number): string {
  return writeAge(Math.max(60_000, Math.floor(ms / 60_000) * 60_000));
}

/** Inside single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

/** One line of `samebits watch` (protocol/spec/alert.schema.json), by the policy as it is at `now`. */
export function expectedObject(report: ExpectedReport, policy: Policy | null, now: number): object {
  const { kind, number, id, keys, step, time, difference, text, ended, check, proof } = report;
  const target = parseTarget(report.target.purl, report.target.file);
  const alert = {
    number,
    kind,
    id,
    keys,
    target,
    step,
    time,
    difference,
    evidence: null,
    text,
    acknowledged: null,
  };
  return { ...alertObject(alert, policy, now), ended, check, proof: proofObject(proof) };
}

function proofObject(proof: ClaimProof | null): object | null {
  if (proof === null) return null;
  const { claim, feed, index, envelope, path, checkpoint } = proof;
  return {
    claim,
    feed,
    index,
    envelope: toBase64(envelope),
    path: path.map(toHex),
    checkpoint: fromUtf8(checkpoint),
  };
}
