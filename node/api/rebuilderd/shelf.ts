/** What one builder says of files, and what of that clients of rebuilderd are shown. */
import { MAX_GATEWAY_FILE_CLAIMS, sha256, utf8 } from "../../../protocol/index.ts";
import type { LinkReaders } from "../../../protocol/index.ts";
import type { PackageName } from "./package-name.ts";
import type { Room } from "./room.ts";

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
  /** How often a claim about a file that is not held was left out, as there is no room. */
  untaken = 0;
  readonly #room: Room;
  #taken = 0;
  readonly #byFile = new Map<string, Listed[]>();
  readonly #byName = new Map<string, Listed[]>();
  readonly #byId = new Map<number, Listed>();
  /** Ids of claims that are held. */
  readonly #claims = new Set<string>();
  readonly #retracted = new Set<string>();
  /** Of claims that are held, keys that contradicted them when there was no room for how. */
  readonly #disputed = new Map<number, number[]>();
  /** In the order of their ids; null = to be sorted anew. */
  #sorted: readonly Listed[] | null = null;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Claims, retracted ones too. */
  get size(): number {
    return this.#byId.size + this.#retracted.size;
  }

  /**
   * Of one claim that several feeds carry, the first whose octets clients check. Without room it matters only where a claim that is held is
   * contradicted by it.
   */
  put(said: Said): void {
    const same = this.#byFile.get(said.file) ?? [];
    const held = same.find(({ claim, kind }) => claim === said.claim && kind === said.kind);
    if (held !== undefined) {
      if (held.readers.rebuilderd || !said.readers.rebuilderd) return;
      this.#replace(held, { ...said, id: held.id, artifact: held.artifact });
      return;
    }
    if (same.length >= MAX_GATEWAY_FILE_CLAIMS) return;
    if (!this.#takePlace()) {
      if (same.length === 0) this.untaken++;
      this.#dispute(same, said);
      return;
    }
    const listed = this.#numbered(said);
    addTo(this.#byFile, said.file, listed);
    if (said.package !== null) addTo(this.#byName, said.package.name, listed);
    this.#byId.set(listed.id, listed);
    this.#claims.add(listed.claim);
    this.#sorted = null;
  }

  /** In whatever order they come (RULES R17): of a claim that is held always, of one that may come as long as there is room for it. */
  retract(claim: string): void {
    if (this.#retracted.has(claim)) return;
    if (this.#claims.has(claim) || this.#takePlace()) this.#retracted.add(claim);
  }

  /** Whether a claim is held that says this digest of this file. */
  holds(file: string, digest: string): boolean {
    return this.#byFile.get(file)?.some(({ sha256: held }) => held === digest) === true;
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
    return (
      this.#disputed.get(one.id)?.some(isValid) === true ||
      all.some((other) => isValid(other.key) && !this.#retracted.has(other.claim) && isAgainst(other, one))
    );
  }

  #takePlace(): boolean {
    if (!this.#room.take(this.#taken)) return false;
    this.#taken++;
    return true;
  }

  #dispute(same: readonly Listed[], said: Said): void {
    for (const { id } of same.filter((one) => isAgainst(said, one))) {
      const keys = this.#disputed.get(id) ?? [];
      if (!keys.includes(said.key)) this.#disputed.set(id, [...keys, said.key]);
    }
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

/** Whether who says `other` says that a file is not what `one` is about. */
function isAgainst(other: Said, one: Said): boolean {
  return (other.kind === "positive") === (other.sha256 !== one.sha256);
}

/** Nearly all lists have one item, and an array that grows would have room for many. */
function addTo(lists: Map<string, Listed[]>, name: string, one: Listed): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [one]);
  else list.push(one);
}
