/** The source package of a rebuild: from files at hand, or from the archive by its signed index. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { basename, dirname, join } from "node:path";
import { fileDescriptor, MAX_DSC_BYTES, parseDsc, sha256, toHex } from "../../../protocol/index.ts";
import type { Descriptor, SourcePackage } from "../../../protocol/index.ts";
import { hashFile, parseFile, readWhole } from "../../artifact/index.ts";
import { ClientError } from "../../errors.ts";
import type { Room } from "./room.ts";

/** Where a room has the source's files. */
export const SOURCE_FOLDER = "/source";

/** A source package whose files lie in a room, each checked against what the .dsc says. */
export interface Source extends SourcePackage {
  /** In SOURCE_FOLDER. */
  readonly dsc: string;
  /** The .dsc, and what it lists. */
  readonly materials: readonly Descriptor[];
}

/** A .dsc by itself. Throws `input/…`, `dsc/…`. */
export function readDsc(path: string): { readonly bytes: Uint8Array; readonly source: SourcePackage } {
  const bytes = readWhole(path, MAX_DSC_BYTES);
  return { bytes, source: parseFile(path, () => parseDsc(bytes)) };
}

/** Brings a .dsc, and the files beside it that it lists, into a room. Throws `input/…`, `dsc/…`, `rebuild/no-source`. */
export async function bringSource(room: Room, path: string): Promise<Source> {
  const { bytes, source } = readDsc(path);
  await room.must({ argv: ["mkdir", "-p", SOURCE_FOLDER] });
  await room.copyIn(bytes, join(SOURCE_FOLDER, basename(path)));
  for (const { file, sha256: wanted } of source.files) {
    const beside = join(dirname(path), file);
    const { sha256: got } = await hashFile(beside);
    if (toHex(got) !== toHex(wanted))
      throw noSource(`${beside}: its SHA-256 is ${toHex(got)}, ${basename(path)} says ${toHex(wanted)}`);
    await room.copyIn(createReadStream(beside), join(SOURCE_FOLDER, file));
  }
  return checked(room, basename(path), bytes, source);
}

/**
 * Has apt fetch a source package, by the archive's signed index. `name` may be a binary package's: then its source is taken. `version` is
 * the source's; null = the newest. Throws `rebuild/no-source`.
 */
export async function fetchSource(room: Room, name: string, version: string | null): Promise<Source> {
  const spec = version === null ? name : `${name}=${version}`;
  const fetch =
    'mkdir -p "$1" && cd "$1" && chmod 755 . && apt-get source --download-only --only-source "$2"';
  const argv = ["sh", "-c", fetch, "sh", SOURCE_FOLDER, spec] as const;
  const { status, said } = await room.run({ argv, network: true });
  if (status !== 0) throw noSource(whyNot(spec, said));
  const listed = await room.must({ argv: ["sh", "-c", 'cd "$1" && ls -- *.dsc', "sh", SOURCE_FOLDER] });
  const [file = "", ...others] = listed.trim().split("\n");
  if (others.length > 0) throw noSource(`apt fetched several: ${listed.trim().replaceAll("\n", ", ")}`);
  const bytes = await contentOf(room, join(SOURCE_FOLDER, file), MAX_DSC_BYTES);
  return checked(
    room,
    file,
    bytes,
    parseFile(file, () => parseDsc(bytes)),
  );
}

/** Sums of what is in the room: nothing else is built. */
async function checked(room: Room, dsc: string, bytes: Uint8Array, source: SourcePackage): Promise<Source> {
  const rows = source.files.map(({ file, sha256: digest }) => `${toHex(digest)}  ${file}\n`);
  const argv = ["sh", "-c", 'cd "$1" && sha256sum --check --strict --quiet', "sh", SOURCE_FOLDER] as const;
  const { status, said } = await room.run({ argv, input: textStream(rows.join("")) });
  if (status !== 0) throw noSource(`files of ${dsc} are not what it says: ${said.trim()}`);
  const files = source.files.map(({ file, sha256: digest }) => fileDescriptor(file, digest));
  const materials = [fileDescriptor(dsc, sha256(bytes)), ...files];
  return { ...source, dsc, materials };
}

/** A whole file of a room. Throws `input/too-big`. */
export async function contentOf(room: Room, path: string, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of room.read({ argv: ["cat", "--", path] })) {
    total += part.length;
    if (total > maxBytes)
      throw new ClientError("input/too-big", `${path}: more than the ${maxBytes} octets that are read of it`);
    parts.push(part);
  }
  return Uint8Array.from(Buffer.concat(parts));
}

function textStream(text: string): Readable {
  return Readable.from([Buffer.from(text)]);
}

function whyNot(spec: string, said: string): string {
  if (/ 404 /.test(said))
    return `the archive lists ${spec} and does not serve a file of it (404): try another mirror (--mirror), or fetch the source elsewhere and name it with --dsc`;
  const lines = said
    .trim()
    .split("\n")
    .filter((line) => line.startsWith("E:"));
  return `${spec}: ${lines.slice(-2).join("; ") || said.trim().slice(-300)}`;
}

function noSource(why: string): ClientError {
  return new ClientError("rebuild/no-source", `no source to rebuild: ${why}`);
}
