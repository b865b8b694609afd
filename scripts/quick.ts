/** `npm run quick`, for the inner loop: types, lint, the house's rules and the unit tests, in at most 60 s. */
import { LINT, runStages, TIDY, TYPES } from "./stages.ts";
import { runUnits } from "./suite.ts";

/** All that start no peer and no command, and wait for nothing. */
const UNIT_TESTS = [
  "test/protocol/**/*.test.ts",
  "test/client/!(attest|cli)/**/*.test.ts",
  "test/scripts/tidy/*.test.ts",
];

const failed = runStages([TYPES, LINT, TIDY]);
const status = await runUnits(UNIT_TESTS);
process.exitCode = failed > 0 ? 1 : status;
