/** `source` of a rule: that all who count built from the same, who has to have stated it, and who has to have signed it. */
import { isJsonObject } from "../bytes/index.ts";
import type { RecordShape, Shape } from "../bytes/index.ts";
import { readAge } from "./age.ts";
import { readGitRule } from "./git-source.ts";
import type { Requirement, SourceRule, Way } from "./types.ts";

const SAME = ["same"] as const;

/**
 * `"same"`, or a table of who states it and what is asked of its commit. Parties are read by `read` and tried by `meet`; `maxAgeMs`: the
 * rule's, of attestations. Throws what these throw, and `shape/…`, `policy/…`.
 */
export function readSource(
  shape: Shape | undefined,
  maxAgeMs: number | null,
  read: (fields: RecordShape) => Requirement,
  meet: (shape: Shape, requirement: Requirement) => readonly Way[],
): SourceRule | null {
  if (shape === undefined) return null;
  if (!isJsonObject(shape.value)) {
    shape.oneOf(SAME);
    return Object.freeze({ stated: null, git: null });
  }
  const fields = shape.record();
  const git = readGitRule(fields, (signed) => {
    const parties = signed.record();
    // Who signs a tag has done no step.
    parties.optional("step")?.fail("shape/unknown-member", 'the member "step" is not known here');
    const requirement = read(parties);
    return { requirement, ways: meet(signed, requirement) };
  });
  if (git !== null && fields.optional("k") === undefined && fields.optional("of") === undefined) {
    fields.done();
    return Object.freeze({ stated: null, git });
  }
  const age = fields.optional("max_attestation_age");
  const maxAttestationAgeMs = age === undefined ? maxAgeMs : readAge(age);
  const requirement = read(fields);
  const ways = meet(shape, requirement);
  return Object.freeze({
    stated: Object.freeze({ requirement, ways, maxAttestationAgeMs, isAgeSaid: age !== undefined }),
    git,
  });
}
