/** Statements as samebits writes them: standard predicates, and only what every in-toto tool reads alike. */
import { assertEmittable, quote, writeJson } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_MATERIALS, MAX_SUBJECTS } from "../limits.ts";
import { readPayload } from "./attestation.ts";
import { FREEZE_V1, freezeJson } from "./freeze.ts";
import type { FreezePredicate } from "./freeze.ts";
import { LINK_V03, linkJson } from "./link.ts";
import type { LinkPredicate } from "./link.ts";
import { RETRACTION_V1, retractionJson } from "./retraction.ts";
import type { RetractionPredicate } from "./retraction.ts";
import { SLSA_V1, slsaJson } from "./slsa.ts";
import type { ProvenancePredicate } from "./slsa.ts";
import { statementJson } from "./statement.ts";
import type { Subject } from "./statement.ts";
import { TEST_RESULT_V01, testResultJson } from "./test-result.ts";
import type { FailedPredicate } from "./test-result.ts";
import { VSA_V1, vsaJson } from "./vsa.ts";
import type { VsaPredicate } from "./vsa.ts";

/** A file that came out: a digest, and a target where one is known. */
export type Product = Subject & { readonly sha256: Uint8Array };

/** A link/v0.3 Statement: a step gave these files. */
export function buildLink(subjects: readonly Product[], link: LinkPredicate): Uint8Array {
  assertFew(subjects.length, link.materials.length);
  return emit(LINK_V03, subjects, linkJson(link));
}

/** A SLSA provenance v1 Statement: the same, for tools that read that. */
export function buildProvenance(subjects: readonly Product[], provenance: ProvenancePredicate): Uint8Array {
  assertFew(subjects.length, provenance.materials.length);
  return emit(SLSA_V1, subjects, slsaJson(provenance));
}

/** A test-result/v0.1 Statement: the step failed, or (subjects with a SHA-256) gave another file than these. */
export function buildFailed(subjects: readonly Subject[], failed: FailedPredicate): Uint8Array {
  assertFew(subjects.length, failed.materials.length);
  return emit(TEST_RESULT_V01, subjects, testResultJson(failed));
}

/** A retraction/v1 Statement; the subjects are those of the claims taken back. */
export function buildRetraction(subjects: readonly Subject[], retraction: RetractionPredicate): Uint8Array {
  assertFew(subjects.length, 0);
  return emit(RETRACTION_V1, subjects, retractionJson(retraction));
}

/** A feed-freeze/v1 Statement; its subject is the feed, by the SHA-256 of its origin line. */
export function buildFreeze(originHash: Uint8Array, freeze: FreezePredicate): Uint8Array {
  return emit(FREEZE_V1, [{ target: null, file: "feed", sha256: originHash }], freezeJson(freeze));
}

/** A SLSA verification summary: its subject is the file. */
export function buildVsa(subject: Product, vsa: VsaPredicate): Uint8Array {
  assertFew(1, vsa.inputs.length);
  return emit(VSA_V1, [subject], vsaJson(vsa));
}

/**
 * The statement's octets. Refused are strings that in-toto tools sign differently (`json/not-canonical`), a target or file listed
 * twice (`statement/target-twice`), and whatever our own reader would refuse.
 */
function emit(predicateType: string, subjects: readonly Subject[], predicate: JsonValue): Uint8Array {
  const names = new Set<string>();
  for (const { target, file } of subjects) {
    const name = target?.keyHex ?? file;
    if (names.has(name)) {
      throw new ProtocolError(
        "statement/target-twice",
        `${quote(file)} is listed twice${target === null ? "" : ` for ${target.purl}`}; one target has one file: tell them apart by package URL or name`,
      );
    }
    names.add(name);
  }
  const statement = statementJson(predicateType, subjects, predicate);
  assertEmittable(statement);
  readPayload(statement);
  return writeJson(statement);
}

/** Throws `statement/bad-subjects`, `statement/too-many-materials`. */
export function assertFew(subjects: number, materials: number): void {
  if (subjects === 0 || subjects > MAX_SUBJECTS) {
    throw new ProtocolError(
      "statement/bad-subjects",
      `${subjects} subjects; a statement takes 1 to ${MAX_SUBJECTS}: write several attestations`,
    );
  }
  if (materials > MAX_MATERIALS) {
    throw new ProtocolError(
      "statement/too-many-materials",
      `${materials} materials; a statement takes ${MAX_MATERIALS}: name the .buildinfo that lists them as one material`,
    );
  }
}
