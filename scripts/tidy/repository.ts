/** The repository as the checks see it: paths and texts, read once. Tests of the checks make small ones by hand. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Something that a check does not accept. */
export interface Fault {
  readonly file: string;
  /** From 1; 0 where it is the file as a whole. */
  readonly line: number;
  readonly message: string;
}

/** Paths (with `/`, from the top) and texts; binary files have the text "". */
export type Repository = ReadonlyMap<string, string>;

export type Check = (repository: Repository) => Fault[];

/** Not part of the repository: what .gitignore names, and git's own. */
const IGNORED: ReadonlySet<string> = new Set([".git", "node_modules", "dist", "coverage"]);
const IGNORED_PATHS: ReadonlySet<string> = new Set(["node/dashboard/built", "scripts/newer"]);

const TEXT = /\.(tsx?|js|css|html|json|md|sh|toml|proto|txt)$|^[^.]+$|^\.[a-z]+(rc|ignore)?$/;

/** Reads every file below `top` except what is ignored. */
export function readRepository(top: string): Repository {
  const files = new Map<string, string>();
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(top, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (IGNORED.has(entry.name) || IGNORED_PATHS.has(path) || path.endsWith(".tsbuildinfo")) continue;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.set(path, isText(path) ? readFileSync(join(top, path), "utf8") : "");
    }
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isText(path: string): boolean {
  return !path.startsWith("test/vectors/") && TEXT.test(path.slice(path.lastIndexOf("/") + 1));
}

/** The line of an offset in a text, from 1. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
