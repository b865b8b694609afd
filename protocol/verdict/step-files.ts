/** What has to be known of the files of a rule's steps: for whoever looks for it. */
import { parseTarget, signedName } from "../attestation/index.ts";
import type { Target } from "../attestation/index.ts";
import { fromHex, toHex, tried } from "../bytes/index.ts";
import { rulesFor, stepRules } from "../policy/index.ts";
import type { Policy } from "../policy/index.ts";
import type { Artifact, ChainStep, Verdict } from "./types.ts";

/** A file of a step, as somebody may have said something of it. */
export type StepFile = Artifact & { readonly target: Target };

/** The files that the steps are known to be about, each once; of a normal form also the file of which it is that. None where the rule has no steps. */
export function stepFiles({ artifact, chain = [], open = [] }: Verdict): readonly StepFile[] {
  const files = [...chain, ...open].flatMap((step) => filesOfStep(step, artifact));
  return [...new Map(files.map((file) => [stepName(file), file])).values()];
}

/** The same of one step; `artifact`: the file that is judged. */
export function filesOfStep({ file, sha256 }: ChainStep, artifact: Artifact): readonly StepFile[] {
  const { target } = artifact;
  if (file === null || sha256 === null || target === null) return [];
  // What is inside of it says how links may call it.
  if (file === target.file && sha256 === toHex(artifact.sha256)) return [{ ...artifact, target }];
  const signed = signedName(file);
  return [file, ...(signed === null ? [] : [signed])].flatMap((name) => {
    const own = tried(() => parseTarget(target.purl, name));
    return own === null ? [] : [{ sha256: fromHex(sha256), name, target: own, inside: null }];
  });
}

/** One for each file. */
export function stepName({ target, sha256 }: StepFile): string {
  return `${target.keyHex} ${toHex(sha256)}`;
}

/** Whether a rule that may be for the file ties any of its steps by the normal form: the file of a step in between may be at hand too. */
export function asksForForm({ target, listed }: Artifact, policy: Policy): boolean {
  return rulesFor(policy, target?.purl ?? null, listed).some(
    (rule) =>
      rule !== null && stepRules(rule).some(({ before }) => before?.from.includes("normal-form") === true),
  );
}
