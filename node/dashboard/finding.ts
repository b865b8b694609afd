/** What the node found, read; and what is proven of it, checked here from the proof's own octets. */
import {
  checkEvidence,
  describeEvidence,
  fromBase64,
  keysOfEvidence,
  MAX_EVIDENCE_BYTES,
  toHex,
} from "../../protocol/index.ts";
import type { Evidence, RecordShape, Verified } from "../../protocol/index.ts";
import { readWhen } from "./answers.ts";
import { fault } from "./statement.ts";

export interface Finding {
  readonly number: number;
  readonly kind: string;
  readonly id: string;
  /** Raw, in hex. */
  readonly keys: readonly string[];
  readonly purl: string | null;
  readonly file: string | null;
  readonly step: string | null;
  /** ms since 1970. */
  readonly time: number;
  readonly difference: boolean;
  readonly evidence: Uint8Array | null;
  readonly acknowledged: string | null;
}

/** What one signer says of the file, by its signed statement. */
export interface Side {
  readonly key: string;
  readonly sha256: string;
  readonly how: string;
  /** ms since 1970, by its own word; null = it does not say. */
  readonly time: number | null;
}

/** `none`: there is no proof, only what this node saw. */
export type Proof =
  | { readonly kind: "none" }
  | { readonly kind: "bad"; readonly words: string }
  | {
      readonly kind: "holds";
      /** In plain words, as the command prints them. */
      readonly lines: readonly string[];
      /** Two of a contradiction, else none. */
      readonly sides: readonly Side[];
    };

const LARGE = Number.MAX_SAFE_INTEGER;
const MAX_KEYS = 64;

export function readFinding(root: RecordShape): Finding {
  const text = (name: string): string | null => {
    const member = root.member(name);
    return member.value === null ? null : member.string();
  };
  const evidence = text("evidence");
  return {
    number: root.integer("number", 0, LARGE),
    kind: root.string("kind"),
    id: root.string("id"),
    keys: root.list("keys", MAX_KEYS).map((key) => key.string()),
    purl: text("purl"),
    file: text("file"),
    step: text("step"),
    time: readWhen(root.member("time")),
    difference: root.boolean("difference"),
    evidence: evidence === null ? null : fromBase64(evidence),
    acknowledged: readAcknowledged(root),
  };
}

/** The note; null where nobody has acknowledged it, or the node says nothing of it. */
function readAcknowledged(root: RecordShape): string | null {
  const member = root.optional("acknowledged");
  return member === undefined || member.value === null ? null : member.record().string("note");
}

/** Checks the proof, and that it is of this finding. Never rejects for what the node handed out. */
export async function checkFinding({ evidence, keys, purl, file }: Finding): Promise<Proof> {
  if (evidence === null) return { kind: "none" };
  if (evidence.length > MAX_EVIDENCE_BYTES) return { kind: "bad", words: "it is larger than any proof" };
  let checked: Evidence;
  try {
    checked = await checkEvidence(evidence);
  } catch (error) {
    return { kind: "bad", words: fault(error) };
  }
  const target = "target" in checked ? checked.target : null;
  const proven = new Set(keysOfEvidence(checked).map(toHex));
  const isOther = (purl ?? "") !== (target?.purl ?? "") || (file ?? "") !== (target?.file ?? "");
  if (isOther || keys.some((key) => !proven.has(key)))
    return { kind: "bad", words: "the proof is about something else than the node says" };
  return { kind: "holds", lines: describeEvidence(checked), sides: sidesOf(checked) };
}

function sidesOf(evidence: Evidence): readonly Side[] {
  if (!("target" in evidence)) return [];
  const { target, step } = evidence;
  return [evidence.a, evidence.b].flatMap((side) => sideOf(side, target.keyHex, step));
}

function sideOf({ claims, signer }: Verified, target: string, step: string): readonly Side[] {
  const claim = claims.find(
    (one) => one.kind === "positive" && one.step === step && one.target?.keyHex === target,
  );
  if (claim === undefined || claim.sha256 === null) return [];
  return [{ key: toHex(signer.raw), sha256: toHex(claim.sha256), how: claim.how, time: claim.time }];
}
