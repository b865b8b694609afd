/**
 * Which links are about a file. A folder of links is about one supply chain, and all of it counts. The mesh has the links of all versions: those
 * count that lead to this file, by digests from products to materials, and those that give another one in their stead.
 */
import { namesWhole, parsePurl } from "../attestation/index.ts";
import { compareCodePoints, toHex } from "../bytes/index.ts";
import { keyName, sha256Hex } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import type { Artifacts, Link } from "../intoto/index.ts";
import { inOrder } from "./heard.ts";
import type { Carried } from "./heard.ts";
import type { Artifact, FoundDocument } from "./types.ts";

/** A document that may be about a file, and the feed entries that are proven to carry it with this key's signature. */
export interface ChosenDocument {
  readonly found: FoundDocument;
  readonly carriedBy: (key: PublicKey) => readonly Carried[];
}

interface Index {
  /** By `algorithm:hex`: links that give it. */
  readonly byProduct: ReadonlyMap<string, readonly FoundDocument[]>;
  /** By base name: links that give a file of this name. */
  readonly byName: ReadonlyMap<string, readonly FoundDocument[]>;
  /** By package and file, as a target's key has it. */
  readonly byTarget: ReadonlyMap<string, readonly FoundDocument[]>;
  /** By step, and by what went into it. */
  readonly byInputs: ReadonlyMap<string, ReadonlyMap<string, readonly FoundDocument[]>>;
  /** By digest of what was signed, and the key that signed it: others may have signed the same. */
  readonly carried: ReadonlyMap<string, readonly Carried[]>;
  /** Of folders: all of them. */
  readonly filed: readonly FoundDocument[];
}

/** Many files are judged by the same documents: they are sorted once. */
const indexes = new WeakMap<readonly FoundDocument[], Index>();

/** The documents that may be about this file, in an order of their own. */
export function documentsFor(
  artifact: Artifact,
  documents: readonly FoundDocument[],
): readonly ChosenDocument[] {
  const index = indexes.get(documents) ?? sorted(documents);
  indexes.set(documents, index);
  const chosen = new Set<FoundDocument>();
  const waiting: FoundDocument[] = [];
  const choose = (some: readonly FoundDocument[] = []): void => {
    for (const one of some) {
      if (chosen.has(one)) continue;
      chosen.add(one);
      waiting.push(one);
    }
  };
  choose(index.filed);
  choose(index.byProduct.get(`sha256:${toHex(artifact.sha256)}`));
  choose(index.byTarget.get(artifact.target?.keyHex ?? ""));
  const isOfVersion = versionIn(artifact);
  if (artifact.target !== null && isOfVersion(artifact.target.file))
    choose(index.byName.get(artifact.target.file));
  // A folder's links are many and large, and lead nowhere where there is nothing else.
  if (index.byName.size === 0) waiting.length = 0;
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const { content } = one.document;
    if (content.kind !== "link") continue;
    const ofStep = index.byInputs.get(content.name);
    if (ofStep !== undefined) choose(ofStep.get(inputsOf(content) ?? ""));
    for (const [path, digests] of content.materials) {
      for (const [algorithm, hex] of digests) choose(index.byProduct.get(`${algorithm}:${hex}`));
      const name = baseName(path);
      if (isOfVersion(name)) choose(index.byName.get(name));
    }
  }
  return once([...chosen], index);
}

/** A file that went into a step, as its link has it. */
export interface Material {
  /** Hex. */
  readonly sha256: string;
  readonly path: string;
}

/** So many times as many as are wanted are looked through. */
const ENOUGH = 16;

/** What went into the steps that are known of this file: whoever asks for it finds the steps before. At most `max`, in order of the digests. */
export function materialsOf(
  artifact: Artifact,
  documents: readonly FoundDocument[],
  max: number,
): readonly Material[] {
  const materials = new Map<string, Material>();
  for (const { found } of documentsFor(artifact, documents)) {
    const { content } = found.document;
    if (content.kind !== "link" || found.signers.length === 0) continue;
    if (materials.size > ENOUGH * max) break; // most are of a build's dependencies, which no step made
    for (const [path, digests] of content.materials) {
      const sha256 = digests.get("sha256");
      if (sha256 !== undefined && !materials.has(sha256)) materials.set(sha256, { sha256, path });
    }
  }
  return [...materials.values()].toSorted((a, b) => compareCodePoints(a.sha256, b.sha256)).slice(0, max);
}

/** Whether a file's name is that of this version alone, so that whoever gives another file under it contradicts (RULES R5). */
function versionIn({ target }: Artifact): (name: string) => boolean {
  if (target === null) return () => false;
  const { version } = parsePurl(target.purl);
  if (version === "") return () => false;
  return (name) => (name === target.file ? namesWhole(target) : name.includes(version));
}

/** Copies of what somebody signed are one, unless they lie in another folder. */
function once(chosen: readonly FoundDocument[], { carried }: Index): readonly ChosenDocument[] {
  const kept = new Map<string, ChosenDocument>();
  for (const found of chosen) {
    const { folder, step } = found.place;
    const signers = found.signers.map(keyName).toSorted();
    const carriedBy = (key: PublicKey): readonly Carried[] =>
      carried.size === 0 ? [] : (carried.get(`${signedName(found)} ${keyName(key)}`) ?? []);
    const name = folder === null ? signedName(found) : found.octets;
    kept.set(JSON.stringify([folder, step, name, signers]), { found, carriedBy });
  }
  return [...kept].toSorted(([a], [b]) => compareCodePoints(a, b)).map(([, one]) => one);
}

function sorted(documents: readonly FoundDocument[]): Index {
  const byProduct = new Map<string, FoundDocument[]>();
  const byName = new Map<string, FoundDocument[]>();
  const byTarget = new Map<string, FoundDocument[]>();
  const byInputs = new Map<string, Map<string, FoundDocument[]>>();
  const carried = new Map<string, Carried[]>();
  for (const one of documents) {
    const { head, index, claims } = one;
    if (head !== null && index !== null)
      for (const key of one.signers) add(carried, `${signedName(one)} ${keyName(key)}`, { head, index });
    const { content } = one.document;
    if (content.kind !== "link" || one.place.folder !== null) continue;
    for (const [path, digests] of content.products) {
      add(byName, baseName(path), one);
      for (const [algorithm, hex] of digests) add(byProduct, `${algorithm}:${hex}`, one);
    }
    for (const { target } of claims) if (target !== null) add(byTarget, target.keyHex, one);
    const inputs = inputsOf(content);
    if (inputs === null) continue;
    const ofStep = byInputs.get(content.name) ?? new Map<string, FoundDocument[]>();
    byInputs.set(content.name, ofStep);
    add(ofStep, inputs, one);
  }
  for (const places of carried.values()) places.sort(inOrder);
  const filed = documents.filter(({ place }) => place.folder !== null);
  return { byProduct, byName, byTarget, byInputs, carried, filed };
}

function add<Value>(map: Map<string, Value[]>, name: string, value: Value): void {
  const some = map.get(name);
  if (some === undefined) map.set(name, [value]);
  else some.push(value);
}

/** Who took the same into the same step has to get the same out of it; null where nothing went in. */
function inputsOf({ materials }: Link): string | null {
  return materials.size === 0 ? null : linesOf(materials).join("\n");
}

/** Without names, which are paths of somebody's machine. */
function linesOf(materials: Artifacts): readonly string[] {
  const lines = [...materials.values()].map((digests) => {
    const best = digests.get("sha256");
    if (best !== undefined) return `sha256:${best}`;
    return [...digests]
      .map(([algorithm, hex]) => `${algorithm}:${hex}`)
      .toSorted(compareCodePoints)
      .join(" ");
  });
  return [...new Set(lines)].toSorted(compareCodePoints);
}

const names = new WeakMap<FoundDocument, string>();

/** Digest of what was signed. */
function signedName(found: FoundDocument): string {
  const known = names.get(found) ?? sha256Hex(found.document.signedBytes);
  names.set(found, known);
  return known;
}

/** Without folders. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
