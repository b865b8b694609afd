import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { mirrorUrl } from "../../protocol/index.ts";
import { NodeError } from "../errors.ts";
import { directoryMirror } from "./directory.ts";
import type { MirrorFiles } from "./files.ts";
import { httpMirror } from "./http.ts";

/** The files of a mirror as it is named on a command line; nothing is asked for yet. Throws `config/bad-address`. */
export function openMirror(name: string): MirrorFiles {
  const url = mirrorUrl(name);
  if (url?.protocol === "http:" || url?.protocol === "https:") return httpMirror(url);
  if (url?.protocol === "file:") {
    // file:DIR is what people write, file:///DIR what the standard says.
    const rest = name.slice("file:".length);
    return directoryMirror(name, rest.startsWith("//") ? fileURLToPath(url) : rest);
  }
  const hint = isAbsolute(name) || name.startsWith(".") ? `; for a folder write file:${name}` : "";
  throw new NodeError(
    "config/bad-address",
    `--mirror ${name}: https://HOST/PATH, http://… or file:DIR is expected${hint}`,
  );
}
