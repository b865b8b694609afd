/**
 * `node scripts/units.ts FILE…`: test files in one process, one after another. Starting a process for each costs more than what most of
 * them test; `npm run check` does start one for each, so what a test leaves behind for another is found there.
 */
import { resolve } from "node:path";
import { before } from "node:test";
import { pathToFileURL } from "node:url";

// Tests begin when all files are loaded: what one waits for would come late while others are still read and compiled.
const loaded = Promise.withResolvers<void>();
before(() => loaded.promise);
for (const file of process.argv.slice(2)) await import(pathToFileURL(resolve(file)).href);
loaded.resolve();
