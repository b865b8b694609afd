/** Patterns of file names as shells have them: `*`, `?`, and `**` for any number of folders. Each takes time in proportion to its length. */

const ANY_FOLDERS = "**";

/** Whether a text is a pattern; else it is a path. */
export function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

/** How far names, from a pattern's folder down, lead into it. */
export interface Pattern {
  /** The folder that it begins in: all before the first part that has a wildcard. */
  readonly folder: string;
  /** What a folder's name leads to; empty = nothing below can match. */
  readonly into: (state: readonly number[], name: string) => readonly number[];
  /** Whether a file of that name matches. */
  readonly matches: (state: readonly number[], name: string) => boolean;
  readonly start: readonly number[];
}

export function readPattern(text: string): Pattern {
  const parts = text.split("/");
  const first = parts.findIndex(isPattern);
  const rest = parts.slice(first).filter((part) => part !== "");
  const folder = parts.slice(0, first).join("/");
  const step = (state: readonly number[], name: string): readonly number[] => {
    const next = new Set<number>();
    for (const at of state) {
      const part = rest[at] ?? "";
      if (part === ANY_FOLDERS) {
        if (!name.startsWith(".")) next.add(at);
      } else if (at < rest.length && matchesPart(part, name)) next.add(at + 1);
    }
    return closed(next, rest);
  };
  return {
    folder: folder === "" && text.startsWith("/") ? "/" : folder === "" ? "." : folder,
    start: closed([0], rest),
    into: (state, name) => step(state, name).filter((at) => at < rest.length),
    matches: (state, name) => step(state, name).includes(rest.length) || endsInAny(state, name, rest),
  };
}

/** `**` stands for no folder, too. */
function closed(state: Iterable<number>, rest: readonly string[]): readonly number[] {
  const all = new Set(state);
  for (const at of all) if (rest[at] === ANY_FOLDERS) all.add(at + 1);
  return [...all];
}

/** A pattern that ends in `**` means all files there. */
function endsInAny(state: readonly number[], name: string, rest: readonly string[]): boolean {
  return rest.at(-1) === ANY_FOLDERS && state.includes(rest.length - 1) && !name.startsWith(".");
}

/** One part of a path against one of a pattern; `*` takes no name that begins with a dot, as in shells. */
function matchesPart(part: string, name: string): boolean {
  if (name.startsWith(".") && !part.startsWith(".")) return false;
  let at = 0;
  let star = -1;
  let resume = 0;
  let i = 0;
  while (i < name.length) {
    if (at < part.length && part[at] !== "*" && (part[at] === "?" || part[at] === name[i])) {
      at++;
      i++;
    } else if (part[at] === "*") {
      star = at++;
      resume = i;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else return false;
  }
  while (part[at] === "*") at++;
  return at === part.length;
}
