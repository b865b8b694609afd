/** What builders say, and what a rule asks, for the plain second verdict (verdict.ts): and of feeds, what of that is still theirs. */

export interface Statement {
  readonly by: string;
  readonly step: string;
  /** "F" is the file. "failed" gives nothing; "not F" says that it does not come out. */
  readonly says: "F" | "G" | "H" | "failed" | "not F";
  readonly env: string | null;
  /** What it names as its source, and so as its inputs. */
  readonly source: "S1" | "S2" | null;
  /** Where sources are commits: it says which octets the commit has, others than it has, or nothing of that. */
  readonly octets: "true" | "other" | "bare";
  readonly retracted: boolean;
  /** Stands in no feed. */
  readonly loose: boolean;
  /** Older than a rule may take. */
  readonly old: boolean;
}

/** That something is the source of the file. */
export interface SourceStatement {
  readonly by: "p" | "q";
  readonly source: "S1" | "S2";
  readonly retracted: boolean;
  readonly loose: boolean;
  readonly old: boolean;
  /** A link without a time, which the other one of p and q has signed too. */
  readonly link: boolean;
}

/** A signed tag, which the statement with this number brings, if there is one that names a source. */
export interface Tag {
  readonly of: "S1" | "S2";
  readonly by: "p" | "q" | "c";
  /** By the name that a rule may ask for. */
  readonly named: boolean;
  readonly beside: number;
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
  /** For claims that stand in a feed; for claims that are not old. */
  readonly logged: boolean;
  readonly maxAge: boolean;
  /** Whose own feed has to list the file. */
  readonly loggedBy: string | null;
  /** Whether the source has to be one, and stated, or a commit that is signed, by so many of p and q, however long ago that may be. */
  readonly source: "any" | "same" | "stated" | "signed";
  readonly staters: 1 | 2;
  /** Only tags of the name count. */
  readonly tagNamed: boolean;
  readonly tags: readonly Tag[];
  readonly anyAge: boolean;
  /** At most one of them a link. */
  readonly stated: readonly SourceStatement[];
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
function placesIn(
  model: Model,
  one: Statement | SourceStatement,
): { readonly said: number; readonly taken: number } {
  const own = [...model.statements, ...model.stated].filter(({ by }) => by === one.by);
  const inFeed = own.filter(({ loose }) => !loose);
  const taken = own.filter(({ retracted }) => retracted);
  return {
    said: one.loose ? Infinity : inFeed.indexOf(one),
    taken: inFeed.length + taken.indexOf(one),
  };
}

/** What is at this place of somebody's feed is of who signed it, not of a thief. */
function isIts(model: Model, name: string, feed: string, place: number): boolean {
  const isStolen = (builderIn(model, name)?.stolenAfter ?? null) !== null;
  return !isStolen || place < (builderIn(model, feed)?.stolenAfter ?? 0);
}

/** What thieves do to the feed of a key that is revoked is not held against anybody. */
export function isForked({ forked, stolenAfter }: NaiveBuilder): boolean {
  return forked && stolenAfter === null;
}

/** What was not taken back, and is of its builder. */
export function liveIn(model: Model): readonly Statement[] {
  return model.statements.filter((one) => isLive(model, one, one.by));
}

/** As far as this one of its signers is concerned. */
function isLive(model: Model, one: Statement | SourceStatement, signer: string): boolean {
  const { said, taken } = placesIn(model, one);
  const isTaken = one.retracted && signer === one.by && isIts(model, signer, one.by, taken);
  return isIts(model, signer, one.by, said) && !isTaken;
}

/** Stands where the rule asks for it, seen for as long as it asks. */
export function isCarried(model: Model, one: Statement | SourceStatement): boolean {
  const by = builderIn(model, one.by);
  const isLong =
    !model.loggedFor || placesIn(model, one).said < Math.max(by?.seenLong ?? 0, by?.stolenAfter ?? 0);
  return isLong && (!model.logged || !one.loose);
}

/** Who states a source as the rule asks: in own words, and by no more than the link. */
export function statersOf(
  model: Model,
  source: string,
): { readonly own: readonly NaiveBuilder[]; readonly linked: readonly NaiveBuilder[] } {
  const states = (builder: NaiveBuilder, link: boolean): boolean =>
    model.stated.some(
      (one) =>
        one.link === link &&
        one.source === source &&
        (one.by === builder.name || link) &&
        isLive(model, one, builder.name) &&
        isCarried(model, one) &&
        // Of a feed that forked nothing stands for sure, whatever became of its key.
        !(model.logged && builderIn(model, one.by)?.forked === true) &&
        (model.anyAge || !model.maxAge || !(one.old || link)),
    );
  const staters = model.builders.filter((one) => (one.name === "p" || one.name === "q") && !isForked(one));
  const own = staters.filter((one) => states(one, false));
  return { own, linked: staters.filter((one) => !own.includes(one) && states(one, true)) };
}

/** Who has signed a commit as the rule asks, whoever brings it: a key that is revoked signs nothing. */
export function signersOf(model: Model, source: string): readonly NaiveBuilder[] {
  const brought = model.tags.filter(({ beside }) => (model.statements[beside]?.source ?? null) !== null);
  return model.builders.filter(
    (one) =>
      (one.name === "p" || one.name === "q") &&
      one.stolenAfter === null &&
      brought.some(({ of, by, named }) => by === one.name && of === source && (named || !model.tagNamed)),
  );
}
