/** The verdict by two steps, said a second time and as plainly as possible: who built a file, and who signed it. Every builder is its own operator. */

/** Somebody built `file`, and says, or does not, that it is `bare` without its signature. */
export interface Build {
  readonly by: "a" | "b" | "c";
  readonly file: "U" | "V" | "F";
  readonly bare: "N" | "M" | null;
  readonly taken: boolean;
}

/** Somebody signed `from`, or does not say what, and got `gives`. */
export interface Signing {
  readonly by: "r" | "s" | "t";
  readonly gives: "F" | "G";
  readonly from: "U" | "V" | "N" | "F" | null;
  readonly taken: boolean;
}

export interface StepsModel {
  readonly from: "materials" | "normal-form" | "both" | "same";
  /** What F, which is judged, is without its signature; null = nobody knows. */
  readonly form: "N" | "M" | null;
  /** So many of a, b and c must have built it, and of r, s and t signed. */
  readonly built: number;
  readonly signed: number;
  readonly onContradiction: "refuse" | "majority" | "warn";
  readonly builds: readonly Build[];
  readonly signings: readonly Signing[];
}

type Word = "reproduced" | "contradicted" | "pending";

export interface StepsOpinion {
  readonly verdict: Word;
  readonly decision: "allow" | "warn" | "refuse";
  readonly steps: readonly Word[];
}

type Vote = "agrees" | "contradicts" | "nothing";

function countOf(
  votes: readonly Vote[],
  needed: number,
  word: StepsModel["onContradiction"],
): Pick<StepsOpinion, "verdict" | "decision"> {
  const agree = votes.filter((vote) => vote === "agrees").length;
  const against = votes.filter((vote) => vote === "contradicts").length;
  const met = agree >= needed;
  if (against > 0 && word === "refuse") return { verdict: "contradicted", decision: "refuse" };
  if (against > 0 && word === "majority" && agree <= against)
    return { verdict: "contradicted", decision: "refuse" };
  if (against > 0 && word === "warn")
    return met
      ? { verdict: "reproduced", decision: "warn" }
      : { verdict: "contradicted", decision: "refuse" };
  return met ? { verdict: "reproduced", decision: "allow" } : { verdict: "pending", decision: "refuse" };
}

/** What came out is nothing that went in. */
function inputOf({ from, gives }: Signing): string | null {
  return from === gives ? null : from;
}

/** `order`: which of two files comes first, where as many name the one as the other. */
export function naiveVerdictOfSteps(model: StepsModel, order: (file: string) => string): StepsOpinion {
  const builds = model.builds.filter(({ taken }) => !taken);
  const signings = model.signings.filter(({ taken }) => !taken);
  const good = signings.filter(({ gives }) => gives === "F");

  // Which file the builders are asked about.
  let built: string | null = null;
  if (model.from === "same") built = "F";
  if (model.from === "normal-form" || model.from === "both") built = model.form;
  if (model.from === "materials") {
    const named = [...new Set(good.flatMap(({ from }) => from ?? []))];
    const namers = (file: string): number =>
      new Set(good.filter(({ from }) => from === file).map(({ by }) => by)).size;
    named.sort((one, other) => namers(other) - namers(one) || (order(one) < order(other) ? -1 : 1));
    built = named[0] ?? null;
  }

  // What each of them says of it: by what it is without its signature or, who says nothing of that, by the signed file itself.
  const isByForm = model.from === "normal-form" || model.from === "both";
  const names = ["a", "b", "c"] as const;
  type Name = (typeof names)[number];
  const speaking = (by: Name): readonly Build[] => {
    const own = builds.filter((one) => one.by === by);
    const bare = own.filter((one) => one.bare !== null);
    return isByForm && bare.length > 0 ? bare : own;
  };
  /** `known`: files that stand for it, where any are known to. */
  const says = (by: Name, known: ReadonlySet<string>): Vote => {
    if (built === null) return "nothing";
    const said = speaking(by).map(({ bare, file }): Vote => {
      if (!isByForm) return file === built ? "agrees" : "contradicts";
      if (bare !== null) return bare === built ? "agrees" : "contradicts";
      if (file === "F") return "agrees";
      return known.size > 0 && !known.has(file) ? "contradicts" : "nothing";
    });
    return said.includes("contradicts") ? "contradicts" : said.includes("agrees") ? "agrees" : "nothing";
  };
  /** Under the name of the file itself, of those who agree; `least`: so many say it. */
  const givenBy = (known: ReadonlySet<string>, least: number): ReadonlySet<string> => {
    const agreeing = names.filter((by) => says(by, known) === "agrees");
    const gives = (by: Name, file: string): boolean =>
      speaking(by).some((one) => one.file === file && (one.bare !== null || file === "F"));
    return new Set(
      ["U", "V", "F"].filter((file) => agreeing.filter((by) => gives(by, file)).length >= least),
    );
  };
  // The word of fewer than are needed accuses nobody.
  const known = isByForm ? givenBy(new Set(), model.built) : new Set<string>();
  const votes = names.map((by) => says(by, known));
  const building =
    built === null
      ? ({ verdict: "pending", decision: "refuse" } as const)
      : countOf(votes, model.built, model.onContradiction);

  // Whether what was signed is that.
  const comesFrom = ({ from }: Signing): "given" | "other" | "unsaid" => {
    if (model.from === "normal-form" || model.from === "same") return "given";
    if (from === null)
      return model.from === "both" && (built === null || building.verdict !== "reproduced")
        ? "given"
        : "unsaid";
    if (model.from === "materials") return from === built ? "given" : "other";
    if (built === null || building.verdict !== "reproduced") return "given";
    if (from === built || from === "F" || givenBy(known, 1).has(from)) return "given";
    return givenBy(known, model.built).size > 0 ? "other" : "unsaid";
  };
  const signs = (by: Signing["by"]): Vote => {
    const own = signings.filter((one) => one.by === by);
    const others = own.filter(({ gives }) => gives !== "F");
    // Another file from other materials than all who got this one: no wonder.
    const isNoWonder = (one: Signing): boolean =>
      good.length > 0 &&
      good.every((same) => inputOf(one) !== null && inputOf(same) !== null && one.from !== same.from);
    if (others.some((one) => !isNoWonder(one))) return "contradicts";
    const same = own.filter(({ gives }) => gives === "F");
    if (same.some((one) => comesFrom(one) === "other")) return "contradicts";
    if (others.length > 0) return "nothing";
    return same.some((one) => comesFrom(one) === "given") ? "agrees" : "nothing";
  };
  const signing = countOf((["r", "s", "t"] as const).map(signs), model.signed, model.onContradiction);

  const steps = [building.verdict, signing.verdict];
  const decisions = [building.decision, signing.decision];
  return {
    steps,
    verdict: steps.includes("contradicted")
      ? "contradicted"
      : steps.includes("pending")
        ? "pending"
        : "reproduced",
    decision: decisions.includes("refuse") ? "refuse" : decisions.includes("warn") ? "warn" : "allow",
  };
}
