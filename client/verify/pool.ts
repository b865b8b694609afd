import { equalBytes, toHex } from "../../protocol/index.ts";
import type {
  Artifact,
  Asked,
  Claim,
  Collected,
  Findings,
  FoundClaim,
  FoundDocument,
  FoundHead,
  Remembered,
  Target,
} from "../../protocol/index.ts";

/** All that was collected for many files, handed out a file at a time: a judgement reads what concerns its file, and all heads. */
export class Pool {
  readonly #memory: ReadonlyMap<string, Remembered>;
  readonly #entries = new Map<string, Set<FoundClaim>>();
  /** By note: a head that came with many entries is one. */
  readonly #heads = new Map<string, FoundHead>();
  readonly #evidence: Findings["evidence"][number][] = [];
  readonly #cosignatures: Findings["cosignatures"][number][] = [];
  readonly #joins: Findings["joins"][number][] = [];
  readonly #endings: Findings["endings"][number][] = [];
  /** Links of all layouts, of all files: a judgement chooses among them. Replaced as a whole, since it is sorted once. */
  #documents: readonly FoundDocument[] = [];
  readonly #retractions = new Set<FoundClaim>();
  #junk = 0;

  constructor(memory: ReadonlyMap<string, Remembered>) {
    this.#memory = memory;
  }

  add(collected: Collected): void {
    for (const entry of collected.entries) {
      for (const claim of entry.verified.claims) {
        this.#index(nameOf(claim), entry);
        if (claim.sha256 !== null) this.#index(toHex(claim.sha256), entry);
        if (claim.kind === "retraction") this.#retractions.add(entry);
      }
      if (entry.head !== null) this.#addHead({ head: entry.head, complete: false });
    }
    for (const head of collected.heads) this.#addHead(head);
    if (collected.documents.length > 0) this.#documents = [...this.#documents, ...collected.documents];
    this.#evidence.push(...collected.evidence);
    this.#cosignatures.push(...collected.cosignatures);
    this.#joins.push(...collected.joins);
    this.#endings.push(...collected.endings);
    for (const count of collected.junk.values()) this.#junk += count;
  }

  /** Items of strangers that were dropped because something about them was wrong (RULES R23). */
  get junk(): number {
    return this.#junk;
  }

  get documents(): readonly FoundDocument[] {
    return this.#documents;
  }

  /** What the file with these octets is, as those who gave them say. */
  targetsOf(sha256: Uint8Array): readonly Target[] {
    const claims = [...(this.#entries.get(toHex(sha256)) ?? [])].flatMap(({ verified }) => verified.claims);
    const targets = claims.flatMap(({ target, sha256: given }) =>
      target !== null && given !== null && equalBytes(given, sha256) ? [target] : [],
    );
    return [...new Map(targets.map((target) => [target.keyHex, target])).values()];
  }

  /** What a judgement of this file rests on; `about`: the files of steps before. */
  findings(
    artifact: Artifact,
    how: { readonly asked: Asked; readonly settled: Findings["settled"] },
    about: readonly Artifact[] = [],
  ): Findings {
    const names = [artifact, ...about].flatMap(({ sha256, target, inside }) => {
      const said = [target?.keyHex, target?.file, inside?.file].filter((name) => name !== undefined);
      // What gives the same octets as something else is shown (RULES R4).
      return [...said, toHex(sha256)];
    });
    const entries = new Set(names.flatMap((name) => [...(this.#entries.get(name) ?? [])]));
    // Who states the source of what was built says it of another file.
    const sources = [...entries].flatMap(({ verified }) =>
      verified.claims.flatMap(({ source }) => source?.files ?? []),
    );
    const stating = sources.flatMap((digest) => [...(this.#entries.get(digest) ?? [])]);
    // Links of other steps are of other files, and so is what took them back.
    const ofLinks = this.#documents.length === 0 ? [] : this.#retractions;
    const all = new Set([...entries, ...stating, ...this.#takenBack(stating), ...ofLinks]);
    return { entries: [...all], documents: this.#documents, ...this.#shared(), ...how };
  }

  /** A retraction names the target of what it takes back, and no digest: it is not found with that. */
  #takenBack(entries: readonly FoundClaim[]): readonly FoundClaim[] {
    const names = new Set(entries.flatMap(({ verified }) => verified.claims.map(nameOf)));
    return [...names].flatMap((name) =>
      [...(this.#entries.get(name) ?? [])].filter(({ verified }) =>
        verified.claims.some(({ kind }) => kind === "retraction"),
      ),
    );
  }

  /** Of all files together: what is remembered, and what goes into a bundle. */
  whole(): Pick<Findings, "entries" | "heads" | "evidence" | "memory"> {
    const entries = new Set([...this.#entries.values()].flatMap((some) => [...some]));
    return { entries: [...entries], ...this.#shared() };
  }

  #shared(): Pick<Findings, "heads" | "evidence" | "cosignatures" | "joins" | "endings" | "memory"> {
    return {
      heads: [...this.#heads.values()],
      evidence: this.#evidence,
      cosignatures: this.#cosignatures,
      joins: this.#joins,
      endings: this.#endings,
      memory: this.#memory,
    };
  }

  #index(name: string, entry: FoundClaim): void {
    const some = this.#entries.get(name) ?? new Set();
    this.#entries.set(name, some.add(entry));
  }

  #addHead(found: FoundHead): void {
    const name = toHex(found.head.note);
    const known = this.#heads.get(name);
    if (known === undefined || found.complete) this.#heads.set(name, found);
  }
}

function nameOf({ target, file }: Claim): string {
  return target?.keyHex ?? file;
}
