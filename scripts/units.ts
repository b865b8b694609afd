/**
 * `node scripts/units.ts FILE…`: test files in one process, one after another. Starting a process for each costs more than what most of
 * them test; `npm run check` does start one for each, so what a test leaves behind for another is found there.
 */
import { resolve } from "node:path";
import { before } from "node:test";
import { pathToFileURL } from "node:url";

// A file's own `before` runs as soon as it is loaded, and may go to another folder: the others are where they are now.
const files = process.argv.slice(2).map((file) => pathToFileURL(resolve(file)).href);
// Tests begin when all files are loaded: what one waits for would come late while others are still read and compiled.
const loaded = Promise.withResolvers<void>();
before(() => loaded.promise);
try {
  for (const file of files) await import(file);
  loaded.resolve();
} catch (error) {
  // Else whoever waits for the rest would wait for ever.
  loaded.reject(error);
  throw error;
}
