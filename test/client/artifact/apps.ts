/** A small application of macOS, signed by somebody or not, as a folder and as what a zip file has of it. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { utf8 } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { codeDirectory, signMachO, superBlob, tinyMachO } from "../../protocol/normal-form/machos.ts";
import type { ZipFile } from "../../protocol/normal-form/zips.ts";

export const PLIST = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict/></plist>\n';
const PROGRAM = tinyMachO(100);

/** A small application; signed by `who`, or not. Signed ones have seals, a stapled ticket, and programs with signatures. */
export async function app(who: string | null): Promise<string> {
  const top = join(await newFolder(), "Tool.app");
  for (const folder of ["Contents/MacOS", "Contents/Frameworks/Lib.framework"])
    await mkdir(join(top, folder), { recursive: true });
  const sign = (name: string): Uint8Array =>
    who === null
      ? PROGRAM
      : signMachO(
          PROGRAM,
          (code) => superBlob([[0, codeDirectory(code, `${who}.${name}`, "sha256")]]),
          400 + who.length,
        );
  await writeFile(join(top, "Contents/MacOS/tool"), sign("tool"));
  await chmod(join(top, "Contents/MacOS/tool"), 0o755);
  await writeFile(join(top, "Contents/Frameworks/Lib.framework/Lib"), sign("lib"));
  await symlink("Lib", join(top, "Contents/Frameworks/Lib.framework/Current"));
  await writeFile(join(top, "Contents/Info.plist"), PLIST);
  if (who === null) return top;
  for (const folder of ["Contents", "Contents/Frameworks/Lib.framework"]) {
    await mkdir(join(top, folder, "_CodeSignature"));
    await writeFile(
      join(top, folder, "_CodeSignature/CodeResources"),
      PLIST.replace("<dict/>", `<string>${who}</string>`),
    );
  }
  await writeFile(join(top, "Contents/CodeResources"), `s8ch ${who}`);
  return top;
}

/** What is in a folder, with the modes that it has there. */
export async function filesOf(top: string): Promise<readonly ZipFile[]> {
  const files: ZipFile[] = [];
  for (const name of readdirSync(top, { recursive: true, encoding: "utf8" }).toSorted()) {
    const path = join(top, name);
    const stat = lstatSync(path);
    const { mode } = stat;
    if (stat.isDirectory()) files.push({ name: `${name}/`, data: new Uint8Array(0), mode, method: 0 });
    else if (stat.isSymbolicLink()) files.push({ name, data: utf8(readlinkSync(path)), mode, method: 0 });
    else files.push({ name, data: new Uint8Array(readFileSync(path)), mode });
  }
  return files;
}
