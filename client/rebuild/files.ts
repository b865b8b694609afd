import { readdirSync, realpathSync } from "node:fs";
import type { Dirent } from "node:fs";
import { basename, isAbsolute, join, normalize, relative, resolve, sep } from "node:path";
import { MAX_BUILD_DEPTH, MAX_BUILD_FILES } from "../../protocol/index.ts";
import { unreadable } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";
import { isFolder, statOf } from "../folder.ts";
import { isPattern, readPattern } from "./pattern.ts";

/** A file that a path, a folder or a pattern names. */
export interface Found {
  readonly path: string;
  /** As it is recorded: below the working folder its path from there, else from the folder that was named. */
  readonly name: string;
  /** Named by itself: it may not be there. What a folder or pattern finds is there. */
  readonly isNamed: boolean;
}

/**
 * The files that paths, folders (all below) and patterns name, each once, in the order of their names. Symbolic links to files of the
 * same folder are read through; one that leads out of it is refused, as is what is no file. Throws `input/unreadable`, `input/missing`,
 * `input/too-big`.
 */
export function findFiles(places: readonly string[]): readonly Found[] {
  const found = new Map<string, Found>();
  const search = { left: MAX_BUILD_FILES };
  for (const place of places) {
    for (const each of findAt(place, search)) {
      const path = resolve(each.path);
      if (!found.has(path)) found.set(path, each);
    }
  }
  return [...found.values()].sort((one, two) => (one.name < two.name ? -1 : 1));
}

interface Search {
  /** How many files and folders may still be looked at. */
  left: number;
}

function findAt(place: string, search: Search): readonly Found[] {
  if (isFolder(place)) return new Walk(place, search).all();
  if (!isPattern(place)) {
    assertFile(place);
    return [{ path: place, name: recordedName(place, place), isNamed: true }];
  }
  const pattern = readPattern(place);
  return isFolder(pattern.folder) ? new Walk(pattern.folder, search).matching(pattern) : [];
}

/** One walk below a folder. */
class Walk {
  readonly #root: string;
  readonly #real: string;
  readonly #search: Search;
  readonly #found: Found[] = [];

  constructor(root: string, search: Search) {
    this.#root = root;
    this.#real = realpathSync(root);
    this.#search = search;
  }

  all(): readonly Found[] {
    this.#walk(this.#root, 0, null, []);
    return this.#found;
  }

  matching(pattern: ReturnType<typeof readPattern>): readonly Found[] {
    this.#walk(this.#root, 0, pattern, pattern.start);
    return this.#found;
  }

  #walk(
    folder: string,
    depth: number,
    pattern: ReturnType<typeof readPattern> | null,
    state: readonly number[],
  ): void {
    if (depth > MAX_BUILD_DEPTH)
      throw tooMuch(this.#root, `folders inside folders, more than ${MAX_BUILD_DEPTH} deep`);
    for (const entry of entriesOf(folder)) {
      if (--this.#search.left < 0)
        throw tooMuch(this.#root, `more than ${MAX_BUILD_FILES} files and folders`);
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        const next = pattern === null ? [] : pattern.into(state, entry.name);
        if (pattern === null || next.length > 0) this.#walk(path, depth + 1, pattern, next);
      } else if (pattern === null || pattern.matches(state, entry.name)) this.#take(path, entry);
    }
  }

  #take(path: string, entry: Dirent): void {
    if (entry.isSymbolicLink() && !this.#leadsToFile(path)) return;
    assertFile(path);
    this.#found.push({ path, name: recordedName(path, this.#root), isNamed: false });
  }

  /** False for a folder inside the tree: its files are found where they are. */
  #leadsToFile(path: string): boolean {
    let target: string;
    try {
      target = realpathSync(path);
    } catch (error) {
      throw new ClientError(
        "input/unreadable",
        `${path}: a symbolic link that leads nowhere; mend or remove it`,
        {
          cause: error,
        },
      );
    }
    if (target !== this.#real && !target.startsWith(this.#real === sep ? sep : this.#real + sep)) {
      throw new ClientError(
        "input/unreadable",
        `${path}: a symbolic link that leads out of ${this.#root}, to ${target}: name that by itself, or leave the link out`,
      );
    }
    return !isFolder(target);
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** A pipe or device would be read for ever. What is not there is told where it is needed. */
function assertFile(path: string): void {
  const stat = statOf(path);
  if (stat === undefined || stat.isFile()) return;
  throw new ClientError(
    "input/unreadable",
    `${path}: it is no file: a pipe, a socket or a device has no digest`,
  );
}

function recordedName(path: string, root: string): string {
  const here = relative(process.cwd(), path);
  const name = isAbsolute(here) || here.startsWith("..") ? fromRoot(path, root) : here;
  return name.split(sep).join("/");
}

function fromRoot(path: string, root: string): string {
  return join(basename(normalize(root)), relative(root, path));
}

function tooMuch(root: string, why: string): ClientError {
  return new ClientError(
    "input/too-big",
    `${root}: ${why}: name less, an archive of it, or with --git the commit that it is`,
  );
}
