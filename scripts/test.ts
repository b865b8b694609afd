/** `npm test [-- FILE…]`: the whole suite, or the files named. Ends with the test runner's own summary. */
import { runTests } from "./suite.ts";

const files = process.argv.slice(2);
process.exitCode = await runTests(files.length > 0 ? files : ["test/**/*.test.ts"]);
