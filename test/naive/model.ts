/** What builders say, and what a rule asks, for the plain second verdict (verdict.ts): and of feeds, what of that is still theirs. */

export interface Statement {
  readonly by: string;
  readonly step: string;
  /** "F" is the file. "failed" gives nothing; "not F" says that it does not come out. */
  readonly says: "F" | "G" | "H" | "failed" | "not F";
  readonly env: string | null;
  /** What it names as its source, and so as its inputs. */
  readonly source: "S1" | "S2" | null;
  readonly retracted: boolean;
  /** Stands in no feed. */
  readonly loose: boolean;
}

export interface NaiveBuilder {
  readonly name: string;
  readonly operator: string;
  readonly country: string;
  readonly role: "rebuilder" | "ci" | "publisher";
  readonly forked: boolean;
  /** Its key is revoked, and the witness had seen so many entries of its feed before; null = it is not. */
  readonly stolenAfter: number | null;
  /** So many were seen as long ago as a rule may ask. */
  readonly seenLong: number;
}

export type OnContradiction = "refuse" | "majority" | "warn";
export type OnDifference = "show" | "contradict";

export interface Model {
  readonly builders: readonly NaiveBuilder[];
  readonly statements: readonly Statement[];
  /** How many are needed of a, b, c and d in the step "rebuild", and of c and d in the step "review". */
  readonly k: number;
  readonly reviews: number;
  readonly distinct: "builder" | "operator" | "country";
  /** By role; whoever has another one: "others". */
  readonly onContradiction: Readonly<Record<"ci" | "others", OnContradiction>>;
  readonly onDifference: Readonly<Record<"ci" | "others", OnDifference>>;
  /** The rule asks for claims that the witness saw long ago. */
  readonly loggedFor: boolean;
  /** Whose own feed has to list the file. */
  readonly loggedBy: string | null;
  /** Whether the source has to be one, and stated by p. */
  readonly source: "any" | "same" | "stated";
  /** What p states. */
  readonly stated: readonly { readonly source: "S1" | "S2"; readonly retracted: boolean }[];
  readonly exception: {
    readonly over: "pending" | "contradicted";
    readonly file: "F" | "G";
    readonly expired: boolean;
  } | null;
}

export function builderIn(model: Model, name: string): NaiveBuilder | undefined {
  return model.builders.find((one) => one.name === name);
}

/** Where a statement and its retraction stand in the builder's feed: first all that it says there, then all that it takes back. */
function placesIn(model: Model, one: Statement): { readonly said: number; readonly taken: number } {
  const own = model.statements.filter(({ by }) => by === one.by);
  const inFeed = own.filter(({ loose }) => !loose);
  const taken = own.filter(({ retracted }) => retracted);
  return {
    said: one.loose ? Infinity : inFeed.indexOf(one),
    taken: inFeed.length + taken.indexOf(one),
  };
}

/** What is at this place of the feed is its builder's, not a thief's. */
function isIts(model: Model, name: string, place: number): boolean {
  const stolen = builderIn(model, name)?.stolenAfter ?? null;
  return stolen === null || place < stolen;
}

/** What thieves do to the feed of a key that is revoked is not held against anybody. */
export function isForked({ forked, stolenAfter }: NaiveBuilder): boolean {
  return forked && stolenAfter === null;
}

/** What was not taken back, and is of its builder. */
export function liveIn(model: Model): readonly Statement[] {
  return model.statements.filter((one) => {
    const { said, taken } = placesIn(model, one);
    return isIts(model, one.by, said) && !(one.retracted && isIts(model, one.by, taken));
  });
}

export function isLong(model: Model, one: Statement): boolean {
  const by = builderIn(model, one.by);
  return !model.loggedFor || placesIn(model, one).said < Math.max(by?.seenLong ?? 0, by?.stolenAfter ?? 0);
}
