/**
 * `node scripts/units.ts FILE…`: test files in one process, one after another. Starting a process for each costs more than what most of
 * them test; `npm run check` does start one for each, so what a test leaves behind for another is found there.
 */
import { resolve } from "node:path";
import { before } from "node:test";
import { pathToFileURL } from "node:url";

// A file's own `before` runs as soon as it is loaded, while others are still looked for and read vectors: all have one folder.
process.chdir = (folder) => {
  throw new Error(
    `a test goes to ${folder}, and with it all that share its process: leave it out of UNIT_TESTS`,
  );
};
// Tests begin when all files are loaded: what one waits for would come late while others are still read and compiled.
const loaded = Promise.withResolvers<void>();
before(() => loaded.promise);
try {
  for (const file of process.argv.slice(2)) await import(pathToFileURL(resolve(file)).href);
  loaded.resolve();
} catch (error) {
  // Else whoever waits for the rest would wait for ever.
  loaded.reject(error);
  throw error;
}
