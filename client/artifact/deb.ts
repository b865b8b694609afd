import { closeSync, openSync } from "node:fs";
import { MAX_CONTROL_BYTES } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { readArMembers, readAt } from "./ar.ts";
import type { ArMember } from "./ar.ts";
import type { Packing } from "./packing.ts";
import { readTarFile } from "./unpack.ts";

/** What a package says of itself inside its own file. */
export interface PackageIdentity {
  readonly name: string;
  /** Full version, with epoch. */
  readonly version: string;
  readonly arch: string;
}

const PACKING_BY_MEMBER: ReadonlyMap<string, Packing> = new Map([
  ["control.tar", "none"],
  ["control.tar.gz", "gz"],
  ["control.tar.xz", "xz"],
  ["control.tar.zst", "zst"],
]);

const CHUNK_BYTES = 64 * 1024;

/** dpkg unpacks all of it. */
const CONTROL = { name: "control", by: "unpacked", until: null } as const;

/** Package, Version and Architecture out of a .deb's control file (deb(5), deb-control(5)). */
export async function readDeb(path: string): Promise<PackageIdentity> {
  const file = openSync(path, "r");
  try {
    return await readOpenDeb(file, path);
  } finally {
    closeSync(file);
  }
}

/** The same of an open file; `path` is for messages. Where others are in it does not matter. */
export async function readOpenDeb(file: number, path: string): Promise<PackageIdentity> {
  const members = readArMembers(file, path);
  if (members[0]?.name !== "debian-binary") throw bad(path, "its first member is not debian-binary");
  for (const member of members) {
    const packing = PACKING_BY_MEMBER.get(member.name);
    if (packing === undefined) continue;
    if (member.size > MAX_CONTROL_BYTES) throw bad(path, `its ${member.name} has ${member.size} octets`);
    const control = await readTarFile(slice(file, member), packing, CONTROL, path);
    if (control === null) throw bad(path, `its ${member.name} holds no control file`);
    return identityOf(control, path);
  }
  throw bad(path, "it has no control.tar");
}

function identityOf(control: Uint8Array, path: string): PackageIdentity {
  const fields = new Map<string, string>();
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(control);
  } catch {
    throw bad(path, "its control file is not UTF-8");
  }
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 1 || line.startsWith(" ") || line.startsWith("\t")) continue;
    const field = line.slice(0, colon).toLowerCase();
    if (fields.has(field)) throw bad(path, `its control file has two ${field} fields`);
    fields.set(field, line.slice(colon + 1).trim());
  }
  const name = fields.get("package");
  const version = fields.get("version");
  const arch = fields.get("architecture");
  if (!name || !version || !arch) throw bad(path, "its control file lacks Package, Version or Architecture");
  return { name, version, arch };
}

function* slice(file: number, member: ArMember): Generator<Uint8Array> {
  for (let done = 0; done < member.size;) {
    const chunk = readAt(file, member.offset + done, Math.min(CHUNK_BYTES, member.size - done));
    if (chunk.length === 0) return;
    done += chunk.length;
    yield chunk;
  }
}

function bad(path: string, why: string): ClientError {
  return new ClientError("artifact/bad-package", `${path}: ${why}; fetch the file again`);
}
