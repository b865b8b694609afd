/** Layouts and rules by them, in words. */
import { counted } from "../bytes/index.ts";
import { keyIdPlain, keyName } from "../crypto/index.ts";
import type { ArtifactRule, Layout } from "../intoto/index.ts";
import { writeDate } from "./age.ts";
import type { Builder, Policy, PolicyLayout } from "./types.ts";

/** Of a key id: enough to tell keys apart on a screen. */
const SHOWN_DIGITS = 16;

/** One line a layout, as the policy lists them. */
export function explainLayout({ name, file, owners, found }: PolicyLayout): string {
  const { k, keys } = owners;
  const ids = keys.map((key) => `${keyIdPlain(key).slice(0, SHOWN_DIGITS)}…`).join(", ");
  const state =
    found.kind === "good"
      ? `SHA-256 ${found.sha256.slice(0, SHOWN_DIGITS)}…`
      : found.kind === "bad"
        ? "CAN'T BE USED"
        : "NOT HERE";
  return `  ${name}: ${file} (${state}), signed by ${k} of ${counted(keys.length, "key")} (${ids})`;
}

/** What a rule by this layout demands. */
export function explainLayoutRule(layout: PolicyLayout, policy: Policy): readonly string[] {
  const { name, file, found, parameters } = layout;
  if (found.kind === "absent")
    return [`The layout "${name}" decides, and its file ${file} is not here: nothing is let by.`];
  if (found.kind === "bad")
    return [
      `The layout "${name}" decides, and can't be used: ${found.message} (${found.code}). Nothing is let by.`,
    ];
  const { content } = found.signed.document;
  if (content.kind !== "layout") return [];
  return [
    `The layout "${name}" (${file}) decides, until ${writeDate(content.expires)}: the file must be a product of its last step.`,
    ...content.steps.map((step, index) => {
      const { threshold, functionaries } = step;
      const names = namesOf(functionaries, content, policy);
      return `Step ${index + 1} "${step.name}": the same link from ${threshold} of ${names.join(", ")}${rulesInWords(step)}.`;
    }),
    ...content.inspections.map(
      ({ name: inspection, run }) =>
        `Inspection "${inspection}"${run.length === 0 ? "" : ` runs ${run.join(" ")}`}: only with --allow-inspections, unless it does nothing.`,
    ),
    ...(parameters.size === 0
      ? []
      : [`With ${[...parameters].map(([parameter, value]) => `${parameter}=${value}`).join(", ")}.`]),
    "Functionaries of a step who got different results are a contradiction, however many agree.",
  ];
}

/** Functionaries as the policy knows them: two ids of one key are one. */
function namesOf(ids: readonly string[], { keys }: Layout, { builders }: Policy): readonly string[] {
  const holders = new Map(
    [...builders.values()].flatMap((builder: Builder) =>
      builder.keys.map((key) => [keyName(key), builder.name] as const),
    ),
  );
  const names = ids.flatMap((id) => {
    const key = keys.get(id);
    return key === undefined ? [] : [holders.get(keyName(key)) ?? id];
  });
  return [...new Set(names)];
}

function rulesInWords({
  expectedMaterials: materials,
  expectedProducts: products,
}: {
  readonly expectedMaterials: readonly ArtifactRule[];
  readonly expectedProducts: readonly ArtifactRule[];
}): string {
  const said = [
    ...(materials.length === 0 ? [] : [`materials: ${materials.map(inWords).join(", ")}`]),
    ...(products.length === 0 ? [] : [`products: ${products.map(inWords).join(", ")}`]),
  ];
  return said.length === 0 ? "" : `; ${said.join("; ")}`;
}

function inWords(rule: ArtifactRule): string {
  if (rule.kind !== "match") return `${rule.kind} ${rule.pattern}`;
  const { pattern, source, with: what, destination, step } = rule;
  const within = (prefix: string | null): string => (prefix === null ? "" : ` in ${prefix}`);
  return `match ${pattern}${within(source)} with ${what}${within(destination)} from ${step}`;
}
