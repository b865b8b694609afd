/** `npm run check`, the one gate: everything that a change has to pass. */
import { FORMAT, GENERATED, LINT, PAGE_TYPES, runStages, TIDY, TYPES, UNUSED, VECTORS } from "./stages.ts";
import { runSuite } from "./suite.ts";

const failed = runStages([TYPES, PAGE_TYPES, LINT, TIDY, FORMAT, UNUSED, GENERATED, VECTORS]);
const status = await runSuite(true);
if (failed > 0)
  console.log(`check: ${failed} stage${failed === 1 ? "" : "s"} before the tests failed, see the top`);
process.exitCode = failed > 0 ? 1 : status;
