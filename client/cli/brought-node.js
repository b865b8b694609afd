/**
 * The Node that set-up brings where the system's is too old, and running something on it. Plain JavaScript that the
 * system's Node reads.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** The Node that `npm run setup` brought into this checkout; undefined where there is none. */
export function broughtNode() {
  const name = `node-${process.platform}-${process.arch}`;
  const path = `../../scripts/runtime/node_modules/${name}/bin/node`;
  const file = fileURLToPath(new URL(path, import.meta.url));
  return existsSync(file) ? file : undefined;
}

const FORWARDED = ["SIGTERM", "SIGHUP", "SIGINT"];

/**
 * Runs `file` with our own stdin, stdout and stderr and passes signals on to it. Resolves to its status as a
 * shell gives it (128 + n after signal n); rejects when it cannot be started.
 */
export function runChild(file, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit", env });
    const forward = (signal) => {
      // the terminal itself sends Ctrl-C to every process that it runs
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of FORWARDED) process.on(signal, forward);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      for (const name of FORWARDED) process.off(name, forward);
      resolve(signal === null ? code : 128 + constants.signals[signal]);
    });
  });
}
