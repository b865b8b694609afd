/** Writes drawn chains as samebits does: `buildLayout` and `buildStepLink`, in each form in which links come. */
import { join } from "node:path";
import {
  buildLayout,
  buildStepLink,
  jsonObject,
  keyIdKha,
  layoutPayload,
  pae,
  sealLayoutEnvelope,
  sealMetablock,
  writeJson,
} from "../../protocol/index.ts";
import type { ArtifactRule, Artifacts, JsonValue } from "../../protocol/index.ts";
import type { Actor } from "./cast.ts";
import type { Plan, Words } from "./sketch.ts";
import { actorOf, hurt, place } from "./write.ts";
import type { Cast, Link, Wanted } from "./write.ts";

/** `statement`: links that have products as Statements, the rest as `dsse`. */
export type Dialect = "metablock" | "dsse" | "statement";

/** By what our documents call a key. */
export function ourId(cast: Cast): (name: string) => string {
  return (name) => keyIdKha(actorOf(cast, name).key);
}

export function writeBySamebits(
  cast: Cast,
  folder: string,
  wanted: readonly Wanted[],
  dialect: Dialect,
): void {
  for (const { path, content, signers, damage } of wanted) {
    const signed = content._type === "link" ? signedLink(content) : signedLayout(cast, content.plan);
    const isStatement =
      dialect === "statement" && content._type === "link" && Object.keys(content.products).length > 0;
    const payload = isStatement ? statement(content) : signed;
    place(
      join(folder, path),
      dialect === "metablock" ? metablock(signed, signers) : envelope(payload, signers),
    );
    if (damage !== null) hurt(join(folder, path), damage);
  }
}

function metablock(signed: Uint8Array, signers: readonly Actor[]): Uint8Array {
  return sealMetablock(
    signed,
    signers.map(({ key, sign }) => ({ key, sig: sign(signed) })),
  );
}

function envelope(payload: Uint8Array, signers: readonly Actor[]): Uint8Array {
  return sealLayoutEnvelope(
    payload,
    signers.map(({ key, sign }) => ({ key, sig: sign(pae(layoutPayload(payload))) })),
  );
}

function signedLayout(cast: Cast, plan: Plan): Uint8Array {
  return buildLayout({
    readme: "",
    expires: Date.parse(plan.expires),
    steps: plan.steps.map(({ name, by, threshold, materials, products }) => ({
      name,
      threshold,
      functionaries: by.map((each) => actorOf(cast, each).key),
      expectedCommand: [],
      expectedMaterials: materials.map(ruleOf),
      expectedProducts: products.map(ruleOf),
    })),
    inspections: plan.inspections.map(({ name, run, materials, products }) => ({
      name,
      run,
      expectedMaterials: materials.map(ruleOf),
      expectedProducts: products.map(ruleOf),
    })),
  });
}

/** Of the words that in-toto has. */
function ruleOf(words: Words): ArtifactRule {
  const [first = "", pattern = "", ...rest] = words;
  const kind = first.toLowerCase() as ArtifactRule["kind"];
  if (kind !== "match") return { kind, pattern };
  const next = (): string => rest.shift() ?? "";
  const isPrefix = (): boolean => rest[0]?.toLowerCase() === "in";
  const prefix = (): string | null => (isPrefix() ? (next(), next()) : null);
  const source = prefix();
  next();
  const side = next().toLowerCase() === "products" ? "products" : "materials";
  const destination = prefix();
  next();
  return { kind, pattern, source, with: side, destination, step: next() };
}

function signedLink({ name, materials, products, command, byproducts }: Link): Uint8Array {
  return buildStepLink({
    name,
    materials: artifactsOf(materials),
    products: artifactsOf(products),
    command,
    byproducts: jsonObject(byproducts),
  });
}

function artifactsOf(artifacts: Link["products"]): Artifacts {
  return new Map(
    Object.entries(artifacts).map(([path, digests]) => [path, new Map(Object.entries(digests))]),
  );
}

/** The same as a Statement with the predicate link/v0.3. */
function statement({ name, materials, products, command, byproducts, environment }: Link): Uint8Array {
  const named = (artifacts: Link["products"]): JsonValue =>
    [...artifactsOf(artifacts)].map(([path, digest]) => jsonObject({ name: path, digest }));
  return writeJson(
    jsonObject({
      _type: "https://in-toto.io/Statement/v1",
      subject: named(products),
      predicateType: "https://in-toto.io/attestation/link/v0.3",
      predicate: jsonObject({
        name,
        command,
        materials: named(materials),
        byproducts: jsonObject(byproducts),
        environment: jsonObject(environment),
      }),
    }),
  );
}
