/**
 * What tests start in processes of their own: the command, and a peer of the end-to-end tests. A whole run of the suite builds both once
 * (`scripts/suite.ts`), since a start from source costs three times the CPU time; a test file that is run by itself starts the sources.
 */
import { join } from "node:path";

/** Names the folder of what was built, in the environment of a run. */
export const BUILT = "BUILT_FOR_TESTS";

const built = process.env[BUILT];
const TOP = join(import.meta.dirname, "..");

export const LAUNCHER: string =
  built === undefined ? join(TOP, "client/cli/samebits.js") : join(built, "samebits.js");
export const PEER: string =
  built === undefined ? join(TOP, "test/e2e/peer-process.ts") : join(built, "peer-process.js");

/** The single file that is `verify` alone, and the Node that it is to be run by: tests of `verify` that a test runs a second time use these. */
export const SINGLE = "SINGLE_FOR_TESTS";
export const SINGLE_NODE = "SINGLE_NODE_FOR_TESTS";
