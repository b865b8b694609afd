/**
 * `npm run setup`: everything that this checkout needs, nothing outside it. Safe to run at any time; when all is
 * there it asks nobody and is done at once. Plain JavaScript, as the Node that starts it may be an old one.
 *
 * Two manifests, each with its lock file: the project's own, and `scripts/runtime/` with the Node binary that is
 * brought where the system's is too old (so that the published package never carries it).
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { broughtNode } from "../client/cli/brought-node.js";
import { isNewEnough, OLDEST_NODE } from "../client/cli/runtime.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const RUNTIME = fileURLToPath(new URL("./runtime/", import.meta.url));
const BROUGHT_FOR = ["linux-x64", "linux-arm64"];

function stop(sentence) {
  process.stderr.write(`setup: ${sentence}\n`);
  process.exit(1);
}

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined; // not there, or cut off by an interrupted npm: as good as none
  }
}

/** Whether what npm noted down of its last complete installation is what the lock file asks for. */
function isInstalled(folder) {
  const wanted = readLock(`${folder}package-lock.json`);
  const present = readLock(`${folder}node_modules/.package-lock.json`);
  if (wanted === undefined) stop(`${folder}package-lock.json is missing or damaged; restore it with git`);
  if (present === undefined) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || (entry.optional && present[path] === undefined)) continue;
    if (present[path]?.integrity !== entry.integrity) return false;
    if (!existsSync(`${folder}${path}`)) return false;
  }
  return Object.keys(present).every((path) => path in wanted);
}

function install(folder, what) {
  process.stdout.write(`setup: installing ${what}\n`);
  // npm belongs to the system's Node; under `npm run` it tells where it is
  const npm = process.env.npm_execpath;
  const [file, prefix] = npm !== undefined && /\.c?js$/.test(npm) ? [process.execPath, [npm]] : ["npm", []];
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--include=dev", "--include=optional"];
  const options = { cwd: folder, stdio: ["ignore", "inherit", "inherit"] };
  const result = spawnSync(file, [...prefix, ...args, "--loglevel=error"], options);
  if (result.error !== undefined)
    stop(`npm could not be started (${result.error.message}); is it installed?`);
  if (result.status !== 0) stop(`npm could not install ${what} (see above); is its registry in reach?`);
  if (!isInstalled(folder))
    stop(`npm left ${folder}node_modules other than its lock file says; remove it and try again`);
}

/** The file of a Node that is new enough: this one, or the one that is brought. */
function provideNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  if (!BROUGHT_FOR.includes(platform)) {
    stop(
      `samebits needs Node ${OLDEST_NODE} or newer, and none can be brought for ${platform}: install Node 24`,
    );
  }
  if (!isInstalled(RUNTIME))
    install(RUNTIME, `Node for ${platform}, as this one is ${process.versions.node}`);
  return broughtNode() ?? stop(`npm brought no Node for ${platform}: install Node 24`);
}

if (!isInstalled(ROOT)) install(ROOT, "the packages of package-lock.json");
const node = provideNode();
const answer = spawnSync(node, ["--version"], { encoding: "utf8" });
if (answer.status !== 0) {
  stop(`${node} does not run here (musl instead of glibc?): install Node 24 from your system's packages`);
}
process.stdout.write(`setup: ready, Node ${answer.stdout.trim().slice(1)}\n`);
