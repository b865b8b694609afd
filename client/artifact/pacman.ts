import { closeSync, openSync } from "node:fs";
import { ClientError } from "../errors.ts";
import { readAt } from "./ar.ts";
import type { PackageIdentity } from "./deb.ts";
import type { Packing } from "./packing.ts";
import { readTarFile } from "./unpack.ts";

const CHUNK_BYTES = 64 * 1024;
/** pacman looks for more where no list of files tells it what else there is; makepkg writes both in front. That the list is none that it can read is not seen. */
const INFO = { name: ".PKGINFO", by: "compared", until: ".MTREE" } as const;
const IDENTITY: readonly string[] = ["pkgname", "pkgver", "arch"];

/** pkgname, pkgver (with epoch) and arch out of a pacman package's .PKGINFO, which stands among its first members. */
export async function readPacman(path: string, packing: Packing): Promise<PackageIdentity> {
  const file = openSync(path, "r");
  try {
    return await readOpenPacman(file, packing, path);
  } finally {
    closeSync(file);
  }
}

/** The same of an open file; `path` is for messages. Where others are in it does not matter. */
export async function readOpenPacman(file: number, packing: Packing, path: string): Promise<PackageIdentity> {
  const info = await readTarFile(octetsOf(file), packing, INFO, path);
  if (info === null) throw bad(path, "it holds no .PKGINFO");
  const fields = fieldsOf(textOf(info, path), path);
  const name = fields.get("pkgname");
  const version = fields.get("pkgver");
  const arch = fields.get("arch");
  if (!name || !version || !arch) throw bad(path, "its .PKGINFO lacks pkgname, pkgver or arch");
  return { name, version, arch };
}

/** Read as it is asked for, so that nothing is under way once what was looked for is there. */
function* octetsOf(file: number): Generator<Uint8Array> {
  for (let done = 0; ;) {
    const chunk = readAt(file, done, CHUNK_BYTES);
    if (chunk.length === 0) return;
    done += chunk.length;
    yield chunk;
  }
}

/** What names the package must stand there once: pacman would take the last. Others, such as `depend`, may repeat. */
function fieldsOf(text: string, path: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const at = line.indexOf("=");
    const name = line.slice(0, at).trim();
    if (at < 0 || !IDENTITY.includes(name)) continue;
    if (fields.has(name)) throw bad(path, `its .PKGINFO has two ${name} lines`);
    fields.set(name, line.slice(at + 1).trim());
  }
  return fields;
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
