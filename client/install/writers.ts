/** Who but root could change a file between a look at it and its use (RULES R32). */
import { lstatSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, normalize } from "node:path";
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
    const lexical = normalize(path);
    const real = realpathSync(lexical);
    return alongWay(lexical, trusted) ?? (real === lexical ? null : alongWay(real, trusted));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function alongWay(path: string, trusted: ReadonlySet<number>): string | null {
  for (let at = path; ; at = dirname(at)) {
    const why = writerAt(at, at === path, trusted);
    if (why !== null || at === dirname(at)) return why;
  }
}

function writerAt(path: string, isLast: boolean, trusted: ReadonlySet<number>): string | null {
  const stat = lstatSync(path);
  if (!trusted.has(stat.uid)) return `${path} belongs to user ${stat.uid}`;
  // A link has no permissions of its own, those of a socket say who may connect, and in a sticky folder others can't touch what is not theirs.
  if (stat.isSymbolicLink() || stat.isSocket() || (!isLast && (stat.mode & STICKY) !== 0)) return null;
  return (stat.mode & OTHERS_WRITE) === 0 ? null : `${path} can be written by others than root`;
}
