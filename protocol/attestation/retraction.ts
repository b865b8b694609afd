/** A builder takes claims of its own back (RULES R17, `protocol/spec/retraction.md`). */
import { jsonObject } from "../bytes/index.ts";
import type { JsonValue, Shape } from "../bytes/index.ts";
import { MAX_RETRACTS } from "../limits.ts";
import { makeClaim } from "./claim.ts";
import type { Claim } from "./claim.ts";
import { readReason } from "./stated.ts";
import { assertOwnForm, readSubjects } from "./statement.ts";
import type { Statement } from "./statement.ts";
import { formatTime, parseTime } from "./time.ts";

export const RETRACTION_V1 = "https://samebits.dev/retraction/v1";
/** Step of a retraction's claims: what they take back is named by claim id, so the step of those does not matter. */
const STEP = "retract";
const CLAIM_ID = /^[0-9a-f]{64}$/;

/** One `retraction` claim for each subject, so that whoever looks for the target finds it. Our own form: read exactly. */
export function retractionClaims(statement: Statement): readonly Claim[] {
  const predicate = statement.root.record("predicate");
  const list = predicate.member("retracts");
  const retracts = list.list(MAX_RETRACTS).map(readClaimId);
  if (retracts.length === 0 || new Set(retracts).size !== retracts.length) {
    list.fail("attestation/bad-claim-id", "one or more different claim ids expected");
  }
  const reason = readReason(predicate.member("reason"));
  const replacing = predicate.optional("replacedBy");
  const replacedBy = replacing === undefined ? null : readClaimId(replacing);
  if (replacing !== undefined && replacedBy !== null && retracts.includes(replacedBy)) {
    replacing.fail("attestation/bad-claim-id", "a retracted claim cannot stand instead of itself");
  }
  const time = predicate.optional("time");
  const shared = {
    kind: "retraction",
    step: STEP,
    how: "built",
    reason,
    retracts: Object.freeze(retracts),
    replacedBy,
    time: time === undefined ? null : parseTime(time.string()),
  } as const;
  predicate.done();
  const claims = readSubjects(statement).map(({ target, file }) => makeClaim({ ...shared, target, file }));
  assertOwnForm(statement);
  return claims;
}

export interface RetractionPredicate {
  /** Claim ids. */
  readonly retracts: readonly string[];
  readonly reason: string;
  readonly replacedBy: string | null;
  readonly time: number | null;
}

/** The predicate as we write it. */
export function retractionJson(retraction: RetractionPredicate): JsonValue {
  const { retracts, reason, replacedBy, time } = retraction;
  return jsonObject({
    retracts,
    reason,
    replacedBy: replacedBy ?? undefined,
    time: time === null ? undefined : formatTime(time),
  });
}

function readClaimId(shape: Shape): string {
  const id = shape.string();
  return CLAIM_ID.test(id) ? id : shape.fail("attestation/bad-claim-id", "64 lowercase hex digits expected");
}
