import { createReadStream } from "node:fs";
import { ClientError } from "../errors.ts";
import type { PackageIdentity } from "./deb.ts";
import type { Packing } from "./packing.ts";
import { readTarFile } from "./unpack.ts";

/** pkgname, pkgver (with epoch) and arch out of a pacman package's .PKGINFO, which stands among its first members. */
export async function readPacman(path: string, packing: Packing): Promise<PackageIdentity> {
  const stream = createReadStream(path);
  try {
    const info = await readTarFile(stream, packing, ".PKGINFO", path);
    if (info === null) throw bad(path, "it holds no .PKGINFO");
    const fields = new Map<string, string>();
    for (const line of textOf(info, path).split("\n")) {
      const at = line.indexOf(" = ");
      if (at > 0 && !line.startsWith("#") && !fields.has(line.slice(0, at))) {
        fields.set(line.slice(0, at), line.slice(at + 3).trim());
      }
    }
    const name = fields.get("pkgname");
    const version = fields.get("pkgver");
    const arch = fields.get("arch");
    if (!name || !version || !arch) throw bad(path, "its .PKGINFO lacks pkgname, pkgver or arch");
    return { name, version, arch };
  } finally {
    stream.destroy();
  }
}

function textOf(info: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(info);
  } catch {
    throw bad(path, "its .PKGINFO is not UTF-8");
  }
}

function bad(path: string, why: string): ClientError {
  return new ClientError("artifact/bad-package", `${path}: ${why}; fetch the file again`);
}
