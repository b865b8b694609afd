/**
 * `npm run nodes [-- FILE…]`: the tests of `protocol/`, or those named, on the oldest Node of each line that is
 * supported (`nodes/package.json`). The same octets must get the same answer on all of them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ensureInstalled, stop } from "./install.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = fileURLToPath(new URL("./nodes/", import.meta.url));
const FLAGS = ["--test", "--test-concurrency=2", "--test-reporter=spec"];

ensureInstalled(FOLDER, "three Nodes to test on");
const platform = `${process.platform}-${process.arch}`;
const { optionalDependencies } = JSON.parse(readFileSync(`${FOLDER}package.json`, "utf8"));
const nodes = Object.keys(optionalDependencies)
  .filter((name) => name.endsWith(`-${platform}`))
  .map((name) => `${FOLDER}node_modules/${name}/bin/node`)
  .filter(existsSync);
if (nodes.length === 0) stop(`npm has no Node for ${platform}: start the tests with one that you installed`);

const named = process.argv.slice(2);
const files = named.length > 0 ? named : ["test/protocol/**/*.test.ts"];
const failed = nodes.filter((node) => {
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout;
  process.stdout.write(`\nnodes: Node ${version}`);
  return spawnSync(node, [...FLAGS, ...files], { cwd: ROOT, stdio: "inherit" }).status !== 0;
});
process.stdout.write(`\nnodes: ${nodes.length - failed.length} of ${nodes.length} passed\n`);
process.exitCode = failed.length > 0 ? 1 : 0;
