import { fstatSync, readSync } from "node:fs";
import { MAX_CONTROL_MEMBERS } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

const MAGIC = "!<arch>\n";
const HEADER_BYTES = 60;

/** One member of an ar archive: where its octets stand in the file. */
export interface ArMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/**
 * The first members of an ar archive (deb(5)), at most MAX_CONTROL_MEMBERS. Reads headers only, never contents, and synchronously: a
 * few octets, for which the threads of the other way would take longer to start.
 * Throws `artifact/bad-package` where a header is broken or a member reaches beyond the file.
 */
export function readArMembers(file: number, path: string): readonly ArMember[] {
  const { size: total } = fstatSync(file);
  const magic = readAt(file, 0, MAGIC.length);
  if (new TextDecoder("latin1").decode(magic) !== MAGIC) throw bad(path, "it is not an ar archive");
  const members: ArMember[] = [];
  let offset = MAGIC.length;
  while (offset + HEADER_BYTES <= total && members.length < MAX_CONTROL_MEMBERS) {
    const header = new TextDecoder("latin1").decode(readAt(file, offset, HEADER_BYTES));
    const size = decimal(header.slice(48, 58).trimEnd());
    if (header.slice(58) !== "`\n" || size === null)
      throw bad(path, `the ar header at octet ${offset} is broken`);
    const start = offset + HEADER_BYTES;
    if (start + size > total)
      throw bad(path, `an ar member at octet ${offset} reaches beyond the file's end`);
    members.push({ name: header.slice(0, 16).trimEnd().replace(/\/$/, ""), offset: start, size });
    offset = start + size + (size % 2);
  }
  return members;
}

/** Exactly `length` octets at `offset`, or fewer at the end of the file. */
export function readAt(file: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const bytesRead = readSync(file, bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function decimal(text: string): number | null {
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : null;
}

function bad(path: string, why: string): ClientError {
  return new ClientError("artifact/bad-package", `${path}: ${why}; fetch the file again`);
}
