/** A verdict as `verify --json` prints it (protocol/spec/verdict.schema.json). */
import { formatTime } from "../attestation/index.ts";
import { jsonObject, readJson, toHex } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { idOfEvidence, writeEvidence } from "../evidence/index.ts";
import type { Evidence } from "../evidence/index.ts";
import { MAX_EVIDENCE_BYTES } from "../limits.ts";
import type { SignedSource } from "./found-object.ts";
import type { LayoutFinding } from "./layout-types.ts";
import type { ChainStep, Verdict, Vote, Witnessing } from "./types.ts";

/** What the judgement does not know of its own run. */
export interface Run {
  /** Of the file, or null where only its digest was given. */
  readonly path: string | null;
  /** Whether the memory of heads could be kept (RULES R22). */
  readonly state: "kept" | "none";
  readonly elapsedMs: number;
  /** The trust domain that states the policy, and the version of its targets; left out for a policy of the user's own. */
  readonly domain?: { readonly fingerprint: string; readonly version: number } | null;
  /** What keys said of the file that the domain has removed since. */
  readonly former?: readonly Former[];
}

/** What a key said that no policy of the domain has any more: it has no vote. */
export interface Former {
  readonly builder: string;
  /** Hex: raw Ed25519 key, or SPKI. */
  readonly key: string;
  readonly sha256: string;
  /** The role whose policy had it, and the version of its targets since which it is gone. */
  readonly role: string;
  readonly version: number;
}

/** The object of one line; its members stand in the contract's order. */
export function verdictJson(verdict: Verdict, run: Run): JsonValue {
  const { artifact } = verdict;
  const { target } = artifact;
  return jsonObject({
    samebits: 1,
    path: run.path,
    sha256: toHex(artifact.sha256),
    target: target === null ? null : jsonObject({ purl: target.purl, file: target.file, key: target.keyHex }),
    verdict: verdict.verdict,
    decision: verdict.decision,
    contradiction: verdict.contradiction,
    problem: verdict.problem,
    rule: verdict.rule,
    exception: exceptionJson(verdict.exception),
    policy: jsonObject({
      sha256: verdict.policy,
      domain: run.domain?.fingerprint ?? null,
      version: run.domain?.version ?? 1,
    }),
    needed: verdict.needed,
    agreeing: verdict.agreeing,
    source: verdict.source ?? undefined,
    signed: verdict.signed === undefined ? undefined : signedJson(verdict.signed),
    view: verdict.view,
    layout: verdict.layout === undefined ? undefined : layoutJson(verdict.layout),
    chain: verdict.chain?.map(stepJson),
    votes: verdict.votes.map(voteJson),
    former: (run.former ?? []).map((one) => jsonObject({ ...one })),
    reasons: verdict.reasons,
    next: verdict.next,
    evidence: verdict.evidence.map(evidenceJson),
    sources: jsonObject({ ...verdict.asked }),
    state: run.state,
    elapsed_ms: run.elapsedMs,
  });
}

function exceptionJson(exception: Verdict["exception"]): JsonValue {
  if (exception === null) return null;
  const { name, reason, untilMs } = exception;
  return jsonObject({ name, reason, until: formatTime(untilMs) });
}

function layoutJson({ name, file, sha256, outcome, problem, steps, notes }: LayoutFinding): JsonValue {
  return jsonObject({
    name,
    file,
    sha256,
    outcome,
    problem: problem === null ? null : jsonObject({ ...problem }),
    steps: steps.map((step) =>
      jsonObject({ ...step, links: step.links.map((link) => jsonObject({ ...link })) }),
    ),
    notes,
  });
}

function signedJson({ objects, ...source }: SignedSource): JsonValue {
  return jsonObject({
    ...source,
    objects: objects.map((object) =>
      jsonObject({ ...object, signers: object.signers.map((signer) => jsonObject({ ...signer })) }),
    ),
  });
}

function stepJson(step: ChainStep): JsonValue {
  return jsonObject({ ...step, votes: step.votes.map(voteJson) });
}

function voteJson(vote: Vote): JsonValue {
  const { time, witnesses, revoked } = vote;
  return jsonObject({
    ...vote,
    time: time === null ? null : formatTime(time),
    witnesses: witnesses === null ? null : witnessingJson(witnesses),
    ...(revoked === undefined ? {} : { revoked: formatTime(revoked) }),
  });
}

function witnessingJson({ saw, needed, since }: Witnessing): JsonValue {
  const at = since === undefined ? {} : { since: since === null ? null : formatTime(since) };
  return jsonObject({ saw, needed, ...at });
}

/** The proof itself is the evidence file's object: saved as a line, `evidence check` takes it. */
function evidenceJson(evidence: Evidence): JsonValue {
  return jsonObject({
    id: idOfEvidence(evidence),
    kind: evidence.kind,
    proof: readJson(writeEvidence(evidence), { maxBytes: MAX_EVIDENCE_BYTES }),
  });
}
