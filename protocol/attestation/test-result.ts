/** The test-result predicate: signed negative results (in-toto attestation spec, test-result.md v0.1). */
import { jsonObject } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { MAX_STEP_BYTES } from "../limits.ts";
import { inputsDigest, makeClaim, originOf } from "./claim.ts";
import type { Claim, How } from "./claim.ts";
import { readMaterials, readName } from "./descriptor.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Environment } from "./environment.ts";
import { descriptorJson } from "./link.ts";
import { runMembers } from "./run.ts";
import type { CommandRun } from "./run.ts";
import { readStated, SAMEBITS, statedJson } from "./stated.ts";
import { readSubjects } from "./statement.ts";
import type { Statement } from "./statement.ts";

export const TEST_RESULT_V01 = "https://in-toto.io/attestation/test-result/v0.1";

const RESULTS = ["PASSED", "WARNED", "FAILED"] as const;

/**
 * `FAILED` with exactly one failed test is a claim that the step of that name failed; for a subject with a SHA-256, that it gave
 * another file than this one. Everything else (passed; a test suite with many names) says nothing about how a file came about.
 */
export function testResultClaims(statement: Statement): readonly Claim[] {
  const predicate = statement.root.record("predicate");
  const result = predicate.member("result").oneOf(RESULTS);
  const failed = predicate.optional("failedTests")?.list(Number.MAX_SAFE_INTEGER) ?? [];
  const [only] = failed;
  if (result !== "FAILED" || only === undefined || failed.length > 1) return [];
  const materials = readMaterials(predicate.optional("configuration"));
  const stated = readStated(predicate.shape);
  const shared = {
    step: readName(only, MAX_STEP_BYTES),
    how: stated.how ?? "imported",
    inputs: inputsDigest(materials, []),
    environment: stated.environment,
    time: stated.time,
    reason: stated.reason,
    ...originOf(materials, []),
  };
  return readSubjects(statement).map(({ target, file, sha256 }) =>
    makeClaim({ ...shared, kind: sha256 === null ? "failed" : "differs", target, file, sha256 }),
  );
}

export interface FailedPredicate {
  readonly step: string;
  readonly reason: string;
  readonly materials: readonly Descriptor[];
  readonly how: How;
  readonly time: number | null;
  readonly environment: Environment | null;
  /** The command that failed, where samebits ran it itself. */
  readonly run?: CommandRun | null;
}

/** The predicate as we write it. */
export function testResultJson(failed: FailedPredicate): JsonValue {
  return jsonObject({
    result: "FAILED",
    configuration: failed.materials.map(descriptorJson),
    passedTests: [],
    warnedTests: [],
    failedTests: [failed.step],
    command: failed.run?.command,
    byproducts: failed.run ? jsonObject(runMembers(failed.run)) : undefined,
    [SAMEBITS]: statedJson(failed),
  });
}
