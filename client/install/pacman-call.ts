/** How pacman was called, by whom a hook is run: a hook is told names alone, and `pacman -U` installs files that no database knows. */
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { ClientError } from "../errors.ts";

/** What a call of pacman says of what it installs. */
export interface PacmanCall {
  /** Files and URLs of `--upgrade`; null where another operation is asked for, which installs what databases have. */
  readonly files: readonly string[] | null;
  readonly config: string | null;
  readonly dbpath: string | null;
  readonly cachedirs: readonly string[];
}

/** Options with a value (pacman(8), 6.0 to 7.1), by their letters where they have one. */
const VALUED: ReadonlySet<string> = new Set(
  "arch cachedir color config dbpath gpgdir hookdir logfile root sysroot ask assume-installed ignore ignoregroup overwrite print-format".split(
    " ",
  ),
);
/** Options without a value that --upgrade and --sync take; others stand for other operations. */
const PLAIN: ReadonlySet<string> = new Set(
  "upgrade sync database deptest files query remove version help asdeps asexplicit dbonly needed nodeps noconfirm confirm noprogressbar noscriptlet print verbose debug downloadonly refresh sysupgrade clean groups info list quiet search disable-download-timeout disable-sandbox disable-sandbox-filesystem disable-sandbox-syscalls".split(
    " ",
  ),
);
const LETTERS: ReadonlyMap<string, string> = new Map([
  ["b", "dbpath"],
  ["r", "root"],
  ["U", "upgrade"],
]);
/** From a hook to pacman lie a shell and a Node or two. */
const MAX_ABOVE = 8;

/** The call of the pacman that runs this process; null where none does: another program of libalpm's, or a person. Throws `pacman/no-file` where that can't be known. */
export function pacmanCall(): PacmanCall | null {
  if (!existsSync("/proc/self/exe")) throw cannotTell("/proc is not mounted here");
  for (let [at, above] = [process.ppid, 0]; at > 1 && above < MAX_ABOVE; above++) {
    try {
      if (basename(readlinkSync(`/proc/${at}/exe`)) === "pacman") return callOf(at);
      const stat = readFileSync(`/proc/${at}/stat`, "utf8");
      // `NUMBER (NAME) STATE PARENT`, where a name may hold anything.
      at = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    } catch {
      return null;
    }
  }
  return null;
}

function callOf(number: number): PacmanCall {
  const words = readFileSync(`/proc/${number}/cmdline`, "utf8").split("\0").slice(1, -1);
  const folder = readlinkSync(`/proc/${number}/cwd`);
  return readPacmanCall(words, folder);
}

/** Reads pacman's words as getopt_long(3) does; paths are relative to `folder`. Throws `pacman/no-file` for what does not tell which files are installed. */
export function readPacmanCall(words: readonly string[], folder: string): PacmanCall {
  const values = new Map<string, string[]>();
  const targets: string[] = [];
  let isUpgrade = false;
  const rest = [...words];
  const take = (name: string, attached: string | undefined): void => {
    if (name === "upgrade") isUpgrade = true;
    if (!VALUED.has(name)) return;
    values.set(name, [...(values.get(name) ?? []), attached ?? rest.shift() ?? ""]);
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") targets.push(...rest.splice(0));
    else if (word.startsWith("--")) {
      const [said = "", ...value] = word.slice(2).split("=");
      take(wholeName(said), value.length === 0 ? undefined : value.join("="));
    } else if (word.startsWith("-") && word !== "-") {
      for (let at = 1; at < word.length; at++) {
        const name = LETTERS.get(word.charAt(at)) ?? "";
        const attached = word.slice(at + 1);
        take(name, VALUED.has(name) && attached !== "" ? attached : undefined);
        if (VALUED.has(name)) break;
      }
    } else targets.push(word);
  }
  if (values.has("root") || values.has("sysroot"))
    throw cannotTell("it works on another root (--root, --sysroot)");
  if (isUpgrade && targets.includes("-")) throw cannotTell("it takes its files from stdin");
  const last = (name: string): string | null => {
    const value = values.get(name)?.at(-1);
    return value === undefined ? null : wholePath(folder, value);
  };
  return {
    files: isUpgrade
      ? targets.map((target) => (target.includes("://") ? target : wholePath(folder, target)))
      : null,
    config: last("config"),
    dbpath: last("dbpath"),
    cachedirs: (values.get("cachedir") ?? []).map((path) => wholePath(folder, path)),
  };
}

/** As the kernel reads it: `..` after a link is above where that leads, so that nothing is taken out of a path. */
function wholePath(folder: string, path: string): string {
  return path.startsWith("/") ? path : `${folder}/${path}`;
}

/** getopt takes the beginning of a name for the name; of which, depends on all that this pacman has. */
function wholeName(said: string): string {
  if (VALUED.has(said) || PLAIN.has(said)) return said;
  throw cannotTell(`--${said} is no option that is known here: write options whole`);
}

function cannotTell(why: string): ClientError {
  return new ClientError(
    "pacman/no-file",
    `which files pacman installs can't be told from its call: ${why}; nothing could be checked`,
  );
}
