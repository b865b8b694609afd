/**
 * `npm run setup`: everything that this checkout needs, nothing outside it. Safe to run at any time; when all is
 * there it asks nobody and is done at once. Plain JavaScript, as the Node that starts it may be an old one.
 *
 * Two manifests, each with its lock file: the project's own, and `scripts/runtime/` with the Node binary that is
 * brought where the system's is too old (so that the published package never carries it), or with `--with-runtime`.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { broughtNode } from "../client/cli/brought-node.js";
import { isNewEnough, OLDEST_NODE } from "../client/cli/runtime.js";
import { ensureInstalled, stop } from "./install.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const RUNTIME = fileURLToPath(new URL("./runtime/", import.meta.url));
const BROUGHT_FOR = ["linux-x64", "linux-arm64"];

const PLATFORM = `${process.platform}-${process.arch}`;
const isServed = isNewEnough(process.versions.node);

if (!isServed && !BROUGHT_FOR.includes(PLATFORM)) {
  stop(
    `samebits needs Node ${OLDEST_NODE} or newer, and none can be brought for ${PLATFORM}: install Node 24`,
  );
}

/** The file of a Node that is new enough: this one, or the one that is brought. */
function provideNode() {
  if (isServed) return process.execPath;
  ensureInstalled(RUNTIME, `Node for ${PLATFORM}, as this one is ${process.versions.node}`);
  return broughtNode() ?? stop(`npm brought no Node for ${PLATFORM}: install Node 24`);
}

ensureInstalled(ROOT, "the packages of package-lock.json");
// Debian's package brings the same one whoever builds it.
if (process.argv.includes("--with-runtime"))
  ensureInstalled(RUNTIME, "the Node that the package brings along");
const node = provideNode();
const answer = spawnSync(node, ["--version"], { encoding: "utf8" });
if (answer.status !== 0) {
  stop(`${node} does not run here (musl instead of glibc?): install Node 24 from your system's packages`);
}
// what comes after set-up may print data on stdout
const page = spawnSync(node, [fileURLToPath(new URL("./build/dashboard.ts", import.meta.url))], {
  cwd: ROOT,
  stdio: ["ignore", 2, 2],
});
if (page.status !== 0) stop("the dashboard could not be built (see above)");
process.stderr.write(`setup: ready, Node ${answer.stdout.trim().slice(1)}\n`);
