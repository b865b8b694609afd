/**
 * `npm run package:deb [-- FOLDER] [--revision N] [--level 0-9]`: a Debian package with its own Node, for the architecture of this machine. The same
 * sources give the same bytes, whoever builds them and where (docs/install-debian.md).
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildDeb } from "./deb/package.ts";

const { values, positionals } = parseArgs({
  options: { revision: { type: "string", default: "1" }, level: { type: "string", default: "6" } },
  allowPositionals: true,
});
const [folder = "dist"] = positionals;
const level = Number(values.level);
if (positionals.length > 1 || !/^[0-9]$/.test(values.level) || !/^[0-9][0-9a-z+~.]*$/.test(values.revision)) {
  process.stderr.write("deb: npm run package:deb [-- FOLDER] [--revision N] [--level 0-9]\n");
  process.exit(64);
}
try {
  const { file, purl, bytes } = await buildDeb(resolve(folder), { revision: values.revision, level });
  console.log(`deb: ${file}, ${bytes} bytes, ${purl}`);
} catch (error) {
  process.stderr.write(`deb: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
