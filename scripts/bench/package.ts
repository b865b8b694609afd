/** The package as it is installed: processes are measured in it, not in the checkout, which compiles as it loads. */
import { join } from "node:path";
import { buildPackage } from "../build/package.ts";

/** Inside node_modules/, so that the package finds its dependencies as an installed one does. */
const FOLDER = join(import.meta.dirname, "../../node_modules/.cache/samebits-bench");

let built: Promise<unknown> | null = null;

/** The folder of the package's code; built once a run. */
export async function builtPackage(): Promise<string> {
  built ??= buildPackage(FOLDER);
  await built;
  return join(FOLDER, "lib");
}
