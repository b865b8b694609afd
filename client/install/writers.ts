/** Who but root could change a file between a look at it and its use (RULES R32). */
import { lstatSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { MAX_LINKS_FOLLOWED } from "../../protocol/index.ts";
import { unreadable } from "../artifact/index.ts";

const ROOT_ONLY: ReadonlySet<number> = new Set([0]);
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Why somebody else than root, or than those of `trusted` (numbers of users), can change what stands at an absolute path, or put something else there: by the file, by a folder above it, or
 * by a link on the way. Null where nobody can. Access control lists are not looked at. Throws `input/…`.
 */
export function writersOf(path: string, trusted: ReadonlySet<number> = ROOT_ONLY): string | null {
  if (!isAbsolute(path)) return `${path} does not begin at /`;
  try {
    return alongWay(path, trusted);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** As the kernel walks it: `..` after a link is above where that leads, and a link may lead to a link that stands somewhere else. */
function alongWay(path: string, trusted: ReadonlySet<number>): string | null {
  const names = namesOf(path);
  let [at, links] = ["/", 0];
  let why = writerAt(at, lstatSync(at), names.length === 0, trusted);
  for (let name = names.shift(); name !== undefined && why === null; name = names.shift()) {
    if (name === "..") {
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    const stat = lstatSync(next);
    why = writerAt(next, stat, names.length === 0, trusted);
    if (!stat.isSymbolicLink()) {
      at = next;
      continue;
    }
    if (++links > MAX_LINKS_FOLLOWED) throw new Error("too many links, as of some that lead in a circle");
    const target = readlinkSync(next);
    names.unshift(...namesOf(target));
    if (isAbsolute(target)) at = "/";
  }
  return why;
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function writerAt(path: string, stat: Stats, isLast: boolean, trusted: ReadonlySet<number>): string | null {
  if (!trusted.has(stat.uid)) return `${path} belongs to user ${stat.uid}`;
  // A link has no permissions of its own, those of a socket say who may connect, and in a sticky folder others can't touch what is not theirs.
  if (stat.isSymbolicLink() || stat.isSocket() || (!isLast && (stat.mode & STICKY) !== 0)) return null;
  return (stat.mode & OTHERS_WRITE) === 0 ? null : `${path} can be written by others than root`;
}
