import { resolve, sep } from "node:path";
import { quote } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { Found } from "./files.ts";

/**
 * Files by the names that a link gives them: below one of these folders the path from there (of two that fit the longer), else as they
 * are recorded. Throws `usage/bad-option` where two files would have one name.
 */
export function stripped(found: readonly Found[], folders: readonly string[]): readonly Found[] {
  const prefixes = folders
    .map((folder) => resolve(folder))
    .map((folder) => (folder.endsWith(sep) ? folder : folder + sep))
    .sort((one, two) => two.length - one.length);
  const paths = new Map<string, string>();
  const renamed = found.map((file) => {
    const path = resolve(file.path);
    const prefix = prefixes.find((each) => path.startsWith(each));
    const name = prefix === undefined ? file.name : path.slice(prefix.length).split(sep).join("/");
    const other = paths.get(name);
    if (other !== undefined)
      throw new ClientError(
        "usage/bad-option",
        `${file.path} and ${other} are both called ${quote(name)} in a link, which knows files by their paths: strip less, or name one of them`,
      );
    paths.set(name, file.path);
    return { ...file, name };
  });
  return renamed.sort((one, two) => (one.name < two.name ? -1 : 1));
}
