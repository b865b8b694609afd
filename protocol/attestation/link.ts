/** The link predicate: a step, what went in and what came out (in-toto attestation spec, link.md v0.3). */
import { jsonObject, toBase64, toHex } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { MAX_STEP_BYTES } from "../limits.ts";
import { inputsDigest, makeClaim, originOf } from "./claim.ts";
import type { Claim, How } from "./claim.ts";
import { readMaterials, readName } from "./descriptor.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Environment } from "./environment.ts";
import { gitSaidJson } from "./git-said.ts";
import { runMembers } from "./run.ts";
import type { CommandRun } from "./run.ts";
import { readStated, SAMEBITS, statedJson } from "./stated.ts";
import { madeOf, readSubjects } from "./statement.ts";
import type { Statement } from "./statement.ts";

export const LINK_V03 = "https://in-toto.io/attestation/link/v0.3";

/** One positive claim for each subject that has a SHA-256. */
export function linkClaims(statement: Statement): readonly Claim[] {
  const predicate = statement.root.record("predicate");
  const step = readName(predicate.member("name"), MAX_STEP_BYTES);
  const materials = readMaterials(predicate.optional("materials"));
  const stated = readStated(predicate.optional("byproducts"));
  const subjects = readSubjects(statement);
  const made = madeOf(subjects);
  const shared = {
    kind: "positive",
    step,
    // A link that does not say that its signer built the file may be anybody's copy of a result.
    how: stated.how ?? "imported",
    inputs: inputsDigest(materials, made),
    environment: stated.environment,
    time: stated.time,
    reason: stated.reason,
    ...originOf(materials, made),
  } as const;
  const claims: Claim[] = [];
  for (const { target, file, sha256 } of subjects) {
    if (sha256 !== null) claims.push(makeClaim({ ...shared, target, file, sha256 }));
  }
  return claims;
}

export interface LinkPredicate {
  readonly step: string;
  readonly materials: readonly Descriptor[];
  readonly command: readonly string[];
  readonly how: How;
  readonly time: number | null;
  readonly environment: Environment | null;
  /** Where samebits ran the command itself. */
  readonly run?: CommandRun | null;
  /** Why the result is another than was to be expected; left out where it is not. */
  readonly reason?: string;
}

/** The predicate as we write it. */
export function linkJson(link: LinkPredicate): JsonValue {
  return jsonObject({
    name: link.step,
    command: link.command,
    materials: link.materials.map(descriptorJson),
    byproducts: jsonObject({ ...runMembers(link.run), [SAMEBITS]: statedJson(link) }),
    environment: jsonObject({}),
  });
}

/** A material as we write it. */
export function descriptorJson(material: Descriptor): JsonValue {
  const { name, uri, sha256, gitCommit, gitTag, gitTree, content, said } = material;
  return jsonObject({
    name: name === "" ? undefined : name,
    uri: uri ?? undefined,
    digest: jsonObject({
      sha256: sha256 === null ? undefined : toHex(sha256),
      gitCommit: gitCommit ?? undefined,
      gitTree,
      gitTag: gitTag ?? undefined,
    }),
    content: content === undefined ? undefined : toBase64(content),
    annotations: said === undefined ? undefined : gitSaidJson(said),
  });
}
