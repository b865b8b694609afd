/**
 * The rules of the house that compiler and linter don't know, as failures: who imports what, circles, forbidden
 * writings, names, manifests, error codes, tests of rules. `node scripts/run.js scripts/tidy.ts` prints what it finds.
 */
import { fileURLToPath } from "node:url";
import { checkCircles } from "./tidy/circles.ts";
import { checkCodes } from "./tidy/codes.ts";
import { checkImports } from "./tidy/imports.ts";
import { checkNames, checkTexts } from "./tidy/names.ts";
import { checkPackages } from "./tidy/packages.ts";
import { type Check, readRepository } from "./tidy/repository.ts";
import { checkSyntax } from "./tidy/syntax.ts";
import { checkTested } from "./tidy/tested.ts";

const CHECKS: readonly Check[] = [
  checkNames,
  checkTexts,
  checkImports,
  checkCircles,
  checkSyntax,
  checkPackages,
  checkCodes,
  checkTested,
];

const repository = readRepository(fileURLToPath(new URL("..", import.meta.url)));
const faults = CHECKS.flatMap((check) => check(repository));
for (const { file, line, message } of faults) console.log(`${file}${line > 0 ? `:${line}` : ""}: ${message}`);
console.log(`tidy: ${repository.size} files, ${faults.length} fault${faults.length === 1 ? "" : "s"}`);
process.exitCode = faults.length > 0 ? 1 : 0;
