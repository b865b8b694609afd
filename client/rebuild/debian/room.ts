/**
 * A system to build in: a base that many builds share, and over it what one build changes. Each program runs in namespaces of its own on the same
 * files, so that only those that fetch have a network.
 */
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { MAX_BUILD_LOG_BYTES, quote } from "../../../protocol/index.ts";
import type { Printed } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { cannotWrite } from "../../folder.ts";
import { startInside } from "../../sandbox.ts";
import { collected, limited, logged } from "./streams.ts";

/** Who builds: an unprivileged user in there, whom nobody can become outside. */
export interface Builder {
  readonly uid: number;
  /** Variables beside PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>;
  /** Octal. */
  readonly umask: string;
}

/** One program that runs in a room. */
export interface Task {
  readonly argv: readonly [string, ...string[]];
  /** Null: root, of that system alone. */
  readonly as?: Builder;
  /** Sees the network: never where what was fetched runs. */
  readonly network?: boolean;
  /** Its standard input; nothing by default. */
  readonly input?: Readable;
  readonly timeoutMs?: number;
}

/** How a program ended. */
export interface Ended {
  /** 128 and more where a signal ended it. */
  readonly status: number;
  /** It was ended because it took too long. */
  readonly timedOut: boolean;
  /** The end of what it printed, on both streams. */
  readonly said: string;
  /** All that it printed, on both streams together. */
  readonly printed: Printed;
}

const ROOMS = "rooms";
const ROOT: Builder = { uid: 0, environment: { DEBIAN_FRONTEND: "noninteractive" }, umask: "022" };
const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
const POWERLESS = ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"] as const;
const KILLED = 137;
/** Of what a program prints where a failure is told of. */
const MAX_SAID = 4_096;
/** From the folder of all rooms into one of them: base, room, `network` or `none`, then what is to run. */
const ENTER = String.raw`
set -eu
root=$2/root
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work,userxattr" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755,size=64k tmpfs "$root/dev"
for device in null zero full random urandom; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
hostname builder 2> /dev/null || true
ip link set lo up 2> /dev/null || true
network=$3
resolvers=$(cat /etc/resolv.conf 2> /dev/null || true)
hosts=$(cat /etc/hosts 2> /dev/null || true)
shift 3
cd "$root"
pivot_root . .
umount -l .
cd /
# Only now: before, a link that a build left would have led outside.
if [ "$network" = network ]; then
  printf '%s\n' "$resolvers" > /etc/resolv.conf
  printf '%s\n' "$hosts" > /etc/hosts
fi
# Not in this process's place: one that changes its user would outlive whoever started it.
set +e
"$@"
exit "$?"
`;
/** Takes away what commands that were killed left behind a week ago, and makes a new room's folders. */
const PREPARE =
  'mkdir -p "$1" && find "$1" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} + && shift && mkdir -p "$@"';
/** In the room, as whoever runs it: mask, then what is to run. */
const BEGIN = 'umask "$1"; shift; exec "$@"';

/** A folder in which bases and rooms lie, side by side: an overlay wants them on one file system. */
export interface Site {
  readonly folder: string;
  /** Ends what runs there. */
  readonly signal: AbortSignal;
}

export class Room {
  readonly #site: Site;
  readonly #base: string;
  readonly #name: string;

  private constructor(site: Site, base: string, name: string) {
    this.#site = site;
    this.#base = base;
    this.#name = name;
  }

  /** An untouched room over a base, which is a folder of the site's, or several, the upper ones first. Throws `rebuild/no-isolation`. */
  static async open(site: Site, base: string): Promise<Room> {
    const name = join(ROOMS, randomBytes(8).toString("hex"));
    const room = new Room(site, base, name);
    const folders = ["root", "upper", "work"].map((folder) => join(name, folder));
    await atSite(site, ["sh", "-c", PREPARE, "sh", ROOMS, ...folders]);
    const { status, said } = await room.run({ argv: ["true"] });
    if (status === 0) return room;
    await room.close();
    const why = said.trim().split("\n").at(-1) ?? "";
    throw new ClientError(
      "rebuild/no-isolation",
      `nothing can be built in isolation: a system of its own can't be entered (${why}); it takes Linux 5.11 or newer, and a folder that is on no overlay itself (--chroots)`,
    );
  }

  /** What another room can stand on, once nothing runs in this one any more. */
  get layers(): string {
    return `${this.#name}/upper:${this.#base}`;
  }

  /** Runs a program to its end, whatever its status. What it prints goes to `log`, MAX_BUILD_LOG_BYTES of it. */
  async run(task: Task, log: string | null = null): Promise<Ended> {
    const child = await this.#start(task, `exec 2>&1\n${ENTER}`);
    const ended = endOf(child, this.#site.signal, task.timeoutMs);
    const said = collected(MAX_SAID);
    const out = child.stdout ?? Readable.from([]);
    await (log === null
      ? pipeline(out, said.resume())
      : pipeline(out, said, logged(MAX_BUILD_LOG_BYTES), createWriteStream(log, { flags: "a" })).catch(
          (error: unknown) => {
            child.kill("SIGKILL");
            throw cannotWrite(log, error);
          },
        ));
    return { ...(await ended), said: said.tail(), printed: said.printed() };
  }

  /** What a program prints, as it comes. Throws `rebuild/bad-build` at its end where that is no success. */
  async *read(task: Task): AsyncGenerator<Uint8Array, void, void> {
    const child = await this.#start(task);
    const ended = endOf(child, this.#site.signal, task.timeoutMs);
    const said = collected(MAX_SAID);
    child.stderr?.pipe(said).resume();
    try {
      for await (const part of child.stdout ?? []) if (part instanceof Uint8Array) yield part;
      const { status } = await ended;
      if (status !== 0) throw failed("rebuild/bad-build", task, status, said.tail());
    } finally {
      child.kill("SIGKILL");
    }
  }

  /** Writes a file of at most `maxBytes`, which must be a plain one, outside of the room. Throws `output/cannot-write`, `rebuild/bad-build`. */
  async copyOut(path: string, to: string, maxBytes: number): Promise<void> {
    const parts = this.read({ argv: ["sh", "-c", 'test ! -L "$1" && test -f "$1" && cat "$1"', "sh", path] });
    try {
      await pipeline(parts, limited(maxBytes, path), createWriteStream(to, { flags: "wx" }));
    } catch (error) {
      await rm(to, { force: true }).catch(() => undefined);
      throw error instanceof ClientError ? error : cannotWrite(to, error);
    }
  }

  /** Writes a file in the room, readable for all. */
  async copyIn(content: Readable | Uint8Array, path: string): Promise<void> {
    const input = content instanceof Uint8Array ? Readable.from([content]) : content;
    await this.must({ argv: ["sh", "-c", 'cat > "$1"', "sh", path], input });
  }

  /** Runs what has to succeed. Throws `rebuild/bad-build`. */
  async must(task: Task): Promise<string> {
    const { status, said } = await this.run(task);
    if (status !== 0) throw failed("rebuild/bad-build", task, status, said);
    return said;
  }

  /** Takes all that was changed away. */
  async close(): Promise<void> {
    // What is ending the command must not keep it from tidying up.
    await atSite({ ...this.#site, signal: new AbortController().signal }, ["rm", "-rf", this.#name]);
  }

  async #start(task: Task, enter: string = ENTER): Promise<ChildProcess> {
    const { as = ROOT, network = false, input } = task;
    const { uid, environment, umask } = as;
    const variables = Object.entries({ PATH, LC_ALL: "C.UTF-8", HOME: "/nonexistent", ...environment });
    const argv: [string, ...string[]] = ["sh", "-c", enter, "sh", this.#base, this.#name];
    argv.push(network ? "network" : "none");
    if (uid !== 0) argv.push("setpriv", `--reuid=${uid}`, `--regid=${uid}`, ...POWERLESS);
    argv.push("env", "-i", ...variables.map(([name, value]) => `${name}=${value}`));
    argv.push("sh", "-c", BEGIN, "sh", umask, ...task.argv);
    assertGoesOn(this.#site.signal);
    const child = await startInside({ folder: this.#site.folder, network, argv });
    feed(child, input);
    return child;
  }
}

/** Runs a program among the folders of a site. Throws `rebuild/no-chroot` where it fails. */
export async function atSite(
  site: Site,
  argv: readonly [string, ...string[]],
  input?: Readable,
): Promise<void> {
  // Nor is it begun: what is ended in its first moment may live on.
  assertGoesOn(site.signal);
  const child = await startInside({ folder: site.folder, network: false, argv });
  const ended = endOf(child, site.signal);
  feed(child, input);
  child.stdout?.resume();
  const said = collected(MAX_SAID);
  if (child.stderr !== null) await pipeline(child.stderr, said.resume());
  const { status } = await ended;
  if (status !== 0) throw failed("rebuild/no-chroot", { argv }, status, said.tail());
}

/** Its standard input; nothing by default. */
function feed(child: ChildProcess, input: Readable | undefined): void {
  const { stdin } = child;
  if (stdin === null) return;
  if (input === undefined) stdin.end();
  // What can't be read to its end must not look as if it had ended.
  else input.on("error", () => child.kill("SIGKILL")).pipe(stdin);
}

/** Waits for its end; too late, or told to stop, it is ended. */
async function endOf(
  child: ChildProcess,
  signal: AbortSignal,
  timeoutMs?: number,
): Promise<Pick<Ended, "status" | "timedOut">> {
  let timedOut = false;
  const stop = (): void => void child.kill("SIGKILL");
  const late = (): void => {
    timedOut = true;
    stop();
  };
  const timer = timeoutMs === undefined ? null : setTimeout(late, timeoutMs);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    const [status] = (await once(child, "close")) as [number | null];
    assertGoesOn(signal);
    return { status: status ?? KILLED, timedOut };
  } finally {
    if (timer !== null) clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** Throws `rebuild/interrupted` where it was told to stop. */
export function assertGoesOn(signal: AbortSignal): void {
  if (signal.aborted)
    throw new ClientError("rebuild/interrupted", "told to stop: what was begun is ended, and not signed");
}

function failed(
  code: "rebuild/no-chroot" | "rebuild/bad-build",
  { argv }: Pick<Task, "argv">,
  status: number,
  said: string,
): ClientError {
  const last = said.trim().split("\n").slice(-3).join("; ");
  return new ClientError(
    code,
    `${quote(argv.join(" ").slice(0, 120))} ended with ${status} in the system to build in: ${last}`,
  );
}
