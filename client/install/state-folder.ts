/** What a hook has kept, where it goes: never what others have in that folder, such as a node whose data folder it is. */
import { lstatSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cannotWrite, removeFile, systemCode } from "../folder.ts";
import { LIST_NAME, LOG_NAME } from "./allowed.ts";
import { methodName, SCHEMES } from "./method/index.ts";

const FILES: readonly string[] = [LIST_NAME, LOG_NAME, ...SCHEMES.map(methodName)];
/** What was seen of feeds: of the hook alone where nobody else has anything there. */
const SEEN = "seen";

/** Takes away what a hook has kept; whether the folder is gone with it. Throws `output/cannot-write`. */
export function removeState(folder: string): boolean {
  try {
    const names = readdirSync(folder);
    const own = names.filter((name) => FILES.some((file) => name === file || isTemporary(name, file)));
    for (const name of own) removeFile(join(folder, name));
    if (names.some((name) => name !== SEEN && !own.includes(name))) return false;
    rmSync(join(folder, SEEN), { recursive: true, force: true });
    if (lstatSync(folder).isSymbolicLink()) removeFile(folder);
    else rmdirSync(folder);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return true;
    throw systemCode(error) === "" ? error : cannotWrite(folder, error);
  }
}

/** What a crash has left of writing it. */
function isTemporary(name: string, file: string): boolean {
  return name.startsWith(`${file}.`) && name.endsWith(".tmp");
}
