#!/usr/bin/env node
/**
 * The launcher: any Node runs it, a Node that is new enough runs samebits.
 *
 * RULES R31: Node exits with 1 by itself on an uncaught error, and 1 is a verdict. So only a number that `run`
 * of main returned becomes our exit status; whatever else ends this process ends it with 70. What no process
 * can report of itself (out of memory, killed) its parent maps: `samebits.sh`, or this file where it had to
 * start another Node. To a parent we give our status plus SHIFT, which no Node makes by itself.
 */
import { isNewEnough, OLDEST_NODE } from "./runtime.js";

/** What has `run`; the build writes its own name here. All imports are late: a verdict shouldn't wait for them. */
const MAIN = "./main.ts";
/** V8's compiled code, kept where only those can write who can write the code itself. */
const CACHE = "../../node_modules/.cache/samebits";

const CODES = [0, 1, 2, 3, 4, 64, 66, 69, 70, 73];
const INTERNAL = 70;
const CODE = "[internal/impossible]"; // as failure.ts tells one: for people, also with --json
const CANNOT_WRITE = 73;
const NOT_WRITTEN = "output/cannot-write";
const SHIFT = 32;
const STOPPED = [129, 130, 143]; // by SIGHUP, SIGINT, SIGTERM: somebody's wish, not our fault

const shift = process.env.SAMEBITS_SHIFT === "1" ? SHIFT : 0;
delete process.env.SAMEBITS_SHIFT;
const args = process.argv.slice(2);
let status = INTERNAL;
let settled = false;

function settle(code) {
  settled = true;
  status = code;
  process.exit();
}

function fail(error) {
  const message = error instanceof Error ? error.message : String(error);
  const verbose = args.includes("--verbose") || process.env.SAMEBITS_VERBOSE !== undefined;
  const text = verbose && error instanceof Error ? error.stack : message.split("\n")[0];
  process.stderr.write(`samebits: internal error: ${text} ${CODE}\n`, () => settle(INTERNAL));
}

/** What was printed may not be there yet: a pipe takes it as its reader does, and an error comes by itself. */
function settleOnceWritten(code, streams = [process.stdout, process.stderr]) {
  if (streams.some(({ errored }) => errored)) return;
  const full = streams.find(({ writableLength }) => writableLength > 0);
  if (full === undefined) settle(code);
  else full.write("", (error) => error || settleOnceWritten(code));
}

function stopOnStreamError(error) {
  if (error.code === "EPIPE") return settle(CANNOT_WRITE); // who read our output has gone
  if (error.syscall === undefined) return fail(error);
  const message = `stdout: cannot be written: ${error.message}`;
  const object = { samebits: 1, event: "error", code: NOT_WRITTEN, message, exit: CANNOT_WRITE };
  const text = args.includes("--json") ? JSON.stringify(object) : `samebits: ${message} [${NOT_WRITTEN}]`;
  process.stderr.write(`${text}\n`, () => settle(CANNOT_WRITE));
}

async function runHere() {
  // by hand: an import reads all exports of a module, and loads what these need
  const { enableCompileCache } = process.getBuiltinModule("node:module");
  enableCompileCache(decodeURIComponent(new URL(CACHE, import.meta.url).pathname));
  const main = await import(MAIN);
  main.writeWholly?.(process.stdout);
  const code = await main.run(args);
  if (!CODES.includes(code))
    throw new Error(`run ended with ${String(code)}, which is no exit status of ours`);
  settleOnceWritten(code);
}

async function runElsewhere() {
  const { broughtNode, runChild } = await import("./brought-node.js");
  const node = broughtNode();
  if (node === undefined) {
    const hint = MAIN.endsWith(".ts") ? "run `npm run setup` first" : "install Node 24";
    const text = `samebits needs Node ${OLDEST_NODE} or newer, this is ${process.versions.node}: ${hint}\n`;
    process.stderr.write(text, () => settle(INTERNAL));
    return;
  }
  const self = decodeURIComponent(new URL(import.meta.url).pathname);
  const code = await runChild(node, [self, ...args], { ...process.env, SAMEBITS_SHIFT: "1" });
  if (CODES.includes(code - SHIFT)) settle(code - SHIFT);
  else if (STOPPED.includes(code)) settle(code);
  else throw new Error(`ended with status ${code}${code > 128 ? `, by signal ${code - 128}` : ""}`);
}

process.on("exit", () => {
  if (!settled) process.stderr.write(`samebits: internal error: ended without an answer ${CODE}\n`);
  process.exitCode = STOPPED.includes(status) ? status : status + shift;
});
process.on("uncaughtException", fail); // unhandled rejections too
process.stdout.on("error", stopOnStreamError);
process.stderr.on("error", () => settle(CANNOT_WRITE));

(isNewEnough(process.versions.node) ? runHere() : runElsewhere()).catch(fail);
