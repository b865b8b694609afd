/** The door of `protocol/policy/`: which builders count, how many must agree, what else must hold. */
export { readPolicy } from "./read.ts";
export { assertPattern, matchPattern, matchSegment } from "./pattern.ts";
export { tally } from "./groups.ts";
export type { Tally, Voter } from "./groups.ts";
export { voterOf } from "./rules.ts";
export { buildersOf, ruleFor } from "./find.ts";
export { explainDefault, explainPolicy, explainRule } from "./explain.ts";
export { writeAge } from "./age.ts";
export type {
  Builder,
  Distinct,
  Group,
  Party,
  Policy,
  Requirement,
  Rule,
  Seat,
  Way,
  Witness,
  WitnessQuorum,
} from "./types.ts";
