/** One step: who did it, and whether enough did the same. */
import type { PublicKey } from "../crypto/index.ts";
import { keyIdPlain, keyName } from "../crypto/index.ts";
import { quote } from "../bytes/index.ts";
import { MAX_STEP_RESULTS } from "../limits.ts";
import { Agreement } from "./agreement.ts";
import type { Layout, Link, LinkReport, SignedDocument, Step, StepReport } from "./types.ts";

/** What a functionary says was done. */
interface Said {
  readonly key: PublicKey;
  readonly link: Link;
  readonly place: string;
}

/** A step's outcome: the agreed link, or what stands against there being one. */
export interface Voted {
  readonly report: StepReport;
  /** Code and words; null where the step is done. */
  readonly problem: {
    readonly code: "layout/too-few-links" | "layout/disagree";
    readonly message: string;
  } | null;
}

/** Who may sign for a step. */
export class Functionaries {
  /** By the name of each key that may sign: whose vote that is. */
  readonly #voters = new Map<string, PublicKey>();
  readonly #expired = new Map<string, string>();
  /** How many can vote at all. */
  readonly count: number;

  /** `now`: ms since 1970, by which OpenPGP keys may have expired. */
  constructor({ functionaries }: Step, { keys, subkeys, expiries }: Layout, now: number) {
    for (const id of functionaries) {
      const key = keys.get(id);
      if (key !== undefined) this.#voters.set(keyName(key), key);
    }
    for (const [name, { id, of }] of subkeys) {
      // A subkey signs in its key's stead, or by itself where the step lists it.
      const isListed = this.#voters.has(keyName(of)) || functionaries.includes(id);
      if (isListed && !this.#voters.has(name)) this.#voters.set(name, of);
    }
    for (const [name, key] of this.#voters) {
      const since = Math.min(...[name, keyName(key)].map((one) => expiries.get(one) ?? Infinity));
      if (since > now) continue;
      this.#voters.delete(name);
      this.#expired.set(name, new Date(since).toISOString());
    }
    this.count = new Set([...this.#voters.values()].map(keyName)).size;
  }

  /** Those of the signers who are functionaries, each once: a subkey is its key, and a key under two ids is one. */
  among(signers: readonly PublicKey[]): readonly PublicKey[] {
    const found = signers.flatMap((signer) => {
      const key = this.#voters.get(keyName(signer));
      return key === undefined ? [] : [[keyName(key), key] as const];
    });
    return [...new Map(found).values()];
  }

  /** Why none of the signers has a vote. */
  whyNone(signers: readonly PublicKey[]): string {
    if (signers.length === 0) return "no signature on it is by a key of the layout";
    const [expired] = signers.flatMap((signer) => this.#expired.get(keyName(signer)) ?? []);
    if (expired !== undefined) return `the OpenPGP key that signed it expired ${expired}`;
    return "its signer is no functionary of this step";
  }
}

/** Those who got one result. */
interface Side {
  readonly agreement: Agreement;
  readonly said: Said[];
}

/** Counts: each functionary once, and all that do not say the same against each other. */
export class Ballot {
  readonly #step: Step;
  readonly #name: string;
  readonly #said: Said[] = [];
  readonly #refused: LinkReport[] = [];
  /** Documents that are refused, and why. */
  readonly #notCounted: string[] = [];

  /** `name`: of the step, for people. */
  constructor(step: Step, name: string) {
    this.#step = step;
    this.#name = name;
  }

  say(key: PublicKey, link: Link, place: string): void {
    this.#said.push({ key, link, place });
  }

  /** A document that is nobody's vote: reported for `who`, or for whoever signed it, where that is known. */
  refuse({ signers, place }: SignedDocument, who: readonly PublicKey[], why: string): void {
    const keys = who.length > 0 ? who : signers;
    this.#notCounted.push(`${place.label} (${why})`);
    for (const key of keys) this.#refused.push({ key, place: place.label, taken: "refused", why });
  }

  count(functionaries: Functionaries): Voted {
    const sides = this.#sides();
    const [most] = sides;
    const voters = most === undefined ? 0 : votersOf(most);
    const { threshold } = this.#step;
    const link = sides.length === 1 && voters >= threshold ? (most?.agreement.link(threshold) ?? null) : null;
    const links = sides.flatMap(({ said }, at) =>
      said.map(({ key, place }): LinkReport => {
        return at === 0
          ? { key, place, taken: "counted", why: null }
          : { key, place, taken: "dissents", why: "another result" };
      }),
    );
    const report: StepReport = { step: this.#name, threshold, links: [...links, ...this.#refused], link };
    return { report, problem: this.#problem(sides, voters, functionaries) };
  }

  #problem(sides: readonly Side[], voters: number, functionaries: Functionaries): Voted["problem"] {
    const { threshold } = this.#step;
    if (sides.length > 1) {
      const words = sides.map(({ said }) => [...new Set(said.map(({ key }) => shortId(key)))].join(", "));
      const shown = words.slice(0, SHOWN_SIDES).join(" against ");
      const more = words.length > SHOWN_SIDES ? `, and ${words.length - SHOWN_SIDES} results more` : "";
      return {
        code: "layout/disagree",
        message: `step ${quote(this.#name)}: functionaries got different results: ${shown}${more}`,
      };
    }
    if (voters >= threshold) return null;
    const never =
      functionaries.count < threshold ? `; only ${functionaries.count} could, so it can never be met` : "";
    const refused = this.#notCounted.length === 0 ? "" : `; not counted: ${this.#whyNot()}`;
    return {
      code: "layout/too-few-links",
      message: `step ${quote(this.#name)}: ${voters} of ${threshold} functionaries needed have signed a link${never}${refused}`,
    };
  }

  #whyNot(): string {
    const more = this.#notCounted.length - 1;
    return `${this.#notCounted[0] ?? ""}${more > 0 ? ` and ${more} more` : ""}`;
  }

  /** Those that say the same together, the most first, of as many those whose first key is the smallest. */
  #sides(): readonly Side[] {
    const sides: Side[] = [];
    for (const said of this.#said) {
      const voter = keyName(said.key);
      const side = sides.slice(0, MAX_STEP_RESULTS).find(({ agreement }) => agreement.take(said.link, voter));
      if (side === undefined) sides.push({ agreement: new Agreement(said.link, voter), said: [said] });
      else side.said.push(said);
    }
    const smallest = ({ said }: Side): string => said.map(({ key }) => keyName(key)).sort()[0] ?? "";
    const ranked = sides.map((side) => ({ side, voters: votersOf(side), smallest: smallest(side) }));
    ranked.sort((a, b) => b.voters - a.voters || (a.smallest < b.smallest ? -1 : 1));
    return ranked.map(({ side }) => side);
  }
}

/** Results that a message names. */
const SHOWN_SIDES = 4;

function votersOf({ said }: Side): number {
  return new Set(said.map(({ key }) => keyName(key))).size;
}

/** Digits of a key's id that messages show. */
const SHOWN_DIGITS = 8;

export function shortId(key: PublicKey): string {
  return keyIdPlain(key).slice(0, SHOWN_DIGITS);
}
