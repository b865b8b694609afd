/** A large layout with its links, in files as in-toto's tools leave them: for both who verify it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  canonicalJson,
  ed25519Key,
  jsonObject,
  keyIdKha,
  sha256Hex,
  signDomain,
  toHex,
  toSpkiPem,
  utf8,
} from "../../protocol/index.ts";
import type { JsonValue } from "../../protocol/index.ts";
import { builder } from "../../test/e2e/claims.ts";
import type { TestBuilder } from "../../test/e2e/claims.ts";

const STEPS = 10;
const CREW = 100;

export interface Choices {
  /** Of each step, materials and products together. */
  readonly artifacts: number;
  /** Of so many functionaries a step, who all have to agree. */
  readonly links: number;
  /** A pattern that matches nothing and is tried on all of them first; null = none. */
  readonly tried: string | null;
  /** Artifact `n` of a step. */
  readonly nameOf: (n: number) => string;
}

/** `root.layout`, `owner.pub`, the same as `owner.pem`, `links/` and `product`, which the last step made, in this folder. */
export function writeLayout(folder: string, choices: Choices): void {
  const { links } = choices;
  const owner = builder("owner");
  const crew = Array.from({ length: CREW }, (_, n) => builder(`functionary ${n}`));
  const ofStep = (step: number): readonly TestBuilder[] =>
    crew.slice(step * (CREW / STEPS)).slice(0, CREW / STEPS);
  mkdirSync(join(folder, "links"), { recursive: true });
  writeFileSync(join(folder, "owner.pub"), JSON.stringify(keyOf(owner)));
  writeFileSync(join(folder, "owner.pem"), toSpkiPem(ed25519Key(owner.raw)));
  writeFileSync(join(folder, "product"), contentOf(STEPS - 1, 0, choices));
  const steps = Array.from({ length: STEPS }, (_, step) => stepOf(step, ofStep(step), choices));
  writeFileSync(join(folder, "root.layout"), seal(layoutOf(crew, steps), [owner]));
  for (let step = 0; step < STEPS; step++) {
    const signed = linkOf(step, choices);
    for (const by of ofStep(step).slice(0, links)) {
      const path = join(folder, "links", `step${step}.${idOf(by).slice(0, 8)}.link`);
      writeFileSync(path, seal(signed, [by]));
    }
  }
}

function idOf(by: TestBuilder): string {
  return keyIdKha(ed25519Key(by.raw));
}

function keyOf(by: TestBuilder): Readonly<Record<string, unknown>> {
  return {
    keyid: idOf(by),
    keyid_hash_algorithms: ["sha256", "sha512"],
    keytype: "ed25519",
    keyval: { public: by.hex },
    scheme: "ed25519",
  };
}

/** Each step takes what the one before gave. */
function stepOf(step: number, by: readonly TestBuilder[], { links, tried }: Choices): JsonValue {
  const first = tried === null ? [] : [["ALLOW", tried]];
  const before = ["MATCH", "*", "WITH", "PRODUCTS", "FROM", `step${step - 1}`];
  return jsonObject({
    _type: "step",
    name: `step${step}`,
    threshold: links,
    pubkeys: by.map(idOf),
    expected_command: [],
    expected_materials: [...first, step === 0 ? ["ALLOW", "*"] : before, ["DISALLOW", "*"]],
    expected_products: [...first, ["CREATE", "*"], ["DISALLOW", "*"]],
  });
}

function layoutOf(crew: readonly TestBuilder[], steps: readonly JsonValue[]): JsonValue {
  const keys = new Map(
    crew.map((by) => {
      const { keyval, ...rest } = keyOf(by) as { readonly keyval: Record<string, string> } & Record<
        string,
        JsonValue
      >;
      return [idOf(by), jsonObject({ ...rest, keyval: jsonObject(keyval) })];
    }),
  );
  return jsonObject({
    _type: "layout",
    expires: "2046-01-01T00:00:00Z",
    readme: "",
    keys,
    steps,
    inspect: [],
  });
}

/** A file's path, which is its content too. */
function contentOf(stage: number, n: number, { nameOf }: Choices): string {
  return `stage${stage}/${nameOf(n)}`;
}

/** Half of the artifacts are what the step before gave, half are new. */
function linkOf(step: number, choices: Choices): JsonValue {
  const half = choices.artifacts / 2;
  const digested = (of: number): JsonValue =>
    new Map(
      Array.from({ length: half }, (_, n) => {
        const name = contentOf(of, n, choices);
        return [name, jsonObject({ sha256: sha256Hex(utf8(name)) })];
      }),
    );
  return jsonObject({
    _type: "link",
    name: `step${step}`,
    materials: digested(step - 1),
    products: digested(step),
    command: ["make", `step${step}`],
    byproducts: jsonObject({ "return-value": 0, stderr: "", stdout: "" }),
    environment: jsonObject({}),
  });
}

/** A path like those of a distribution. */
export function pathOf(n: number): string {
  return `pool/main/p/package${n % 100}/package${n}_1.${n % 7}-1_amd64.deb`;
}

/** A metablock as in-toto writes it. */
function seal(signed: JsonValue, by: readonly TestBuilder[]): string {
  const bytes = canonicalJson(signed);
  const signatures = by.map((each) => ({ keyid: idOf(each), sig: toHex(signDomain(each.seed, bytes)) }));
  const content: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return JSON.stringify({ signatures, signed: content }, null, 1);
}
