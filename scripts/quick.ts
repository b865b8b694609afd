/** `npm run quick`, for the inner loop: types, lint, the house's rules and the unit tests, in at most 60 s. */
import { LINT, PAGE_TYPES, runStages, TIDY, TYPES } from "./stages.ts";
import { runUnits, UNIT_TESTS } from "./suite.ts";

const failed = runStages([TYPES, PAGE_TYPES, LINT, TIDY]);
const status = await runUnits(UNIT_TESTS, 2);
process.exitCode = failed > 0 ? 1 : status;
