/** `source` of a rule: that all who count built from the same, and who has to have stated it. */
import { isJsonObject } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { readAge } from "./age.ts";
import type { Requirement, SourceRule, Way } from "./types.ts";

const SAME = ["same"] as const;

/** `"same"`, or who states it, which `read` reads and `meet` tries; `maxAgeMs`: the rule's, of attestations. Throws what these throw, and `shape/…`. */
export function readSource(
  shape: Shape | undefined,
  maxAgeMs: number | null,
  read: (fields: RecordShape) => Requirement,
  meet: (shape: Shape, requirement: Requirement) => readonly Way[],
): SourceRule | null {
  if (shape === undefined) return null;
  if (!isJsonObject(shape.value)) {
    shape.oneOf(SAME);
    return Object.freeze({ stated: null });
  }
  const fields = shape.record();
  const age = fields.optional("max_attestation_age");
  const maxAttestationAgeMs = age === undefined ? maxAgeMs : readAge(age);
  const requirement = read(fields);
  const ways = meet(shape, requirement);
  return Object.freeze({
    stated: Object.freeze({ requirement, ways, maxAttestationAgeMs, isAgeSaid: age !== undefined }),
  });
}
