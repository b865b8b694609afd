/** Where all vectors of our own are written, or compared with what is there. */
import { readFileSync, writeFileSync } from "node:fs";

/**
 * Writes `content` to `test/vectors/<file>`. With `--check` on the command line nothing is written: what differs is said, and the program
 * ends with status 1.
 */
export function writeVectors(file: string, content: object): void {
  const target = new URL(`../../test/vectors/${file}`, import.meta.url);
  const text = `${JSON.stringify(content, null, 1)}\n`;
  if (!process.argv.includes("--check")) return writeFileSync(target, text);
  if (readFileSync(target, "utf8") === text) return;
  console.error(`test/vectors/${file} is not what its script gives; run: node scripts/vectors.ts`);
  process.exitCode = 1;
}
