/** Mach-O files made by hand, and signed from the published format: no program on the machines that test signs such files. */
import { createHash } from "node:crypto";
import { concat, u32be, utf8, viewOf } from "../../../protocol/bytes/index.ts";

const HEADER_BYTES = 32;
const PAGE = 4_096;

interface Command {
  readonly kind: number;
  readonly octets: Uint8Array;
}

function segment(
  name: string,
  numbers: readonly [address: number, memory: number, offset: number, length: number],
): Command {
  const octets = new Uint8Array(72);
  const view = viewOf(octets);
  view.setUint32(0, 0x19, true);
  view.setUint32(4, 72, true);
  octets.set(utf8(name), 8);
  for (const [i, number] of numbers.entries()) view.setBigUint64(24 + 8 * i, BigInt(number), true);
  return { kind: 0x19, octets };
}

function program(commands: readonly Command[]): Uint8Array {
  const all = concat(...commands.map(({ octets }) => octets));
  const header = new Uint8Array(HEADER_BYTES);
  const view = viewOf(header);
  for (const [i, number] of [0xfeed_facf, 0x0100_000c, 0, 2, commands.length, all.length, 0x85].entries()) {
    view.setUint32(4 * i, number, true);
  }
  return concat(header, all);
}

/** A program of 512 octets, and `linkedit` octets behind it, unsigned. */
export function tinyMachO(linkedit: number): Uint8Array {
  const commands = [
    segment("__TEXT", [0, 0x4000, 0, 512]),
    segment("__LINKEDIT", [0x4000, Math.ceil(linkedit / PAGE) * PAGE, 512, linkedit]),
  ];
  const front = program(commands);
  const body = new Uint8Array(512 + linkedit).fill(0xc3, 300);
  body.set(front);
  return body;
}

/** A blob of a signature. */
export function blob(magic: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const octets = concat(...parts);
  return concat(u32be(magic), u32be(8 + octets.length), octets);
}

/** The signature of a program: blobs in slots. */
export function superBlob(
  blobs: readonly (readonly [slot: number, blob: Uint8Array])[],
  more: Uint8Array = new Uint8Array(0),
): Uint8Array {
  let offset = 12 + 8 * blobs.length;
  const index: Uint8Array[] = [u32be(blobs.length)];
  for (const [slot, octets] of blobs) {
    index.push(u32be(slot), u32be(offset));
    offset += octets.length;
  }
  return blob(0xfade_0cc0, ...index, ...blobs.map(([, octets]) => octets), more);
}

/** A code directory of version 2.4 (20400) over these octets. */
export function codeDirectory(
  code: Uint8Array,
  identifier: string,
  hash: "sha256" | "sha1" | "sha384",
): Uint8Array {
  const size = { sha1: 20, sha256: 32, sha384: 48 }[hash];
  const pages: Uint8Array[] = [];
  for (let at = 0; at < code.length; at += PAGE) {
    pages.push(
      new Uint8Array(
        createHash(hash)
          .update(code.subarray(at, at + PAGE))
          .digest(),
      ),
    );
  }
  const name = utf8(`${identifier}\0`);
  const header = new Uint8Array(88 - 8);
  const view = viewOf(header);
  const numbers = [0x20400, 2, 88 + name.length, 88, 0, pages.length, code.length];
  for (const [i, number] of numbers.entries()) view.setUint32(4 * i, number);
  header.set([size, { sha1: 1, sha256: 2, sha384: 4 }[hash], 0, 12], 28);
  return blob(0xfade_0c02, header, name, ...pages);
}

/** Adds what codesign adds: a load command, and a signature at the end of __LINKEDIT, for which `make` gets the code before it. */
export function signMachO(
  file: Uint8Array,
  make: (code: Uint8Array) => Uint8Array,
  room: number,
): Uint8Array {
  const at = Math.ceil(file.length / 16) * 16;
  const code = concat(file, new Uint8Array(at - file.length));
  const view = viewOf(code);
  const size = view.getUint32(20, true);
  let linkedit = 0;
  for (let next = HEADER_BYTES; next < HEADER_BYTES + size; next += view.getUint32(next + 4, true)) {
    if (new TextDecoder().decode(code.subarray(next + 8, next + 18)) === "__LINKEDIT") linkedit = next;
  }
  const length = at + room - Number(view.getBigUint64(linkedit + 40, true));
  view.setBigUint64(linkedit + 48, BigInt(length), true);
  view.setBigUint64(linkedit + 32, BigInt(Math.ceil(length / PAGE) * PAGE), true);
  view.setUint32(16, view.getUint32(16, true) + 1, true);
  view.setUint32(20, size + 16, true);
  for (const [i, number] of [0x1d, 16, at, room].entries())
    view.setUint32(HEADER_BYTES + size + 4 * i, number, true);
  const signature = make(code);
  return concat(code, signature, new Uint8Array(room - signature.length));
}

/** A fat file of these programs, each on a page of 2^14. */
export function fat(...programs: readonly Uint8Array[]): Uint8Array {
  const align = (length: number): number => Math.ceil(length / 16_384) * 16_384;
  const archs: Uint8Array[] = [];
  let body = new Uint8Array(0);
  let at = 16_384;
  for (const [i, each] of programs.entries()) {
    archs.push(u32be(0x0100_0007 + 5 * i), u32be(3), u32be(at), u32be(each.length), u32be(14));
    body = new Uint8Array(concat(body, new Uint8Array(align(body.length) - body.length), each));
    at = 16_384 + align(body.length);
  }
  const header = concat(u32be(0xcafe_babe), u32be(programs.length), ...archs);
  return concat(header, new Uint8Array(16_384 - header.length), body);
}
