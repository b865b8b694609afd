/**
 * Installing what a lock file names, once: where all is there, nobody is asked. Plain JavaScript, as the Node that
 * starts it may be an old one.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** Ends the program with status 1 and one sentence. */
export function stop(sentence) {
  process.stderr.write(`setup: ${sentence}\n`);
  process.exit(1);
}

/** Brings the packages of a folder's lock file, without install scripts; `what` says in words what they are. */
export function ensureInstalled(folder, what) {
  if (!isInstalled(folder)) install(folder, what);
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
  process.stderr.write(`setup: installing ${what}\n`);
  // npm belongs to the system's Node; under `npm run` it tells where it is
  const npm = process.env.npm_execpath;
  const [file, prefix] = npm !== undefined && /\.c?js$/.test(npm) ? [process.execPath, [npm]] : ["npm", []];
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--include=dev", "--include=optional"];
  // what comes after set-up may print data on stdout
  const options = { cwd: folder, stdio: ["ignore", 2, 2] };
  const result = spawnSync(file, [...prefix, ...args, "--loglevel=error"], options);
  if (result.error !== undefined)
    stop(`npm could not be started (${result.error.message}); is it installed?`);
  if (result.status !== 0) stop(`npm could not install ${what} (see above); is its registry in reach?`);
  if (!isInstalled(folder))
    stop(`npm left ${folder}node_modules other than its lock file says; remove it and try again`);
}
