import { readdirSync } from "node:fs";
import { join } from "node:path";
import { counted, MAX_IMPORT_DEPTH, MAX_IMPORT_FILES } from "../../protocol/index.ts";
import { unreadable } from "../artifact/index.ts";
import { ClientError } from "../errors.ts";

/**
 * The paths, relative to `folder` and in one order, of the plain files below it; links are not followed, and what begins with a dot is
 * left alone. Throws `input/…`.
 */
export function filesBelow(folder: string): readonly string[] {
  const found: string[] = [];
  const visit = (path: string, depth: number): void => {
    for (const entry of list(join(folder, path))) {
      const name = join(path, entry.name);
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory() && depth < MAX_IMPORT_DEPTH) visit(name, depth + 1);
      if (entry.isFile()) found.push(name);
      if (found.length > MAX_IMPORT_FILES)
        throw new ClientError(
          "input/too-big",
          `${folder}: it has more than ${counted(MAX_IMPORT_FILES, "file")}; name a part of it`,
        );
    }
  };
  visit("", 1);
  return found.sort();
}

function list(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw unreadable(folder, error);
  }
}
