import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ClientError } from "./errors.ts";
import type { ClientCode } from "./errors.ts";
import { cannotWrite, systemCode } from "./folder.ts";
import { uptimeMs } from "./uptime.ts";

const PATIENCE_MS = 10_000;
const AGAIN_MS = 50;

/**
 * Runs `use` while nobody else who asks for this lock runs. The lock is a file with the number of the process that holds it, and when that
 * began; one that was left behind by a process which is gone is taken over. Throws `busy` where another holds it for long,
 * `output/cannot-write`.
 */
export async function locked<Value>(
  path: string,
  busy: ClientCode,
  use: () => Promise<Value>,
  patienceMs: number = PATIENCE_MS,
): Promise<Value> {
  const until = uptimeMs() + patienceMs;
  while (!take(path)) {
    if (uptimeMs() > until) {
      throw new ClientError(busy, `another command works on it (${path}): try again in a moment`);
    }
    clearAway(path);
    await sleep(AGAIN_MS);
  }
  try {
    return await use();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  const own = `${path}.${process.pid}`;
  try {
    // By a link, so that nobody ever reads a lock without its number.
    writeFileSync(own, `${process.pid} ${beganAt(process.pid)}`, { mode: 0o600 });
    linkSync(own, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw cannotWrite(path, error);
  } finally {
    rmSync(own, { force: true });
  }
}

/** Removes a lock whose process is gone. Somebody who did so a moment before may hold a new one: that is put back. */
function clearAway(path: string): void {
  const aside = `${path}.${process.pid}.left`;
  if (!isLeft(path)) return;
  try {
    renameSync(path, aside);
    if (!isLeft(aside)) linkSync(aside, path);
  } catch {
    // Another was quicker.
  } finally {
    rmSync(aside, { force: true });
  }
}

function isLeft(path: string): boolean {
  try {
    const [pid = "", began = ""] = readFileSync(path, "utf8").split(" ");
    const holder = Number(pid);
    if (!Number.isSafeInteger(holder) || holder < 1) return true;
    process.kill(holder, 0);
    return began !== "" && began !== beganAt(holder);
  } catch (error) {
    return systemCode(error) === "ESRCH";
  }
}

/** When a process began, in ticks since the machine did: a service in a container has the same number after each start. Else empty. */
function beganAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
