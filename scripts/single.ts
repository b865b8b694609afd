/** `npm run build:verify [-- FILE]`: `verify` alone in a single file (dist/samebits-verify.mjs), which Node runs with nothing beside it. */
import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { buildSingle, SINGLE_NAME } from "./build/single.ts";

const file = resolve(process.argv[2] ?? `dist/${SINGLE_NAME}`);
mkdirSync(dirname(file), { recursive: true });
const { bytes } = await buildSingle(file);
console.log(`build: ${file}, ${bytes} bytes`);
