/**
 * The verdict, said a second time and as plainly as possible, over what builders say instead of over bytes. The second opinion for
 * protocol/verdict: of ages only whether a claim is old, and of feeds whether a claim stands in the builder's own, and how much of it was seen when.
 */
import { isCarried, isForked, liveIn, signersOf, statersOf } from "./model.ts";
import type { Model, NaiveBuilder, OnContradiction, Statement } from "./model.ts";
import { naiveMet } from "./quorum.ts";
import type { NaiveVoter } from "./quorum.ts";

export interface Opinion {
  readonly verdict: "reproduced" | "contradicted" | "pending";
  readonly decision: "allow" | "warn" | "refuse";
  readonly contradiction: "file" | "split" | "fork" | null;
  readonly votes: ReadonlyMap<string, string>;
}

/** In which steps a builder is counted. */
export function naiveSteps({ reviews }: Pick<Model, "reviews">, name: string): readonly string[] {
  if (name === "p" || name === "q") return [];
  return reviews > 0 && (name === "c" || name === "d") ? ["rebuild", "review"] : ["rebuild"];
}

/** Do these, each of whom agrees in one step, meet the requirements? */
export function isMetBy(
  { k, reviews, distinct }: Pick<Model, "k" | "reviews" | "distinct">,
  some: readonly (readonly [builder: NaiveBuilder, step: string])[],
): boolean {
  return naiveMet(
    [
      { k, of: named("a", "b", "c", "d"), step: "rebuild" },
      ...(reviews > 0 ? [{ k: reviews, of: named("c", "d"), step: "review" }] : []),
    ],
    some.map(([builder, step]) => voterIn(builder, step, distinct)),
  );
}

/** Do these state, or sign, a source as the rule asks? */
export function isStatedBy(
  { staters, distinct }: Pick<Model, "staters" | "distinct">,
  some: readonly NaiveBuilder[],
): boolean {
  return naiveMet(
    [{ k: staters, of: named("p", "q"), step: "source" }],
    some.map((builder) => voterIn(builder, "source", distinct)),
  );
}

function named(...names: readonly string[]): readonly { kind: "builder"; name: string }[] {
  return names.map((name) => ({ kind: "builder", name }));
}

function voterIn(
  { name, operator, country }: NaiveBuilder,
  step: string,
  distinct: Model["distinct"],
): NaiveVoter {
  const voices = { builder: [name], operator: [operator], country: [operator, country] }[distinct];
  return { builder: name, step, voices };
}

/** Whom the rule hears, and what they say that is not taken back. */
function heardBy(model: Model): {
  readonly heard: readonly NaiveBuilder[];
  readonly said: readonly Statement[];
  readonly live: readonly Statement[];
} {
  const heard = model.builders.filter(({ name }) => name !== "q" && (name !== "p" || model.loggedBy === "p"));
  const said = model.statements.filter(({ by, step }) => {
    const steps = naiveSteps(model, by);
    return heard.some(({ name }) => name === by) && (steps.length === 0 || steps.includes(step));
  });
  const live = new Set(liveIn(model));
  return { heard, said, live: said.filter((one) => live.has(one)) };
}

/** Whether these of one builder's claims that give F are as the rule asks, and if not, what that makes of its vote. */
function voteFor(
  model: Model,
  builder: NaiveBuilder,
  forF: readonly Statement[],
): "agrees" | "stale" | "excluded" {
  const isOnlyPublisher = builder.name === "p";
  const isWhereAsked = (one: Statement): boolean =>
    isCarried(model, one) && (!builder.forked || !(isOnlyPublisher || model.logged));
  const carried = forF.filter((one) => isWhereAsked(one) && !(isOnlyPublisher && one.loose));
  const young = carried.filter((one) => !(model.maxAge && one.old));
  const counts = isOnlyPublisher || young.some((one) => model.source === "any" || one.source !== null);
  if (carried.length === 0) return "excluded";
  if (young.length === 0) return "stale";
  return counts ? "agrees" : "excluded";
}

/** Whether a builder speaks for nothing, however much of what others say is a difference. */
function isOut(model: Model, builder: NaiveBuilder, live: readonly Statement[]): boolean {
  const own = live.filter((one) => one.by === builder.name && one.says !== "failed");
  // Whatever stands in a forked feed is lost, and so is the word of its key anywhere else.
  if (isForked(builder)) return true;
  return own.every((one) => one.says === "F") && voteFor(model, builder, own) === "excluded";
}

function drifts(model: Model): (one: Statement) => boolean {
  const { live, heard } = heardBy(model);
  const out = new Set(heard.filter((one) => isOut(model, one, live)).map(({ name }) => name));
  return (one) => {
    const role = heard.find(({ name }) => name === one.by)?.role === "ci" ? "ci" : "others";
    if (model.onDifference[role] === "contradict" || one.says === "not F") return false;
    let isDrift = false;
    for (const agreeing of live) {
      if (agreeing.says !== "F" || agreeing.step !== one.step) continue;
      if (out.has(agreeing.by) || agreeing.by === "p") continue;
      const otherEnv = one.env !== null && agreeing.env !== null && one.env !== agreeing.env;
      const otherInputs = one.source !== null && agreeing.source !== null && one.source !== agreeing.source;
      if (!otherEnv && !otherInputs) return false;
      isDrift = true;
    }
    return isDrift;
  };
}

function votesOf(model: Model): ReadonlyMap<string, string> {
  const { heard, said, live } = heardBy(model);
  const isDrift = drifts(model);
  const votes = new Map<string, string>();
  for (const builder of heard) {
    const { name } = builder;
    const own = live.filter((one) => one.by === name);
    const other = own.filter((one) => one.says !== "F" && one.says !== "failed");
    const forF = own.filter((one) => one.says === "F");
    let vote = "silent";
    if (said.some((one) => one.by === name)) vote = "excluded";
    if (own.some((one) => one.says === "failed")) vote = "failed";
    if (forF.length > 0) vote = voteFor(model, builder, forF);
    if (other.length > 0) vote = "differs";
    if (other.some((one) => !isDrift(one))) vote = "contradicts";
    // Whatever stands in a forked feed is lost, and so is the word of its key anywhere else.
    if (isForked(builder)) vote = "excluded";
    votes.set(name, vote);
  }
  return votes;
}

/** What one word does is what the strictest of those who contradict does, of an operator too. */
function weightsOf(model: Model, votes: ReadonlyMap<string, string>): ReadonlyMap<string, OnContradiction> {
  const weights = new Map<string, OnContradiction>();
  for (const one of model.builders) {
    const own = votes.get(one.name);
    if (own !== "contradicts" && own !== "agrees") continue;
    const dissenting = model.builders.filter(
      (other) =>
        votes.get(other.name) === "contradicts" &&
        (own === "agrees" ? other.operator === one.operator : other.name === one.name),
    );
    const words = dissenting.map(({ role }) => model.onContradiction[role === "ci" ? "ci" : "others"]);
    for (const word of ["refuse", "majority", "warn"] as const) {
      if (words.includes(word) && !weights.has(one.name)) weights.set(one.name, word);
    }
  }
  return weights;
}

export function naiveVerdict(model: Model): Opinion {
  const { heard, live } = heardBy(model);
  const first = votesOf(model);
  const weights = weightsOf(model, first);
  const votes = new Map([...first].map(([name, vote]) => [name, weights.has(name) ? "contradicts" : vote]));

  const withVote = (vote: string): readonly NaiveBuilder[] =>
    heard.filter((one) => votes.get(one.name) === vote);
  const agreeing = withVote("agrees");
  const against = withVote("contradicts");
  const sayF = (name: string): readonly Statement[] =>
    live.filter(
      (one) => one.by === name && one.says === "F" && isCarried(model, one) && !(model.maxAge && one.old),
    );

  /** In which steps each of these agrees, with this source. */
  const isMet = (
    some: readonly NaiveBuilder[],
    source: "S1" | "S2" | null,
    octets: Statement["octets"] | null = null,
  ): boolean =>
    isMetBy(
      model,
      some.flatMap((one) => {
        const steps = new Set(
          sayF(one.name)
            .filter((said) => source === null || said.source === source)
            .filter((said) => octets === null || said.octets === octets || said.octets === "bare")
            .map(({ step }) => step),
        );
        return naiveSteps(model, one.name).flatMap((step) => (steps.has(step) ? [[one, step] as const] : []));
      }),
    );
  const isStated = (source: string): boolean => {
    if (model.source !== "stated") return true;
    const { own, linked } = statersOf(model, source);
    // A link is one statement, whoever signed it.
    return isStatedBy(model, own) || linked.some((one) => isStatedBy(model, [...own, one]));
  };
  // Two objects of one id are two sources.
  const isMetFrom = (some: readonly NaiveBuilder[], source: "S1" | "S2"): boolean =>
    model.source === "signed"
      ? isStatedBy(model, signersOf(model, source)) &&
        (isMet(some, source, "true") || isMet(some, source, "other"))
      : isMet(some, source);
  const isEnough = (some: readonly NaiveBuilder[]): boolean =>
    model.source === "any"
      ? isMet(some, null)
      : (["S1", "S2"] as const).some((source) => isStated(source) && isMetFrom(some, source));

  const publisher = heard.find(({ name }) => name === model.loggedBy);
  const lists =
    publisher === undefined ||
    // A publisher lists in any step, also in one in which it is not counted.
    liveIn(model).some(
      (one) =>
        one.by === publisher.name &&
        one.says === "F" &&
        !one.loose &&
        isCarried(model, one) &&
        !(model.maxAge && one.old),
    );
  const isBroken =
    publisher !== undefined &&
    (publisher.forked || (weights.has(publisher.name) && first.get(publisher.name) === "agrees"));
  const listed = lists && !isBroken;
  const listedButForked = lists && publisher !== undefined && isForked(publisher);

  const lost = heard.filter((builder) => {
    const { name } = builder;
    const own = live.filter((one) => one.by === name);
    const counts = name !== "p" && (model.source === "any" || sayF(name).some((one) => one.source !== null));
    return (
      isForked(builder) &&
      counts &&
      sayF(name).length > 0 &&
      own.every((one) => one.says === "F" || one.says === "failed")
    );
  });
  const met = isEnough(agreeing) && listed;
  const forkTookIt =
    !met &&
    (lost.length > 0 || listedButForked) &&
    (listed || listedButForked) &&
    isEnough([...agreeing, ...lost]);

  const operators = (some: readonly NaiveBuilder[]): number => new Set(some.map((one) => one.operator)).size;
  const weighing = (word: OnContradiction): readonly NaiveBuilder[] =>
    against.filter(({ name }) => weights.get(name) === word);
  const counted = agreeing.filter(({ name }) => name !== "p");
  const isOutvoted = weighing("majority").length > 0 && operators(counted) <= operators(weighing("majority"));
  const decides = weighing("refuse").length > 0 || isOutvoted;
  const warns = weighing("warn").length > 0;

  let verdict: Opinion["verdict"] = met ? "reproduced" : forkTookIt ? "contradicted" : "pending";
  if (decides || (warns && !met)) verdict = "contradicted";

  const isDrift = drifts(model);
  const results = new Set(
    live
      .filter((one) => votes.get(one.by) === "contradicts" && one.says !== "failed")
      .filter((one) => one.says === "F" || !isDrift(one))
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
  if (verdict === "reproduced") decision = warns ? "warn" : "allow";
  const { exception } = model;
  if (decision === "refuse" && exception !== null && !exception.expired && exception.file === "F") {
    if (verdict === "pending" || exception.over === "contradicted") decision = "warn";
  }
  return { verdict, decision, contradiction, votes };
}
