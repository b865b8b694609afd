/** The door of `protocol/policy/`: which builders count, how many must agree, what else must hold. */
export { attachLayouts, layoutFilesOf } from "./attach.ts";
export type { ReadLayoutFile } from "./attach.ts";
export { policyOfLayout } from "./whole.ts";
export type { NamedLayout } from "./whole.ts";
export { readPolicy } from "./read.ts";
export { matchPattern, matchSegment, patternOf } from "./pattern.ts";
export { buildersUnder, tally } from "./groups.ts";
export type { Tally } from "./groups.ts";
export { sitterOf, voterOf } from "./distinct.ts";
export type { Voter } from "./distinct.ts";
export { ON_CONTRADICTION, ON_DIFFERENCE, wordFor } from "./by-role.ts";
export {
  buildersOf,
  countedIn,
  heardBy,
  isPublisher,
  rulesFor,
  signersAsked,
  sourceSignersOf,
  sourceStatersOf,
  stepsOf,
} from "./find.ts";
export { tagsFor } from "./git-source.ts";
export { explainDefault, explainException, explainPolicy, explainRule } from "./explain.ts";
export { isExcepted, mayExcept } from "./exceptions.ts";
export { isHeardIn, nameBefore, stepRules } from "./steps.ts";
export type { AptCondition, AptListing } from "./listed.ts";
export { writeAge, writeDate } from "./age.ts";
export type {
  Before,
  Builder,
  ByRole,
  Distinct,
  Exception,
  FoundLayout,
  GitRule,
  Group,
  Party,
  Policy,
  PolicyLayout,
  Requirement,
  Revocation,
  Rule,
  Seat,
  SourceRule,
  Tie,
  Trait,
  Way,
  Witness,
  WitnessQuorum,
} from "./types.ts";
