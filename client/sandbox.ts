/**
 * Namespaces of Linux for what is not trusted: users, mounts, processes and, unless it is to have one, the network of its own. Whoever is root in
 * there is nobody outside. Made with util-linux's `unshare`; a plain user needs `newuidmap` and ranges in /etc/subuid and /etc/subgid.
 */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chownSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { ClientError } from "./errors.ts";

/** Ids from here on are given to nobody by Debian's `useradd` but as subordinate ones, and this many are a whole system's. */
const FIRST_OF_ROOT = 2_000_000_000;
const IDS = 65_536;
/** Where a folder is seen while its parents may be closed to those inside. */
const MOUNT_POINT = "/mnt";
/** Its namespaces are there, and wait for their ids. */
const READY = "ready\n";
/**
 * Tells of itself and waits on the third descriptor, then becomes what it is to run. That it dies with `unshare` has to be said after it has its
 * ids, which undo it: `--kill-child` comes too early.
 */
const WAIT = `printf '${READY.replace("\n", String.raw`\n`)}' >&3; read -r _ <&3; exec 3>&-; exec setpriv --pdeathsig KILL "$@"`;

/** What runs in namespaces of its own. */
export interface Inside {
  /** Becomes the working folder; as root, it is given to those inside. */
  readonly folder: string;
  /** Whether it sees the machine's network. */
  readonly network: boolean;
  readonly argv: readonly [string, ...string[]];
}

/**
 * Starts it; its standard streams are pipes. It is process 1 of its namespace: whoever ends the process that is returned ends it and all that it
 * started, as long as it does not change its user, which a child of it may.
 * Throws `rebuild/no-isolation` with what is missing and how to get it.
 */
export async function startInside({ folder, network, argv }: Inside): Promise<ChildProcess> {
  const isRoot = userInfo().uid === 0;
  const namespaces = ["--user", "--mount", "--pid", "--uts", "--ipc", ...(network ? [] : ["--net"])];
  const inner = ["unshare", ...namespaces, "--fork", "sh", "-c", WAIT, "sh", ...argv];
  // Root's folders may be closed to the ids inside: they get to see this one alone.
  const bind = `mount --bind "$1" ${MOUNT_POINT} && cd ${MOUNT_POINT} && shift && exec "$@"`;
  const ids = [`--reuid=${FIRST_OF_ROOT}`, `--regid=${FIRST_OF_ROOT}`, "--clear-groups"];
  const outer = ["--mount", "--propagation", "private", "sh", "-c", bind, "sh", folder, "setpriv", ...ids];
  if (isRoot) chownSync(folder, FIRST_OF_ROOT, FIRST_OF_ROOT);
  const [program = "", ...args] = isRoot ? ["unshare", ...outer, ...inner] : inner;
  const child = spawn(program, args, { cwd: folder, stdio: ["pipe", "pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined); // what ends early leaves its input unread
  await ready(child);
  try {
    mapIds(child.pid ?? 0, isRoot);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  const control = child.stdio[3];
  if (control instanceof Duplex) control.resume().end("go\n"); // unread, its end would never be seen
  return child;
}

/** Waits for the namespaces. Throws `rebuild/no-isolation` where they can't be made. */
async function ready(child: ChildProcess): Promise<void> {
  const control = child.stdio[3];
  const word = new Promise<string>((resolve) => {
    control?.once("data", (part) => resolve(String(part)));
    control?.once("end", () => resolve(""));
    control?.once("error", () => resolve(""));
  });
  const failed = once(child, "error").then(
    ([error]) => String(error),
    () => "",
  );
  const first = await Promise.race([word, failed]);
  if (first === READY) return;
  child.kill("SIGKILL");
  const said = child.stderr === null || first !== "" ? "" : await text(child.stderr);
  throw noIsolation(
    `namespaces can't be made here (${(said.trim() || first).slice(0, 200)}); containers must allow user namespaces (docker run --security-opt seccomp=unconfined --cap-add SYS_ADMIN)`,
  );
}

function mapIds(pid: number, isRoot: boolean): void {
  if (isRoot) {
    for (const map of ["uid_map", "gid_map"])
      writeFileSync(`/proc/${pid}/${map}`, `0 ${FIRST_OF_ROOT} ${IDS}\n`);
    return;
  }
  const { uid, gid, username } = userInfo();
  for (const [program, own, list] of [
    ["newuidmap", uid, "/etc/subuid"],
    ["newgidmap", gid, "/etc/subgid"],
  ] as const) {
    const first = subordinateIds(textOf(list), username, uid);
    if (first === null)
      throw noIsolation(
        `${list} gives ${username} no ${IDS} ids: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}`,
      );
    const { status, error, stderr } = spawnSync(program, [pid, 0, own, 1, 1, first, IDS - 1].map(String), {
      encoding: "utf8",
    });
    if (error !== undefined) throw noIsolation(`${program} is not here: sudo apt install uidmap`);
    if (status !== 0) throw noIsolation(`${program}: ${stderr.trim()}`);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // where it lacks, nobody has any
  }
}

/** The first of a whole system's ids in lines `NAME-or-UID:FIRST:COUNT` (subuid(5)); null where the user has none. */
export function subordinateIds(text: string, name: string, uid: number): number | null {
  for (const line of text.split("\n")) {
    const [, who, first, count] = /^([^:]+):([0-9]{1,10}):([0-9]{1,10})$/.exec(line) ?? [];
    if ((who === name || who === String(uid)) && Number(count) >= IDS - 1) return Number(first);
  }
  return null;
}

function noIsolation(why: string): ClientError {
  return new ClientError("rebuild/no-isolation", `nothing can be built in isolation: ${why}`);
}
