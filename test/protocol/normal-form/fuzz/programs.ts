/** Seams of programs: PE and Mach-O. */
import { viewOf } from "../../../../protocol/bytes/index.ts";
import { field, u32 } from "./shape.ts";
import type { Field, Shape } from "./shape.ts";

/** Of a PE file that is whole. */
export function peShape(file: Uint8Array): Shape {
  const pe = u32(file, 60, "le");
  const optional = pe + 24;
  const length = viewOf(file).getUint16(pe + 20, true);
  const directories = viewOf(file).getUint16(optional, true) === 0x10b ? 96 : 112;
  const entry = optional + directories + 32;
  const sections = optional + length;
  const count = viewOf(file).getUint16(pe + 6, true);
  const fields: Field[] = [
    field(60, 4, "le"),
    field(pe + 6, 2, "le"),
    field(pe + 20, 2, "le"),
    field(optional, 2, "le"),
    field(optional + 60, 4, "le"),
    field(optional + 64, 4, "le"),
    field(optional + directories - 4, 4, "le"),
    field(entry, 4, "le"),
    field(entry + 4, 4, "le"),
  ];
  const marks = [0, pe, optional, sections, sections + 40 * count, file.length];
  for (let i = 0; i < count; i++) {
    const at = sections + 40 * i;
    fields.push(field(at + 16, 4, "le"), field(at + 20, 4, "le"));
    marks.push(u32(file, at + 20, "le"), u32(file, at + 20, "le") + u32(file, at + 16, "le"));
  }
  const table = u32(file, entry, "le");
  for (
    let at = table === 0 ? file.length : table;
    at < file.length;
    at += Math.ceil(u32(file, at, "le") / 8) * 8
  ) {
    fields.push(field(at, 4, "le"), field(at + 4, 2, "le"), field(at + 6, 2, "le"));
    marks.push(at, at + 8, at + u32(file, at, "le"));
    for (let i = 0; i < 8; i++) fields.push(field(at + u32(file, at, "le") + i - 4, 1, "le"));
    // Lengths in the signature: of its first values, one inside the other.
    for (let i = 0; i < 24; i++) fields.push(field(at + 8 + i, 1, "le"));
  }
  return { file, fields, marks, mend: (changed) => mendPe(changed, table) };
}

/** The certificate table goes from where it was to the end. */
function mendPe(file: Uint8Array, table: number): void {
  const view = viewOf(file);
  const optional = view.getUint32(60, true) + 24;
  const entry = optional + (view.getUint16(optional, true) === 0x10b ? 96 : 112) + 32;
  if (table > 0 && view.getUint32(entry, true) === 0) view.setUint32(entry, table, true);
  const at = view.getUint32(entry, true);
  if (at > 0) view.setUint32(entry + 4, file.length - at, true);
}

/** Of a Mach-O file that is whole, thin or universal. */
export function machOShape(file: Uint8Array): Shape {
  const isFat = u32(file, 0, "be") === 0xcafe_babe;
  if (!isFat) {
    const { fields, marks } = slice(file, 0, file.length);
    return { file, fields, marks: [0, ...marks, file.length], mend: (changed) => mendThin(changed) };
  }
  const fields: Field[] = [field(4, 4, "be")];
  const marks = [0, 8, file.length];
  for (let i = 0; i < u32(file, 4, "be"); i++) {
    const at = 8 + 20 * i;
    for (let j = 0; j < 5; j++) fields.push(field(at + 4 * j, 4, "be"));
    const inner = slice(file, u32(file, at + 8, "be"), u32(file, at + 12, "be"));
    fields.push(...inner.fields);
    marks.push(at, ...inner.marks);
  }
  return { file, fields, marks, mend: mendFat };
}

function slice(
  file: Uint8Array,
  at: number,
  length: number,
): { readonly fields: readonly Field[]; readonly marks: readonly number[] } {
  const fields: Field[] = [field(at, 4, "le"), field(at + 16, 4, "le"), field(at + 20, 4, "le")];
  const header = u32(file, at, "le") === 0xfeed_facf ? 32 : 28;
  const marks = [at, at + header, at + length];
  const end = at + header + u32(file, at + 20, "le");
  for (let place = at + header; place < end; place += u32(file, place + 4, "le")) {
    marks.push(place);
    fields.push(field(place, 4, "le"), field(place + 4, 4, "le"));
    const kind = u32(file, place, "le");
    if (kind === 0x19) for (const i of [32, 40, 48]) fields.push(field(place + i, 4, "le"));
    if (kind !== 0x1d) continue;
    fields.push(field(place + 8, 4, "le"), field(place + 12, 4, "le"));
    const signature = at + u32(file, place + 8, "le");
    marks.push(signature);
    for (let i = 0; i < 40; i += 4) fields.push(field(signature + i, 4, "be"));
    const blobs = Math.min(16, u32(file, signature + 8, "be"));
    for (let i = 0; i < blobs; i++) {
      const blob = signature + u32(file, signature + 16 + 8 * i, "be");
      marks.push(blob);
      for (let j = 0; j < 44; j += 4) fields.push(field(blob + j, 4, "be"));
    }
  }
  marks.push(end);
  return { fields, marks };
}

/** __LINKEDIT and the signature end with the program. */
function mendThin(file: Uint8Array, at: number = 0, length: number = file.length): void {
  const view = viewOf(file);
  const end = Math.min(file.length - 8, at + 32 + view.getUint32(at + 20, true));
  let seen = 0;
  for (let place = at + 32; place < end && seen < 100; seen++) {
    const kind = view.getUint32(place, true);
    if (kind === 0x19 && new TextDecoder().decode(file.subarray(place + 8, place + 18)) === "__LINKEDIT") {
      const octets = length - view.getUint32(place + 40, true);
      view.setUint32(place + 48, Math.max(0, octets), true);
      view.setUint32(place + 32, Math.ceil(Math.max(0, octets) / 16_384) * 16_384, true);
    }
    if (kind === 0x1d)
      view.setUint32(place + 12, Math.max(0, length - view.getUint32(place + 8, true)), true);
    place += Math.max(8, view.getUint32(place + 4, true));
  }
  view.setUint32(at + 16, seen, true);
}

/** The last slice ends with the file. */
function mendFat(file: Uint8Array): void {
  const view = viewOf(file);
  const count = Math.min(16, view.getUint32(4));
  if (count === 0) return;
  const last = 8 + 20 * (count - 1);
  view.setUint32(last + 12, Math.max(0, file.length - view.getUint32(last + 8)));
  for (let i = 0; i < count; i++) mendThin(file, view.getUint32(16 + 20 * i), view.getUint32(20 + 20 * i));
}
