/** `npm run quick`, for the inner loop: types, lint, the house's rules and the unit tests, in at most 60 s. */
import { LINT, runStages, TIDY, TYPES } from "./stages.ts";
import { runTests } from "./suite.ts";

const UNIT_TESTS = ["test/protocol/**/*.test.ts", "test/client/**/*.test.ts", "test/scripts/**/*.test.ts"];

const failed = runStages([TYPES, LINT, TIDY]);
const status = await runTests(UNIT_TESTS);
process.exitCode = failed > 0 ? 1 : status;
