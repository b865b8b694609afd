/** Layouts and links as samebits writes them: what in-toto's tools for Python, Go and Rust read alike (`protocol/spec/layouts.md`, "Writing"). */
import { formatTime } from "../attestation/index.ts";
import { assertEmittable, canonicalJson, jsonObject, record } from "../bytes/index.ts";
import type { JsonValue } from "../bytes/index.ts";
import { keyIdKha, keyIdPlain } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import { readLayout } from "./layout.ts";
import { readLink } from "./link.ts";
import { writeLayoutKey } from "./keys.ts";
import { ruleJson } from "./rule.ts";
import type { ArtifactRule, Artifacts, Inspection, Step } from "./types.ts";

/** A step that is to be written: whom it names by their keys. */
export interface StepDraft extends Omit<Step, "functionaries"> {
  readonly functionaries: readonly PublicKey[];
}

/** A layout that is to be written. */
export interface LayoutDraft {
  readonly readme: string;
  /** ms since 1970; whole seconds are written. */
  readonly expires: number;
  readonly steps: readonly StepDraft[];
  readonly inspections: readonly Inspection[];
}

/** A link that is to be written. */
export interface StepLink {
  readonly name: string;
  readonly materials: Artifacts;
  readonly products: Artifacts;
  readonly command: readonly string[];
  /** `return-value`, a number, and `stdout` and `stderr`, text. */
  readonly byproducts: JsonValue;
}

/**
 * The `signed` part of a layout, as it is signed. Throws what the reader would refuse (`layout/bad-document`, `attestation/bad-time`), `json/not-canonical`
 * for what tools sign differently, and `key/unsupported` for keys that have no such writing.
 */
export function buildLayout({ readme, expires, steps, inspections }: LayoutDraft): Uint8Array {
  const keys = new Map(
    steps.flatMap(({ functionaries }) => functionaries).map((key) => [layoutKeyId(key), writeLayoutKey(key)]),
  );
  const signed = jsonObject({
    _type: "layout",
    expires: formatTime(expires),
    inspect: inspections.map(inspectionJson),
    keys,
    readme,
    steps: steps.map(stepJson),
  });
  // Keys are made by our own writer, with the line feeds of PEM, which all tools sign alike.
  for (const [name, value] of signed) if (name !== "keys") assertEmittable(value);
  readLayout(record(signed, "layout"));
  return canonicalJson(signed);
}

/** The id under which a layout of ours holds a key. */
function layoutKeyId(key: PublicKey): string {
  return key.type === "openpgp" ? keyIdPlain(key) : keyIdKha(key);
}

function stepJson(step: StepDraft): JsonValue {
  return jsonObject({
    _type: "step",
    expected_command: step.expectedCommand,
    expected_materials: rulesJson(step.expectedMaterials),
    expected_products: rulesJson(step.expectedProducts),
    name: step.name,
    pubkeys: [...new Set(step.functionaries.map(layoutKeyId))],
    threshold: step.threshold,
  });
}

function inspectionJson(inspection: Inspection): JsonValue {
  return jsonObject({
    _type: "inspection",
    expected_materials: rulesJson(inspection.expectedMaterials),
    expected_products: rulesJson(inspection.expectedProducts),
    name: inspection.name,
    run: inspection.run,
  });
}

function rulesJson(rules: readonly ArtifactRule[]): JsonValue {
  return rules.map(ruleJson);
}

/** The `signed` part of a link, as it is signed. Throws as `buildLayout` does. */
export function buildStepLink({ name, materials, products, command, byproducts }: StepLink): Uint8Array {
  const signed = jsonObject({
    _type: "link",
    byproducts,
    command,
    environment: jsonObject({}),
    materials,
    name,
    products,
  });
  assertEmittable(signed);
  readLink(record(signed, "link"));
  return canonicalJson(signed);
}
