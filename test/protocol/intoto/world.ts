/** Layouts and links of tests, each with its signatures, and the verdict on them. */
import { createHash } from "node:crypto";
import { canonicalJson, readJson, toHex, utf8 } from "../../../protocol/bytes/index.ts";
import type { JsonValue } from "../../../protocol/bytes/index.ts";
import { ed25519Key, keyIdKha, publicFromSeed, signDomain } from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";
import {
  checkSigners,
  judgeLayout,
  keysOf,
  parseDocument,
  placeOfFile,
} from "../../../protocol/intoto/index.ts";
import type {
  Artifacts,
  Inspected,
  Inspection,
  LayoutVerdict,
  SignedDocument,
} from "../../../protocol/intoto/index.ts";

export const NOW: number = Date.UTC(2026, 10, 29);
export const LATER = "2027-01-01T00:00:00Z";

export interface Signer {
  readonly name: string;
  readonly key: PublicKey;
  readonly id: string;
  readonly seed: Uint8Array;
}

export function signer(name: string): Signer {
  const seed = new Uint8Array(createHash("sha256").update(name).digest());
  const key = ed25519Key(publicFromSeed(seed));
  return { name, key, id: keyIdKha(key), seed };
}

export const OWNER: Signer = signer("owner");

/** Names with what the files hold, or with their digests. */
export type Files = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

export function sha256Of(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

export function artifactsJson(files: Files): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === "string" ? { sha256: sha256Of(content) } : content,
    ]),
  );
}

export function artifacts(files: Files): Artifacts {
  return new Map(
    Object.entries(artifactsJson(files)).map(([path, digests]) => [path, new Map(Object.entries(digests))]),
  );
}

/** A plain object as JSON has it. */
export function jsonOf(value: unknown): JsonValue {
  return readJson(utf8(JSON.stringify(value)), { maxBytes: 2 ** 26 });
}

/** A metablock; `ids`: what the signatures say instead of the keys' own ids. */
export function metablock(signed: unknown, by: readonly Signer[], ids: readonly string[] = []): Uint8Array {
  const message = canonicalJson(jsonOf(signed));
  const signatures = by.map(({ id, seed }, at) => ({
    keyid: ids[at] ?? id,
    sig: toHex(signDomain(seed, message)),
  }));
  return utf8(JSON.stringify({ signatures, signed }));
}

export interface LinkSketch {
  readonly materials?: Files;
  readonly products?: Files;
  readonly command?: readonly string[];
}

export function linkJson(name: string, { materials = {}, products = {}, command = [] }: LinkSketch): object {
  return {
    _type: "link",
    name,
    materials: artifactsJson(materials),
    products: artifactsJson(products),
    command,
    byproducts: {},
    environment: {},
  };
}

export function link(by: Signer | readonly Signer[], name: string, sketch: LinkSketch = {}): Uint8Array {
  return metablock(linkJson(name, sketch), "seed" in by ? [by] : by);
}

export function keyJson({ key }: Signer): object {
  return {
    keytype: "ed25519",
    scheme: "ed25519",
    keyid_hash_algorithms: ["sha256", "sha512"],
    keyval: { public: toHex(key.raw) },
  };
}

export interface StepSketch {
  readonly name: string;
  readonly by: readonly Signer[];
  readonly threshold?: number;
  readonly command?: readonly string[];
  readonly materials?: readonly (readonly string[])[];
  readonly products?: readonly (readonly string[])[];
}

export interface InspectionSketch {
  readonly name: string;
  readonly run: readonly string[];
  readonly materials?: readonly (readonly string[])[];
  readonly products?: readonly (readonly string[])[];
}

/** The `signed` part of a layout; `more`: members that are others than usual. */
export function layoutJson(
  steps: readonly StepSketch[],
  inspections: readonly InspectionSketch[] = [],
  more: object = {},
): object {
  const functionaries = steps.flatMap(({ by }) => by);
  return {
    _type: "layout",
    readme: "",
    expires: LATER,
    keys: Object.fromEntries(functionaries.map((one) => [one.id, keyJson(one)])),
    steps: steps.map(({ name, by, threshold = 1, command = [], materials = [], products = [] }) => ({
      _type: "step",
      name,
      threshold,
      pubkeys: by.map(({ id }) => id),
      expected_command: command,
      expected_materials: materials,
      expected_products: products,
    })),
    inspect: inspections.map(({ name, run, materials = [], products = [] }) => ({
      _type: "inspection",
      name,
      run,
      expected_materials: materials,
      expected_products: products,
    })),
    ...more,
  };
}

export interface Case {
  /** A layout's `signed` part, signed by `OWNER`, or a document as it is. */
  readonly layout: object | Uint8Array;
  /** By their paths in the folder of links. */
  readonly links?: Readonly<Record<string, Uint8Array>>;
  /** Documents of no folder: from a feed. */
  readonly loose?: readonly Uint8Array[];
  readonly owners?: readonly PublicKey[];
  readonly k?: number;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly files?: Files;
  readonly now?: number;
  readonly inspected?: (inspection: Inspection) => Inspected;
}

/** The path under which in-toto looks for a functionary's link. */
export function pathOf(step: string, by: { readonly id: string }): string {
  return `${step}.${by.id.slice(0, 8)}.link`;
}

/** Parses and checks everything, with the keys of all layouts there are, and judges. */
export async function judged(one: Case): Promise<LayoutVerdict> {
  const { layout, links = {}, loose = [], owners = [OWNER.key], k = owners.length } = one;
  const bytes = layout instanceof Uint8Array ? layout : metablock(layout, [OWNER]);
  const root = parseDocument(bytes);
  const parsed = [
    ...Object.entries(links).map(([path, octets]) => ({
      document: parseDocument(octets),
      place: placeOfFile(path),
    })),
    ...loose.map((octets, at) => ({
      document: parseDocument(octets),
      place: { label: `entry ${at}`, step: null, folder: null },
    })),
  ];
  const keys = [...keysOf(root), ...parsed.flatMap(({ document }) => keysOf(document))];
  const documents: SignedDocument[] = [];
  for (const { document, place } of parsed) documents.push(await checkSigners(document, keys, place));
  return judgeLayout(
    {
      layout: await checkSigners(root, owners, placeOfFile("root.layout")),
      owners: { keys: owners, k },
      parameters: new Map(Object.entries(one.parameters ?? {})),
      documents,
      now: one.now ?? NOW,
      files: artifacts(one.files ?? {}),
    },
    one.inspected ?? (() => ({ ran: false, why: "nobody allows it" })),
  );
}

/** Outcome and code in one word or two: `passed`, `failed layout/rule`. */
export function ended({ outcome, problem }: LayoutVerdict): string {
  return problem === null ? outcome : `${outcome} ${problem.code}`;
}
