/**
 * The verdict, said a second time and as plainly as possible, over what builders say instead of over bytes. The second opinion for
 * protocol/verdict: of feeds only how much of one was seen when, no ages of claims, every builder of the policy counts.
 */
import { naiveMet } from "./quorum.ts";

export interface Statement {
  readonly by: string;
  /** "F" is the file. "failed" gives nothing; "not F" says that it does not come out. */
  readonly says: "F" | "G" | "H" | "failed" | "not F";
  readonly env: string | null;
  readonly retracted: boolean;
}

export interface Model {
  readonly builders: readonly {
    readonly name: string;
    readonly operator: string;
    readonly country: string;
    readonly forked: boolean;
    /** Its key is revoked, and the witness had seen so many entries of its feed before; null = it is not. */
    readonly stolenAfter: number | null;
    /** So many were seen as long ago as a rule may ask. */
    readonly seenLong: number;
  }[];
  readonly statements: readonly Statement[];
  readonly k: number;
  readonly distinct: "builder" | "operator" | "country";
  readonly onContradiction: "refuse" | "majority" | "warn";
  readonly onDifference: "show" | "contradict";
  /** The rule asks for claims that the witness saw long ago. */
  readonly loggedFor: boolean;
  readonly exception: {
    readonly over: "pending" | "contradicted";
    readonly file: "F" | "G";
    readonly expired: boolean;
  } | null;
}

export interface Opinion {
  readonly verdict: "reproduced" | "contradicted" | "pending";
  readonly decision: "allow" | "warn" | "refuse";
  readonly contradiction: "file" | "split" | "fork" | null;
  readonly votes: ReadonlyMap<string, string>;
}

/** Do these builders meet the rule? */
export function isMetBy(
  { k, builders, distinct }: Pick<Model, "k" | "builders" | "distinct">,
  some: Model["builders"],
): boolean {
  return naiveMet(
    [{ k, of: builders.map(({ name }) => ({ kind: "builder", name })) }],
    some.map(({ name, operator, country }) => ({
      builder: name,
      voices: { builder: [name], operator: [operator], country: [operator, country] }[distinct],
    })),
  );
}

/** Where a statement and its retraction stand in the builder's feed: first all that it says, then all that it takes back. */
function placesIn(model: Model, one: Statement): { readonly said: number; readonly taken: number } {
  const own = model.statements.filter(({ by }) => by === one.by);
  const taken = own.filter(({ retracted }) => retracted);
  return { said: own.indexOf(one), taken: own.length + taken.indexOf(one) };
}

export function naiveVerdict(model: Model): Opinion {
  const own = (name: string): Model["builders"][number] | undefined =>
    model.builders.find((one) => one.name === name);
  const isIts = (name: string, place: number): boolean => place < (own(name)?.stolenAfter ?? Infinity);
  const live = model.statements.filter((one) => {
    const { said, taken } = placesIn(model, one);
    return isIts(one.by, said) && !(one.retracted && isIts(one.by, taken));
  });
  const isForked = (name: string): boolean => own(name)?.forked === true && own(name)?.stolenAfter === null;
  const isLong = (one: Statement): boolean =>
    !model.loggedFor ||
    placesIn(model, one).said < Math.max(own(one.by)?.seenLong ?? 0, own(one.by)?.stolenAfter ?? 0);
  const forF = live.filter((one) => one.says === "F" && !isForked(one.by));

  /** Does this other result count as a contradiction? */
  const contradicts = (one: Statement): boolean => {
    if (model.onDifference === "contradict" || forF.length === 0 || one.says === "not F") return true;
    for (const agreeing of forF) {
      if (one.env === null || agreeing.env === null || one.env === agreeing.env) return true;
    }
    return false;
  };

  const votes = new Map<string, string>();
  for (const { name } of model.builders) {
    const own = live.filter((one) => one.by === name);
    const other = own.filter((one) => one.says !== "F" && one.says !== "failed");
    let vote = "silent";
    if (model.statements.some((one) => one.by === name)) vote = "excluded";
    if (own.some((one) => one.says === "failed")) vote = "failed";
    if (own.some((one) => one.says === "F")) vote = "excluded";
    if (own.some((one) => one.says === "F" && isLong(one))) vote = "agrees";
    if (other.length > 0) vote = "differs";
    if (other.some(contradicts)) vote = "contradicts";
    if (isForked(name)) vote = "excluded";
    votes.set(name, vote);
  }
  for (const a of model.builders) {
    for (const b of model.builders) {
      if (
        votes.get(a.name) === "agrees" &&
        votes.get(b.name) === "contradicts" &&
        a.operator === b.operator
      ) {
        votes.set(a.name, "contradicts");
      }
    }
  }

  const withVote = (vote: string): Model["builders"] =>
    model.builders.filter((one) => votes.get(one.name) === vote);
  const isMet = (some: Model["builders"]): boolean => isMetBy(model, some);
  const agreeing = withVote("agrees");
  const against = withVote("contradicts");
  const lost = model.builders.filter(({ name }) => {
    const own = live.filter((one) => one.by === name);
    return (
      isForked(name) &&
      own.some((one) => one.says === "F" && isLong(one)) &&
      own.every((one) => one.says === "F" || one.says === "failed")
    );
  });
  const met = isMet(agreeing);
  const forkTookIt = !met && lost.length > 0 && isMet([...agreeing, ...lost]);
  const operators = (some: Model["builders"]): number => new Set(some.map((one) => one.operator)).size;

  let verdict: Opinion["verdict"] = met ? "reproduced" : forkTookIt ? "contradicted" : "pending";
  if (against.length > 0) {
    if (model.onContradiction === "refuse") verdict = "contradicted";
    if (model.onContradiction === "warn" && !met) verdict = "contradicted";
    if (model.onContradiction === "majority" && operators(agreeing) <= operators(against))
      verdict = "contradicted";
  }

  const results = new Set(
    live
      .filter((one) => votes.get(one.by) === "contradicts" && (one.says === "F" || one.says !== "failed"))
      .filter((one) => one.says === "F" || contradicts(one))
      .map((one) => one.says),
  );
  const contradiction =
    against.length === 0
      ? forkTookIt
        ? "fork"
        : null
      : agreeing.length === 0 && results.size === 1
        ? "file"
        : "split";
  let decision: Opinion["decision"] = "refuse";
  if (verdict === "reproduced") decision = "allow";
  if (verdict === "reproduced" && against.length > 0 && model.onContradiction === "warn") decision = "warn";
  const { exception } = model;
  if (decision === "refuse" && exception !== null && !exception.expired && exception.file === "F") {
    if (verdict === "pending" || exception.over === "contradicted") decision = "warn";
  }
  return { verdict, decision, contradiction, votes };
}
