/** Seams of packages: Debian's, RPM, MAR, zip files and what is made of them. */
import { viewOf } from "../../../../protocol/bytes/index.ts";
import { field, u32 } from "./shape.ts";
import type { Field, Shape } from "./shape.ts";

/** Of a Debian package that is whole. */
export function debShape(file: Uint8Array): Shape {
  const fields: Field[] = [];
  const marks = [0, 8];
  for (let at = 8; at + 60 <= file.length;) {
    const size = Number(new TextDecoder().decode(file.subarray(at + 48, at + 58)));
    for (const [start, length] of [
      [16, 12],
      [28, 6],
      [34, 6],
      [40, 8],
      [48, 10],
    ] as const)
      fields.push(field(at + start, length, "text"));
    for (let i = 0; i < 16; i += 4) fields.push(field(at + i, 1, "le"));
    // The first octets of a signature say what and how long it is.
    for (let i = 0; i < 12; i++) fields.push(field(at + 60 + i, 1, "le"));
    marks.push(at + 60, at + 60 + size);
    at += 60 + size + (size % 2);
    marks.push(at);
  }
  return { file, fields, marks, mend: mendDeb };
}

/** The last member ends with the file. */
function mendDeb(file: Uint8Array): void {
  for (let at = 8; at + 60 <= file.length;) {
    const size = Number(new TextDecoder().decode(file.subarray(at + 48, at + 58)));
    const next = at + 60 + size + (size % 2);
    if (Number.isSafeInteger(next) && next > at && next < file.length - 60) {
      at = next;
      continue;
    }
    const text = String(file.length - at - 60).padEnd(10, " ");
    for (let i = 0; i < 10; i++) file[at + 48 + i] = text.charCodeAt(i);
    return;
  }
}

/** Of an RPM that is whole. */
export function rpmShape(file: Uint8Array): Shape {
  const view = viewOf(file);
  const [count, length] = [view.getUint32(104), view.getUint32(108)];
  const store = 112 + 16 * count;
  const main = store + Math.ceil(length / 8) * 8;
  const fields: Field[] = [field(104, 4, "be"), field(108, 4, "be"), field(4, 1, "be"), field(6, 2, "be")];
  const marks = [0, 96, 112, store, store + length, main, main + 16, file.length];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < 16; j += 4) fields.push(field(112 + 16 * i + j, 4, "be"));
    const value = store + u32(file, 120 + 16 * i, "be");
    marks.push(112 + 16 * i, value);
    for (let j = 0; j < 10; j++) fields.push(field(value + j, 1, "be"));
  }
  return { file, fields, marks, mend: () => undefined };
}

/** Of a MAR that is whole. */
export function marShape(file: Uint8Array): Shape {
  const index = u32(file, 4, "be");
  const fields: Field[] = [
    field(4, 4, "be"),
    field(8, 4, "be"),
    field(12, 4, "be"),
    field(16, 4, "be"),
    field(index, 4, "be"),
  ];
  const marks = [0, 8, 16, 20, index, index + 4, file.length];
  let at = 20;
  for (let i = 0; i < u32(file, 16, "be"); i++) {
    fields.push(field(at, 4, "be"), field(at + 4, 4, "be"));
    at += 8 + u32(file, at + 4, "be");
    marks.push(at);
  }
  for (let i = 0; i < 6; i++) fields.push(field(at + 4 * i, 4, "be"));
  for (let entry = index + 4; entry < file.length; entry = file.indexOf(0, entry + 12) + 1) {
    for (let j = 0; j < 12; j += 4) fields.push(field(entry + j, 4, "be"));
    marks.push(entry, u32(file, entry, "be"), u32(file, entry, "be") + u32(file, entry + 4, "be"));
  }
  return { file, fields, marks, mend: (changed) => viewOf(changed).setUint32(12, changed.length) };
}

/** Of a zip file that is whole, with a signing block or without. */
export function zipShape(file: Uint8Array): Shape {
  const end = file.length - 22;
  const directory = u32(file, end + 16, "le");
  const fields: Field[] = [
    ...[4, 6, 8, 10, 20].map((at) => field(end + at, 2, "le")),
    field(end + 12, 4, "le"),
    field(end + 16, 4, "le"),
  ];
  const marks = [0, directory, end, file.length];
  for (let at = directory; at < end;) {
    const local = u32(file, at + 42, "le");
    fields.push(
      ...[5, 8, 10, 28, 30, 32, 34, 40].map((place) => field(at + place, 2, "le")),
      ...[16, 20, 24, 42].map((place) => field(at + place, 4, "le")),
      ...[6, 8, 26, 28].map((place) => field(local + place, 2, "le")),
      ...[14, 18, 22].map((place) => field(local + place, 4, "le")),
      field(at + 46, 1, "le"),
    );
    const view = viewOf(file);
    const name = local + 30 + view.getUint16(local + 26, true);
    marks.push(at, local, name, name + view.getUint16(local + 28, true));
    for (let i = 0; i < 12; i += 2) fields.push(field(name + i, 2, "le"));
    marks.push(name + view.getUint16(local + 28, true) + u32(file, at + 20, "le"));
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  const block = blockAt(file, directory);
  if (block !== null) {
    fields.push(field(block, 4, "le"), field(directory - 24, 4, "le"), field(directory - 8, 1, "le"));
    for (let at = block + 8; at < directory - 24; at += 8 + u32(file, at, "le")) {
      marks.push(at);
      for (let i = 0; i < 40; i += 4) fields.push(field(at + i, 4, "le"));
    }
    marks.push(block, directory - 24);
  }
  return { file, fields, marks, mend: mendZip };
}

/** Where the signing block begins; null where there is none. */
function blockAt(file: Uint8Array, directory: number): number | null {
  const mark = new TextDecoder().decode(file.subarray(Math.max(0, directory - 16), directory));
  return mark === "APK Sig Block 42" ? directory - 8 - u32(file, directory - 24, "le") : null;
}

/** The directory is where the first record stands that is followed by others up to the end, and as long. */
function mendZip(file: Uint8Array): void {
  const view = viewOf(file);
  const end = file.length - 22;
  if (end < 0 || view.getUint32(end, true) !== 0x0605_4b50) return;
  let start = end;
  let count = 0;
  for (let at = end - 46; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x0201_4b50) continue;
    const length =
      46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (at + length !== start) break;
    [start, count] = [at, count + 1];
  }
  view.setUint16(end + 8, count, true);
  view.setUint16(end + 10, count, true);
  view.setUint32(end + 12, end - start, true);
  view.setUint32(end + 16, start, true);
}
