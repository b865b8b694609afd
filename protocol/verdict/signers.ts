/** Which signatures on links count: not those that were taken back, that anybody may have made, or that stand above a fork (RULES R15 to R17, R19). */
import { claimId } from "../attestation/index.ts";
import { keyName } from "../crypto/index.ts";
import type { PublicKey } from "../crypto/index.ts";
import type { Builder } from "../policy/index.ts";
import { isBelowForks, isLogged } from "./carried.ts";
import type { ChosenDocument } from "./chosen.ts";
import { forkOf } from "./dossier.ts";
import type { Dossier, Survey } from "./dossier.ts";
import { retractedBy } from "./heard.ts";
import type { Carried } from "./heard.ts";
import { isAnybodysKey } from "./revoked.ts";
import type { FoundDocument } from "./types.ts";

/** Why a signature does not count. */
export type Out = "retracted" | "revoked" | "forked";

/** What is known of one builder, so far as it decides about its signatures. */
interface Repute {
  readonly fork: Dossier["fork"];
  readonly retracted: ReadonlySet<string>;
  readonly isAnybodys: (signer: PublicKey, carried: readonly Carried[]) => boolean;
}

/** Tells which signatures on links count. */
export class Signers {
  /** By SPKI, in hex. */
  readonly #holders: ReadonlyMap<string, Builder>;
  readonly #reputes = new Map<string, Repute>();
  readonly #survey: Survey;

  constructor(survey: Survey, builders: readonly Builder[]) {
    this.#survey = survey;
    this.#holders = new Map(
      builders.flatMap((builder) => builder.keys.map((key) => [keyName(key), builder] as const)),
    );
  }

  /** Whose key it is; null of a functionary of a sublayout only. */
  holderOf(key: PublicKey): Builder | null {
    return this.#holders.get(keyName(key)) ?? null;
  }

  /** Why this key's signature on it does not count; null where it does. */
  outBy({ found, carriedBy }: ChosenDocument, key: PublicKey): Out | null {
    const builder = this.holderOf(key);
    if (builder === null) return null;
    const repute = this.#reputeOf(builder);
    const { retracted } = repute;
    if (retracted.size > 0 && retracted.has(claimId(key.raw, found.document.signedBytes))) return "retracted";
    const carried = carriedBy(key);
    if (repute.isAnybodys(key, carried)) return "revoked";
    const { fork } = repute;
    return fork === null || isBelowForks({ carried }, fork, this.#survey.feeds) ? null : "forked";
  }

  /** The documents with those signers only that count; `forgiven` are counted all the same. */
  counting(chosen: readonly ChosenDocument[], forgiven: readonly Out[] = []): readonly FoundDocument[] {
    return chosen.map((one) =>
      withSigners(one, (key) => {
        const out = this.outBy(one, key);
        return out === null || forgiven.includes(out);
      }),
    );
  }

  /** The same with those signatures only that stand in a feed as the rule asks: that takes away agreement, and is not to be asked of dissent. */
  carried(chosen: readonly ChosenDocument[]): readonly FoundDocument[] {
    const { rule, feeds, found, witnessed } = this.#survey;
    const isCarried = (carried: readonly Carried[]): boolean =>
      (!rule.logged || isLogged({ carried }, feeds, found.evidence)) &&
      (witnessed?.isSeen({ carried }) ?? true);
    return chosen.map((one) =>
      withSigners(
        one,
        (key) =>
          this.outBy(one, key) === null &&
          (one.found.document.content.kind === "layout" || isCarried(one.carriedBy(key))),
      ),
    );
  }

  /** Whether any signature does not count for this reason. */
  anyOut(chosen: readonly ChosenDocument[], why: Out): boolean {
    return chosen.some((one) => one.found.signers.some((key) => this.outBy(one, key) === why));
  }

  #reputeOf(builder: Builder): Repute {
    const known = this.#reputes.get(builder.name);
    if (known !== undefined) return known;
    const { found, now } = this.#survey;
    const isAnybodys = isAnybodysKey(builder, found, now);
    const repute = {
      fork: forkOf(builder, this.#survey),
      retracted: retractedBy(builder, found, ({ verified, carried }) => isAnybodys(verified.signer, carried)),
      isAnybodys,
    };
    this.#reputes.set(builder.name, repute);
    return repute;
  }
}

function withSigners({ found }: ChosenDocument, isMeant: (key: PublicKey) => boolean): FoundDocument {
  return { ...found, signers: found.signers.filter(isMeant) };
}
