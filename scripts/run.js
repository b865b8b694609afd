/**
 * `node scripts/run.js SCRIPT [ARGUMENT…]` runs a script in TypeScript on the first Node that is new enough: this
 * one, or the one that set-up brought. The script's exit status is passed on as it is.
 */
import { pathToFileURL } from "node:url";
import { broughtNode, runChild } from "../client/cli/brought-node.js";
import { isNewEnough, OLDEST_NODE } from "../client/cli/runtime.js";

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write("run: node scripts/run.js SCRIPT [ARGUMENT…]\n");
  process.exitCode = 64;
} else if (isNewEnough(process.versions.node)) {
  process.argv.splice(1, 2, script);
  await import(pathToFileURL(script).href);
} else {
  const node = broughtNode();
  if (node === undefined) {
    process.stderr.write(
      `run: Node ${process.versions.node} is older than ${OLDEST_NODE}: run \`npm run setup\` first\n`,
    );
    process.exitCode = 70;
  } else {
    process.exitCode = await runChild(node, [script, ...args]);
  }
}
