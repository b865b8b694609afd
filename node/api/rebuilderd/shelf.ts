/** What one builder says of files, and what of that clients of rebuilderd are shown. */
import { MAX_GATEWAY_FILE_CLAIMS, sha256, utf8 } from "../../../protocol/index.ts";
import type { LinkReaders } from "../../../protocol/index.ts";
import type { PackageName } from "./package-name.ts";

/** One signed and checked claim of a builder, in the step `rebuild`. */
export interface Said {
  /** Claim id of its attestation, in hex (RULES R3). */
  readonly claim: string;
  /** Number of the key among the builder's. */
  readonly key: number;
  readonly file: string;
  readonly sha256: string;
  /** `differs`: the builder got another file than this. */
  readonly kind: "positive" | "differs";
  /** Null for a file that is no package. */
  readonly package: PackageName | null;
  /** Whose checks the attestation passes as it is. */
  readonly readers: LinkReaders;
  /** Where it stands. */
  readonly origin: string;
  readonly index: number;
}

/** With the numbers that rebuilderd's interface has for it, each 1 to 2³¹ − 1: made from the claim, so every node has the same. */
export interface Listed extends Said {
  /** Of the record, and of its build. Grown until it is free, so it says nothing alone. */
  readonly id: number;
  readonly artifact: number;
}

/** Why a claim is not shown. */
export type WhyNot = "form" | "retracted" | "contradicted" | "revoked" | "forked";

const MAX_ID = 2 ** 31 - 1;

export class Shelf {
  /** The builder's feed has two histories: nothing of it counts (RULES R23). */
  forked = false;
  readonly #byFile = new Map<string, Listed[]>();
  readonly #byName = new Map<string, Listed[]>();
  readonly #byId = new Map<number, Listed>();
  readonly #retracted = new Set<string>();
  /** In the order of their ids; null = to be sorted anew. */
  #sorted: readonly Listed[] | null = null;

  /** Claims, retracted ones too. */
  get size(): number {
    return this.#byId.size + this.#retracted.size;
  }

  /** Of one claim that several feeds carry, the first whose octets clients check. */
  put(said: Said): void {
    const same = this.#byFile.get(said.file) ?? [];
    const held = same.find(({ claim, kind }) => claim === said.claim && kind === said.kind);
    if (held !== undefined) {
      if (held.readers.rebuilderd || !said.readers.rebuilderd) return;
      this.#replace(held, { ...said, id: held.id, artifact: held.artifact });
      return;
    }
    if (same.length >= MAX_GATEWAY_FILE_CLAIMS) return;
    const listed = this.#numbered(said);
    addTo(this.#byFile, said.file, listed);
    if (said.package !== null) addTo(this.#byName, said.package.name, listed);
    this.#byId.set(listed.id, listed);
    this.#sorted = null;
  }

  retract(claim: string): void {
    this.#retracted.add(claim);
  }

  /** Claims about packages, of one name or of all, in the order of their ids. */
  packages(name: string | null): readonly Listed[] {
    if (name !== null) return (this.#byName.get(name) ?? []).toSorted((a, b) => a.id - b.id);
    this.#sorted ??= [...this.#byId.values()]
      .filter((one) => one.package !== null)
      .sort((a, b) => a.id - b.id);
    return this.#sorted;
  }

  byId(id: number): Listed | null {
    return this.#byId.get(id) ?? null;
  }

  /** Null where it is shown. `isValid`: whether the key of that number counts now. */
  whyNot(one: Listed, isValid: (key: number) => boolean): WhyNot | null {
    if (this.forked) return "forked";
    if (!isValid(one.key)) return "revoked";
    if (this.#retracted.has(one.claim)) return "retracted";
    if (!one.readers.rebuilderd || one.kind !== "positive") return "form";
    return this.#isContradicted(one, isValid) ? "contradicted" : null;
  }

  /** Who says two things of a file agrees with nobody about it (RULES R19), so neither is shown to clients that would count one. */
  #isContradicted(one: Listed, isValid: (key: number) => boolean): boolean {
    const all = this.#byFile.get(one.file) ?? [];
    if (all.length >= MAX_GATEWAY_FILE_CLAIMS) return true;
    return all.some(
      (other) =>
        isValid(other.key) &&
        !this.#retracted.has(other.claim) &&
        (other.kind === "positive") === (other.sha256 !== one.sha256),
    );
  }

  #replace(held: Listed, next: Listed): void {
    for (const list of [this.#byFile.get(held.file), this.#byName.get(held.package?.name ?? "")])
      if (list?.includes(held) === true) list.splice(list.indexOf(held), 1, next);
    this.#byId.set(held.id, next);
    this.#sorted = null;
  }

  #numbered(said: Said): Listed {
    const digest = sha256(utf8(`${said.claim}\n${said.file}\n${said.kind}`));
    const view = new DataView(digest.buffer, digest.byteOffset);
    let id = 1 + (view.getUint32(0) % MAX_ID);
    while (this.#byId.has(id)) id = 1 + (id % MAX_ID);
    return { ...said, id, artifact: 1 + (view.getUint32(4) % MAX_ID) };
  }
}

/** Nearly all lists have one item, and an array that grows would have room for many. */
function addTo(lists: Map<string, Listed[]>, name: string, one: Listed): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [one]);
  else list.push(one);
}
