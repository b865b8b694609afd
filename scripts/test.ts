/** `npm test [-- FILE…]`: the whole suite, or the files named. Ends with the test runner's summaries. */
import { runSuite, runTests } from "./suite.ts";

const files = process.argv.slice(2);
process.exitCode = files.length > 0 ? await runTests(files) : await runSuite(false);
