/** SLSA provenance v1: a builder says how it made the subjects (slsa.dev/provenance/v1). v0.2 is carried and shown only. */
import { jsonObject, toHex } from "../bytes/index.ts";
import type { JsonValue, Shape } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { inputsDigest, makeClaim, originOf } from "./claim.ts";
import type { Claim, How } from "./claim.ts";
import { readMaterials } from "./descriptor.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Environment } from "./environment.ts";
import { descriptorJson } from "./link.ts";
import type { CommandRun, Printed } from "./run.ts";
import { readStated, SAMEBITS, statedJson } from "./stated.ts";
import { madeOf, readSubjects } from "./statement.ts";
import type { Statement } from "./statement.ts";
import { formatTime, parseTime } from "./time.ts";

export const SLSA_V1 = "https://slsa.dev/provenance/v1";
/** Provenance knows no steps: it is about the build itself. */
const STEP = "rebuild";
/** What the build definition of `buildProvenance` follows: `protocol/spec/attestation.md`. */
const BUILD_TYPE = "https://samebits.dev/rebuild/v1";

/** One positive claim for each subject that has a SHA-256. */
export function slsaClaims(statement: Statement): readonly Claim[] {
  const predicate = statement.root.record("predicate");
  const definition = predicate.record("buildDefinition");
  const materials = readMaterials(definition.optional("resolvedDependencies"));
  const stated = readStated(definition.optional("internalParameters"));
  const metadata = predicate.record("runDetails").optional("metadata")?.record();
  const subjects = readSubjects(statement);
  const made = madeOf(subjects);
  const shared = {
    kind: "positive",
    step: STEP,
    how: stated.how ?? "built",
    inputs: inputsDigest(materials, made),
    environment: stated.environment,
    time: stated.time ?? looseTime(metadata?.optional("finishedOn")),
    ...originOf(materials, made),
  } as const;
  const claims: Claim[] = [];
  for (const { target, file, sha256 } of subjects) {
    if (sha256 !== null) claims.push(makeClaim({ ...shared, target, file, sha256 }));
  }
  return claims;
}

/** Others' times come with fractions and zones: what we do not read exactly is not known. */
function looseTime(shape: Shape | undefined): number | null {
  if (shape === undefined) return null;
  try {
    return parseTime(shape.string());
  } catch (error) {
    if (error instanceof ProtocolError && error.code === "attestation/bad-time") return null;
    throw error;
  }
}

export interface ProvenancePredicate {
  /** URI of who built, e.g. `https://samebits.dev/builder/<key id>`. */
  readonly builder: string;
  readonly materials: readonly Descriptor[];
  readonly command: readonly string[];
  readonly how: How;
  readonly time: number | null;
  readonly environment: Environment | null;
  /** Where samebits ran the command itself. */
  readonly run?: CommandRun | null;
}

/** The predicate as we write it. */
export function slsaJson(provenance: ProvenancePredicate): JsonValue {
  const { builder, materials, command, time, run } = provenance;
  return jsonObject({
    buildDefinition: jsonObject({
      buildType: BUILD_TYPE,
      externalParameters: jsonObject({ command }),
      internalParameters: jsonObject({ [SAMEBITS]: statedJson(provenance) }),
      resolvedDependencies: materials.map(descriptorJson),
    }),
    runDetails: jsonObject({
      builder: jsonObject({ id: builder }),
      metadata: metadataJson(time, run ?? null),
      byproducts: run ? [printedJson("stdout", run.stdout), printedJson("stderr", run.stderr)] : undefined,
    }),
  });
}

function metadataJson(time: number | null, run: CommandRun | null): JsonValue | undefined {
  if (run !== null)
    return jsonObject({ startedOn: formatTime(run.started), finishedOn: formatTime(run.finished) });
  return time === null ? undefined : jsonObject({ finishedOn: formatTime(time) });
}

/** A by-product is a file like any other, which nobody kept. */
function printedJson(name: string, { sha256 }: Printed): JsonValue {
  return jsonObject({ name, digest: jsonObject({ sha256: toHex(sha256) }) });
}
