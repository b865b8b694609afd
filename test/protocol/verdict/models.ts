/** Models of what builders say under a rule, for property tests, and the scene of each. */
import fc from "fast-check";
import { isMetBy, isStatedBy, naiveSteps } from "../../naive/verdict.ts";
import type { Model, NaiveBuilder, SourceStatement, Statement, Tag } from "../../naive/model.ts";
import { Scene } from "./scene.ts";

/** Builders that the rule counts; p is the publisher, and states sources, and so does q. */
export const NAMES = ["a", "b", "c", "d"] as const;

const seldom: fc.Arbitrary<boolean> = fc.nat(5).map((number) => number === 0);

const statement: fc.Arbitrary<Statement> = fc.record({
  by: fc.constantFrom(...NAMES, "p"),
  step: fc.constantFrom("rebuild", "rebuild", "rebuild", "review"),
  says: fc.constantFrom("F", "F", "F", "G", "H", "failed", "not F"),
  env: fc.constantFrom(null, "E1", "E1", "E2"),
  source: fc.constantFrom(null, "S1", "S1", "S2"),
  octets: fc.constantFrom("true", "true", "other", "bare"),
  retracted: seldom,
  loose: seldom,
  old: seldom,
});

const tag: fc.Arbitrary<Tag> = fc.record({
  of: fc.constantFrom("S1", "S1", "S2"),
  by: fc.constantFrom("p", "p", "q", "c"),
  named: fc.boolean(),
  beside: fc.nat(5),
});

/** Half of them in the feed of who is its only signer, or the first. */
const sourceStatement: fc.Arbitrary<SourceStatement> = fc.record({
  by: fc.constantFrom("p", "p", "q"),
  source: fc.constantFrom("S1", "S1", "S2"),
  retracted: seldom,
  loose: fc.boolean(),
  old: seldom,
  link: fc.constant(false),
});

/** How many entries of a feed were seen: mostly none or all. */
const seen: fc.Arbitrary<number> = fc.constantFrom(0, 1, 2, 9);

/** Mostly one word for all. */
function byRole<Word extends string>(...words: readonly Word[]): fc.Arbitrary<Record<"ci" | "others", Word>> {
  const word = fc.constantFrom(...words);
  return fc.oneof(
    word.map((one) => ({ ci: one, others: one })),
    fc.record({ ci: word, others: word }),
  );
}

export function models(options: {
  readonly forks: boolean;
  readonly operators: boolean;
  /** Keys are revoked, and the rule may ask for claims that were seen long ago. */
  readonly witness: boolean;
}): fc.Arbitrary<Model> {
  const builder = (name: string, roles: readonly NaiveBuilder["role"][]): fc.Arbitrary<NaiveBuilder> =>
    fc.record({
      name: fc.constant(name),
      operator: options.operators ? fc.constantFrom(name, name, "X") : fc.constant(name),
      country: fc.constantFrom("DE", "FR", "US"),
      role: fc.constantFrom(...roles),
      forked: options.forks ? fc.nat(6).map((number) => number === 0) : fc.constant(false),
      stolenAfter: options.witness ? fc.option(seen, { freq: 3 }) : fc.constant(null),
      seenLong: options.witness ? seen : fc.constant(0),
    });
  return fc
    .record({
      builders: fc.tuple(
        ...NAMES.map((name) => builder(name, ["rebuilder", "rebuilder", "ci"])),
        builder("p", ["publisher"]),
        builder("q", ["publisher"]),
      ),
      statements: fc.array(statement, { maxLength: 7 }),
      k: fc.integer({ min: 1, max: 3 }),
      reviews: fc.constantFrom(0, 0, 1, 2),
      distinct: fc.constantFrom("builder", "operator", "country"),
      onContradiction: byRole("refuse", "majority", "warn"),
      onDifference: byRole("show", "show", "contradict"),
      loggedFor: options.witness ? fc.nat(2).map((number) => number === 0) : fc.constant(false),
      logged: seldom,
      maxAge: seldom,
      loggedBy: fc.constantFrom(null, null, "p", "a"),
      source: fc.constantFrom("any", "any", "same", "stated", "signed"),
      tagNamed: fc.boolean(),
      tags: fc.array(tag, { maxLength: 4 }),
      staters: fc.constantFrom(1, 1, 2),
      anyAge: fc.boolean(),
      stated: fc
        .tuple(
          fc.array(sourceStatement, { maxLength: 2 }),
          fc.option(sourceStatement.map((one) => ({ ...one, link: true }))),
        )
        .map(([own, link]) => (link === null ? own : [link, ...own])),
      exception: fc.option(
        fc.record({
          over: fc.constantFrom("pending", "contradicted"),
          file: fc.constantFrom("F", "F", "G"),
          expired: fc.boolean(),
        }),
      ),
    })
    .filter(
      (model) =>
        isMetBy(
          model,
          model.builders.flatMap((one) => naiveSteps(model, one.name).map((step) => [one, step] as const)),
        ) && isStatedBy(model, model.builders),
    );
}

/** All there is to it is who states the source: a has built the file from S1, and whatever the rule may ask a builder it has done. */
export function aboutSources(): fc.Arbitrary<Model> {
  const asked = fc.record({ logged: fc.boolean(), maxAge: fc.boolean(), loggedFor: fc.boolean() });
  const all = models({ forks: true, operators: true, witness: true });
  return fc.tuple(all, asked).map(([model, asks]): Model => {
    const builders = model.builders.map((one) =>
      one.name === "a" ? { ...one, forked: false, stolenAfter: null, seenLong: 9, operator: "a" } : one,
    );
    const built = { by: "a", step: "rebuild", says: "F", env: null, source: "S1", octets: "true" } as const;
    const statements = [{ ...built, retracted: false, loose: false, old: false }];
    const { source, loggedBy, k, reviews } = { source: "stated", loggedBy: null, k: 1, reviews: 0 } as const;
    return { ...model, ...asks, builders, statements, source, loggedBy, k, reviews };
  });
}

/** All there is to it is who has signed the commit, and which object it is: those who have built it agree. */
export function aboutSignatures(): fc.Arbitrary<Model> {
  const all = models({ forks: true, operators: true, witness: true });
  const said = fc.array(
    fc.record({
      by: fc.constantFrom(...NAMES),
      source: fc.constantFrom("S1", "S1", "S2"),
      octets: fc.constantFrom("true", "true", "other", "bare"),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const tags = fc.array(tag, { minLength: 1, maxLength: 5 });
  return fc.tuple(all, said, tags).map(([model, some, signed]): Model => {
    const built = {
      step: "rebuild",
      says: "F",
      env: null,
      retracted: false,
      loose: false,
      old: false,
    } as const;
    const statements = some.map((one) => ({ ...built, ...one }));
    const { source, loggedBy, reviews } = { source: "signed", loggedBy: null, reviews: 0 } as const;
    return { ...model, statements, tags: signed, source, loggedBy, reviews };
  });
}

function ruleOf(model: Model): string {
  const { k, reviews, distinct, onContradiction, onDifference, loggedBy, source, staters, anyAge } = model;
  const asks = (count: number, names: readonly string[], step: string): string =>
    `{ k = ${count}, of = ${JSON.stringify(names)}, distinct = "${distinct}", step = "${step}" }`;
  const require = [
    asks(k, NAMES, "rebuild"),
    ...(reviews > 0 ? [asks(reviews, ["c", "d"], "review")] : []),
  ].join(", ");
  // A role that nobody has can't be named.
  const hasCi = model.builders.some(({ role }) => role === "ci");
  const words = (by: Readonly<Record<"ci" | "others", string>>): string =>
    hasCi && by.ci !== by.others ? `{ ci = "${by.ci}", "*" = "${by.others}" }` : `"${by.others}"`;
  const more = [
    ...(model.loggedFor ? ['logged_for="30d"'] : []),
    ...(loggedBy === null ? [] : [`logged_by="${loggedBy}"`]),
    ...(source === "same" ? ['source="same"'] : []),
    ...(model.logged ? ["logged=true"] : []),
    ...(model.maxAge ? ['max_attestation_age="30d"'] : []),
    ...(source === "signed"
      ? [
          `source={ signed = { k = ${staters}, of = ["p", "q"] }${model.tagNamed ? ', tag = "v{version}"' : ""} }`,
        ]
      : []),
    ...(source === "stated"
      ? [`source={ k = ${staters}, of = ["p", "q"]${anyAge ? ', max_attestation_age = "none"' : ""} }`]
      : []),
  ].join(" ");
  return `rule require=[${require}] on_contradiction=${words(onContradiction)} on_difference=${words(onDifference)} ${more}`;
}

export function sceneOf(model: Model): Scene {
  const scene = new Scene();
  for (const { name, operator, country, role, forked, stolenAfter, seenLong } of model.builders) {
    const revoked = stolenAfter === null ? "" : "revoked=2026-10-01";
    scene.tell(`builder ${name} operator=${operator} country=${country} role=${role} ${revoked}`);
    if (forked) scene.tell(`${name} forks`);
    // Before the first of October, and after it.
    scene.tell(`w saw ${name} size=${stolenAfter ?? 0} age=60d`);
    scene.tell(`w saw ${name} size=${seenLong} age=40d`);
  }
  scene.tell("witness w");
  scene.tell(ruleOf(model));
  if (model.exception !== null) {
    const { over, file, expired } = model.exception;
    scene.tell(`exception x over=${over} file=${file} until=${expired ? "2026-11-21" : "2026-11-22"}`);
  }
  const retractions: string[] = [];
  for (const [index, one] of model.statements.entries()) {
    const { by, step, says, env, retracted, loose, old } = one;
    const stated = `step=${step}${env === null ? "" : ` env=${env}`}${sourceWords(model, index)}${loose ? " loose" : ""}`;
    // Each claim has a time of its own, so that equal ones are different claims.
    if (says === "failed") scene.tell(`${by} fails x because=try-${index} ${stated}`);
    else if (says === "not F") scene.tell(`${by} not F because=try-${index} ${stated}`);
    else scene.tell(`${by} gives ${says} age=${hours(index + 1, old)} ${stated}`);
    if (retracted) retractions.push(`${by} takes-back ${index + 1} because=try-${index}`);
  }
  for (const [index, { by, source, retracted, loose, old, link }] of model.stated.entries()) {
    const as = "as=pkg:generic/hello-source@2.10-3 file=hello.dsc";
    const where = loose ? "loose" : `in=${by}`;
    const other = by === "p" ? "q" : "p";
    if (link) scene.tell(`${by} links ${source} step=source with=${other} file=hello.dsc ${where}`);
    else scene.tell(`${by} gives ${source} step=source age=${hours(index + 20, old)} ${where} ${as}`);
    if (retracted)
      retractions.push(
        `${by} takes-back ${model.statements.length + index + 1} because=source-${index} ${as}`,
      );
  }
  for (const line of retractions) scene.tell(line);
  return scene;
}

/** What a statement says of its source: a .dsc, or a commit, with the tags that it brings. */
function sourceWords(model: Model, index: number): string {
  const { source = null, octets } = model.statements[index] ?? {};
  if (source === null) return "";
  if (model.source !== "signed") return ` inputs=${source}`;
  const tags = model.tags
    .filter(({ beside }) => beside === index)
    .map(({ of, by, named }) => `${named ? "v2.10-3" : "v2.10-2"}:${by}@${of}`);
  const words = { true: "", other: " object=X", bare: " bare" }[octets ?? "true"];
  return ` git=${source}${words}${tags.length === 0 ? "" : ` tags=${tags.join(",")}`}`;
}

/** Whole hours ago, of what is old some days more than a rule may take. */
function hours(number: number, old: boolean): string {
  return `${number + (old ? 40 * 24 : 0)}h`;
}
