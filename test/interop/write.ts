/** Writes drawn chains as files, by in-toto's own library or by ours, and does to them what the sketch says happened after the signing. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Actor } from "./cast.ts";
import type { InToto } from "./in-toto.ts";
import type { Chain, Damage, Files, LinkPaper, Paper, Plan, Sketch } from "./sketch.ts";
import { digestOf } from "./sketch.ts";

/** A document to be written. */
export interface Wanted {
  /** From the case's folder. */
  readonly path: string;
  readonly content: Link | { readonly _type: "layout"; readonly plan: Plan };
  readonly signers: readonly Actor[];
  readonly damage: Damage | null;
}

type Digests = Readonly<Record<string, string>>;

/** As in-toto's model takes it. */
export interface Link {
  readonly _type: "link";
  readonly name: string;
  readonly materials: Readonly<Record<string, Digests>>;
  readonly products: Readonly<Record<string, Digests>>;
  readonly command: readonly string[];
  readonly byproducts: Readonly<Record<string, string | number>>;
  readonly environment: Readonly<Record<string, never>>;
}

interface Layout {
  readonly _type: "layout";
  readonly expires: string;
  readonly readme: string;
  readonly keys: Readonly<Record<string, unknown>>;
  readonly steps: readonly Readonly<Record<string, unknown>>[];
  readonly inspect: readonly Readonly<Record<string, unknown>>[];
}

/** Everybody, and their public keys as in-toto has them in layouts, with the ids that it gives them. */
export interface Cast {
  readonly actors: ReadonlyMap<string, Actor>;
  readonly keys: Readonly<Record<string, InTotoKey>>;
}

export interface InTotoKey {
  readonly keyid: string;
}

export const LAYOUT = "root.layout";
export const LINKS = "links";
export const FILES = "files";

export function actorOf(cast: Cast, name: string): Actor {
  const actor = cast.actors.get(name);
  if (actor === undefined) throw new Error(`nobody is called ${name}`);
  return actor;
}

export function keyOf(cast: Cast, name: string): InTotoKey {
  const key = cast.keys[name];
  if (key === undefined) throw new Error(`in-toto has no key of ${name}`);
  return key;
}

/** By what in-toto calls a key. */
export function inTotoId(cast: Cast): (name: string) => string {
  return (name) => keyOf(cast, name).keyid;
}

/** All documents of a sketch, in files that `idOf` names; writes the files that inspections see at once. */
export function wantedOf(
  cast: Cast,
  sketch: Sketch,
  folder: string,
  idOf: (name: string) => string,
): readonly Wanted[] {
  mkdirSync(join(folder, FILES), { recursive: true });
  mkdirSync(join(folder, LINKS), { recursive: true });
  for (const [name, content] of Object.entries(sketch.files)) place(join(folder, FILES, name), content);
  const documents = (
    { plan, signers, damage, papers }: Chain,
    path: string,
    links: string,
  ): readonly Wanted[] => [
    { path, content: { _type: "layout", plan }, signers: signers.map((name) => actorOf(cast, name)), damage },
    ...papers.flatMap((paper) => documentsOf(paper, links)),
  ];
  const documentsOf = (paper: Paper, links: string): readonly Wanted[] => {
    const by = paper.kind === "link" ? paper.filedAs : paper.by;
    const name = `${links}/${paper.step}.${idOf(by).slice(0, 8)}`;
    if (paper.kind === "chain") return documents(paper.chain, `${name}.link`, name);
    const signers = [actorOf(cast, paper.by)];
    return [{ path: `${name}.link`, content: linkOf(paper), signers, damage: paper.damage }];
  };
  return documents(sketch.chain, LAYOUT, LINKS);
}

function linkOf({ name, materials, products, algorithms }: LinkPaper): Link {
  const digested = (files: Files): Readonly<Record<string, Digests>> =>
    Object.fromEntries(
      Object.entries(files).map(([file, content]) => [
        file,
        Object.fromEntries(algorithms.map((algorithm) => [algorithm, digestOf(content, algorithm)])),
      ]),
    );
  return {
    _type: "link",
    name,
    materials: digested(materials),
    products: digested(products),
    command: ["make", name],
    byproducts: { "return-value": 0, stdout: "", stderr: "" },
    environment: {},
  };
}

function layoutOf(cast: Cast, plan: Plan): Layout {
  const ids = (names: readonly string[]): readonly string[] => names.map((name) => keyOf(cast, name).keyid);
  const listed = new Set(plan.steps.flatMap(({ by }) => by));
  const items = { expected_command: [] };
  return {
    _type: "layout",
    expires: plan.expires,
    readme: "",
    keys: Object.fromEntries([...listed].map((name) => [keyOf(cast, name).keyid, keyOf(cast, name)])),
    steps: plan.steps.map(({ name, by, threshold, materials, products }) => ({
      _type: "step",
      name,
      threshold,
      pubkeys: ids(by),
      ...items,
      expected_materials: materials,
      expected_products: products,
    })),
    inspect: plan.inspections.map(({ name, run, materials, products }) => ({
      _type: "inspection",
      name,
      run,
      expected_materials: materials,
      expected_products: products,
    })),
  };
}

/** Has in-toto's models write and sign them. */
export async function writeByInToto(
  inToto: InToto,
  cast: Cast,
  folder: string,
  wanted: readonly Wanted[],
): Promise<void> {
  await Promise.all(
    wanted.map(({ path, content, signers }) => {
      const signed = content._type === "link" ? content : layoutOf(cast, content.plan);
      const names = signers.map(({ name }) => name);
      return inToto.ask({ do: "write", path: join(folder, path), signed, signers: names });
    }),
  );
  for (const { path, damage } of wanted) if (damage !== null) hurt(join(folder, path), damage);
}

export function place(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** A metablock or an envelope. */
interface Written {
  signatures: { keyid: string; sig?: string; signature?: string }[];
  signed?: Record<string, unknown>;
  payload?: string;
}

/** Does that to a document in a file. */
export function hurt(path: string, damage: Damage): void {
  const text = readFileSync(path, "utf8");
  if (damage === "cut") return place(path, text.slice(0, text.length / 2));
  const block = JSON.parse(text) as Written;
  const [signature] = block.signatures;
  if (damage === "content") change(block, otherDigit);
  else if (damage === "member") change(block, (signed) => ({ ...signed, comment: "nobody signed this" }));
  else if (signature !== undefined) {
    const bad = { ...signature, ...otherValue(signature) };
    if (damage === "signature")
      block.signatures = block.signatures.map((each) => ({ ...each, ...otherValue(each) }));
    else if (damage === "first signature") block.signatures.unshift(bad);
    else signature.keyid = "0123456789abcdef".repeat(4);
  }
  return place(path, JSON.stringify(block));
}

/** Of a signature of GnuPG `signature`, of all others `sig`: hex, or base64 in envelopes. */
function otherValue({
  sig,
  signature,
}: Written["signatures"][number]): { sig: string } | { signature: string } {
  return sig === undefined ? { signature: flipped(signature ?? "") } : { sig: flipped(sig) };
}

function change(block: Written, to: (signed: Record<string, unknown>) => Record<string, unknown>): void {
  if (block.payload === undefined) block.signed = to(block.signed ?? {});
  else {
    const signed = JSON.parse(Buffer.from(block.payload, "base64").toString()) as Record<string, unknown>;
    block.payload = Buffer.from(JSON.stringify(to(signed))).toString("base64");
  }
}

/** Hex of which one digit, well inside, is another. */
function flipped(hex: string): string {
  const at = Math.floor(hex.length / 2);
  return hex.slice(0, at) + (hex[at] === "0" ? "1" : "0") + hex.slice(at + 1);
}

/** With another digit in its last digest, or in the year of its expiry; without either, another name. */
function otherDigit(signed: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(signed);
  const changed =
    signed["_type"] === "layout"
      ? text.replace('"expires":"2046', '"expires":"2047')
      : text.replace(/[0-9a-f]{64}(?!.*[0-9a-f]{64})/, flipped);
  return JSON.parse(changed === text ? text.replace('"name":"', '"name":"x') : changed) as Record<
    string,
    unknown
  >;
}
