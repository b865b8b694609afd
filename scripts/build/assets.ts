/**
 * Files that a source finds beside itself, `new URL("./name", import.meta.url)`: bundled code stands in lib/, so
 * what it points to has to stand there too. Workers (`.ts`) are entries of their own; all else is copied.
 */
import { cpSync, existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const BESIDE = /new URL\(\s*"(\.[^"]*)",\s*import\.meta\.url,?\s*\)/g;

/** A function that brings such files to `folder` and gives the text of a source that points to them there. */
export function assetsBeside(folder: string): (source: string, text: string) => string {
  const taken = new Map<string, string>();

  function bring(source: string, path: string): string {
    const from = join(dirname(source), path);
    const name = basename(path);
    if (path.endsWith(".ts")) return `new URL("./${name.replace(/\.ts$/, ".js")}", import.meta.url)`;
    // a folder that is built is brought as it is: a node without a dashboard serves its main facts
    if (path.endsWith("/") && !existsSync(from)) return `new URL("./${name}/", import.meta.url)`;
    if (!existsSync(from)) throw new Error(`${source} points to ${path}, which is not there`);
    const other = taken.get(name);
    if (other !== undefined && other !== from)
      throw new Error(`${from} and ${other} would be one file of the package`);
    taken.set(name, from);
    cpSync(from, join(folder, name), { recursive: true });
    return `new URL("./${name}${path.endsWith("/") ? "/" : ""}", import.meta.url)`;
  }

  return (source, text) => {
    if (text.replaceAll(BESIDE, "").includes("import.meta")) {
      throw new Error(
        `${source}: write new URL("./name", import.meta.url), the one form that the build knows`,
      );
    }
    return text.replaceAll(BESIDE, (_, path: string) => bring(source, path));
  };
}
