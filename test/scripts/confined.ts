/**
 * A unit of systemd's run without systemd, as far as that goes: as nobody, without capabilities and without a way to get any, on a system that is read-only
 * but for one folder, without a network, while every system call that the unit's filter leaves out fails with EPERM (by strace's injection).
 */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";

export const NOBODY = 65_534;

/** `$1` stays writable, the rest is what runs; whatever else is mounted becomes read-only. */
const CONFINE = String.raw`
set -eu
mount --bind "$1" "$1"
ip link set lo up
cut -d ' ' -f 2 /proc/mounts | while read -r place; do
  case $place in /proc* | /dev* | /sys* | "$1") ;; *) mount -o remount,bind,ro "$place" ;; esac
done
shift
exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"
`;

/** Starts `argv` so; what the filter kept back stands in `log` afterwards, which lies in `writable`. */
export function startConfined(
  unit: string,
  writable: string,
  log: string,
  argv: readonly string[],
): ChildProcess {
  const left = leftOut(unit)
    .map((name) => `?${name}`)
    .join(",");
  const traced = [
    "strace",
    "-f",
    "-qq",
    "-o",
    log,
    "-e",
    `trace=${left}`,
    "-e",
    `inject=${left}:error=EPERM`,
  ];
  const [program, ...args] = [
    "unshare",
    "--mount",
    "--net",
    "sh",
    "-c",
    CONFINE,
    "sh",
    writable,
    ...traced,
    ...argv,
  ];
  return spawn(program ?? "", args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", HOME: writable, LC_ALL: "C.UTF-8" },
  });
}

/** All system calls that the unit's SystemCallFilter lines do not let through. */
function leftOut(unit: string): readonly string[] {
  const allowed = new Set<string>();
  for (const [, not, words = ""] of unit.matchAll(/^SystemCallFilter=(~?)(.*)$/gm))
    for (const name of words.split(" ").flatMap(callsOf))
      if (not === "~") allowed.delete(name);
      else allowed.add(name);
  return callsOf("@known").filter((name) => !allowed.has(name));
}

/** What a set of systemd's stands for. */
function callsOf(set: string): readonly string[] {
  if (!set.startsWith("@")) return [set];
  const { stdout } = spawnSync("systemd-analyze", ["syscall-filter", set], { encoding: "utf8" });
  const names = stdout.split("\n").map((line) => line.trim());
  return names.slice(1).flatMap((name) => (name === "" || name.startsWith("#") ? [] : callsOf(name)));
}

/** The processes that a process has started. */
export function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
}
