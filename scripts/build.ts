/** `npm run build [-- FOLDER]`: the package as it is published, in dist/ (`npm pack ./dist`). */
import { resolve } from "node:path";
import { buildPackage } from "./build/package.ts";

const files = await buildPackage(resolve(process.argv[2] ?? "dist"));
console.log(`build: ${files.length} files`);
