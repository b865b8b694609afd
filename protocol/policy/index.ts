/** The door of `protocol/policy/`: which builders count, how many must agree, what else must hold. */
export { readPolicy } from "./read.ts";
export { matchPattern, matchSegment, patternOf } from "./pattern.ts";
export { tally } from "./groups.ts";
export type { Tally } from "./groups.ts";
export { voterOf } from "./distinct.ts";
export type { Voter } from "./distinct.ts";
export { buildersOf, ruleFor } from "./find.ts";
export { explainDefault, explainException, explainPolicy, explainRule } from "./explain.ts";
export { isExcepted, mayExcept } from "./exceptions.ts";
export { writeAge, writeDate } from "./age.ts";
export type {
  Builder,
  Distinct,
  Exception,
  Group,
  Party,
  Policy,
  Requirement,
  Revocation,
  Rule,
  Seat,
  Trait,
  Way,
  Witness,
  WitnessQuorum,
} from "./types.ts";
