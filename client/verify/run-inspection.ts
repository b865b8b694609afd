/** One command of a layout, run with what it may need and no more. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  MAX_INSPECTED_BYTES,
  MAX_INSPECTION_MEMORY_BYTES,
  MAX_INSPECTION_MS,
  MAX_INSPECTION_OUTPUT_BYTES,
  MAX_INSPECTION_PROCESSES,
} from "../../protocol/index.ts";
import { startInside } from "../sandbox.ts";
import { undoAtEnd } from "../undo-at-end.ts";

/** How a command ended that was begun: `why` in words where it did not end well, else null. */
export interface Ended {
  readonly why: string | null;
}

/** For what was printed last to arrive. */
const CLOSING_MS = 500;
const PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
const LIMITS = [
  "prlimit",
  `--nproc=${MAX_INSPECTION_PROCESSES}`,
  `--as=${MAX_INSPECTION_MEMORY_BYTES}`,
  `--fsize=${MAX_INSPECTED_BYTES}`,
  "--core=0",
  `--cpu=${Math.ceil(MAX_INSPECTION_MS / 1_000)}`,
];

/**
 * A root of its own: the system's programs to read, the working folder to write, and nothing else that there is on this machine. Whoever is root in
 * here could undo it, so it is nobody at last: no capabilities, and no way to new ones.
 */
const ROOT = `set -e
mount -t tmpfs -o mode=0755,size=1m none /tmp
mkdir /tmp/work /tmp/old /tmp/proc /tmp/dev /tmp/tmp
mount -c --bind . /tmp/work
for one in usr bin sbin lib lib32 lib64 libx32 etc opt nix gnu; do
  if [ -L "/$one" ]; then cp -P "/$one" "/tmp/$one"
  elif [ -d "/$one" ]; then mkdir "/tmp/$one"; mount --rbind "/$one" "/tmp/$one"; mount -o remount,bind,ro "/tmp/$one" 2>/dev/null || true; fi
done
mount -t proc none /tmp/proc 2>/dev/null || true
for one in null zero full random urandom; do : > "/tmp/dev/$one"; mount --bind "/dev/$one" "/tmp/dev/$one"; done
mount -t tmpfs -o mode=1777,size=64m none /tmp/tmp
cd /tmp
pivot_root . old
umount -l /old
rmdir /old
mount -o remount,bind,ro /
cd /work
exec env -i PATH=${PATH} HOME=/work LANG=C.UTF-8 setpriv --no-new-privs --bounding-set=-all --inh-caps=-all ${LIMITS.join(" ")} "$@"`;

/** In namespaces without a network; `limitMs` at most. Throws `rebuild/no-isolation` where these can't be made. */
export async function runInside(
  argv: readonly [string, ...string[]],
  folder: string,
  limitMs: number = MAX_INSPECTION_MS,
): Promise<Ended> {
  const child = await startInside({ folder, network: false, argv: ["sh", "-c", ROOT, "sh", ...argv] });
  return ending(child, argv[0], limitMs, () => child.kill("SIGKILL"));
}

/** As the user, who has allowed it: with the same limits of time and output, and in a group of its own that ends with it. */
export async function runOutside(
  [program, ...args]: readonly [string, ...string[]],
  folder: string,
  limitMs: number = MAX_INSPECTION_MS,
): Promise<Ended> {
  const env = { PATH, HOME: folder, LANG: "C.UTF-8" };
  const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // none of the group is left
    }
  };
  return ending(child, program, limitMs, end);
}

/** Waits for it, for `limitMs` at most, and reads what it prints: so much that no more is wanted, and the end of it for people. */
function ending(child: ChildProcess, program: string, limitMs: number, end: () => void): Promise<Ended> {
  return new Promise((resolve) => {
    let [octets, said, stopped] = [0, "", ""];
    let closing: ReturnType<typeof setTimeout> | null = null;
    const leave = (): void => {
      end(); // what it started and left behind, too
      // Who has got away may hold what it prints to open for ever: nobody waits for that.
      closing ??= setTimeout(
        () => [child.stdout, child.stderr].map((stream) => stream?.destroy()),
        CLOSING_MS,
      );
    };
    const stop = (why: string): void => {
      stopped ||= why;
      leave();
    };
    // Whoever interrupts us means all of it.
    const ended = undoAtEnd(end);
    const timer = setTimeout(() => stop(`it ran longer than ${limitMs / 1_000} s and was stopped`), limitMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (part: Buffer) => {
        octets += part.length;
        if (octets > MAX_INSPECTION_OUTPUT_BYTES)
          stop(`it printed more than ${MAX_INSPECTION_OUTPUT_BYTES} octets and was stopped`);
        else if (stream === child.stderr) said = `${said}${part.toString("latin1")}`.slice(-400);
      });
    }
    child.stdin?.end();
    const settle = (why: string | null): void => {
      ended();
      clearTimeout(timer);
      if (closing !== null) clearTimeout(closing);
      resolve({ why: stopped === "" ? why : stopped });
    };
    child.once("error", (error) => settle(`${program} can't be run: ${error.message}`));
    child.once("exit", leave);
    child.once("close", (code, signal) => settle(whyNot(code, signal, said)));
  });
}

function whyNot(code: number | null, signal: string | null, said: string): string | null {
  if (code === 0) return null;
  const last = said.trim().split("\n").at(-1)?.replace(/\p{C}/gu, " ").slice(0, 200) ?? "";
  const words = last === "" ? "" : `: ${last}`;
  return `it ended with ${code === null ? `signal ${signal ?? "unknown"}` : `status ${code}`}${words}`;
}
