/** RPM packages: lead and signature header stand before what is signed (rpm's "Package format"; `protocol/spec/normal-forms.md`). */
import { Cursor, equalBytes, fromHex } from "../bytes/index.ts";
import { MAX_RPM_SIGNATURE_BYTES, MAX_RPM_SIGNATURE_TAGS } from "../limits.ts";
import { cut } from "./edits.ts";
import type { CutSignature, Found } from "./form.ts";
import { isZero, malformed, octetsAt, tooBig } from "./reads.ts";
import type { FileReading, FileView } from "./reads.ts";
import { readSignatureStore } from "./rpm-store.ts";
import type { RpmEntry } from "./rpm-store.ts";

const LEAD_BYTES = 96;
const NAME_BYTES = 66;
const INTRO_BYTES = 16;
const ENTRY_BYTES = 16;
const ALIGNMENT = 8;
/** What every header begins with: its mark, version 1, four octets that are zero. */
const HEADER_MARK = fromHex("8eade80100000000");
const HEADER_SIGNATURE = 5;

/**
 * Lead and signature header are cut, with the padding behind: what is left begins with the main header, and is what an RPM's own digests and
 * signatures are over. It is its own normal form.
 */
export function* readRpm(view: FileView): FileReading<Found | null> {
  const begin = yield* octetsAt(view.size, { offset: 0, length: HEADER_MARK.length }, "an RPM");
  if (equalBytes(begin, HEADER_MARK)) return { edits: [], signatures: [] };
  lead(view, yield* octetsAt(view.size, { offset: 0, length: LEAD_BYTES }, "the lead"));
  const intro = new Cursor(
    yield* octetsAt(view.size, { offset: LEAD_BYTES, length: INTRO_BYTES }, "the signature header"),
  );
  if (!equalBytes(intro.take(HEADER_MARK.length), HEADER_MARK)) {
    throw malformed(LEAD_BYTES, "no signature header stands behind the lead");
  }
  const [count, length] = [intro.u32(), intro.u32()];
  if (count > MAX_RPM_SIGNATURE_TAGS) {
    throw tooBig(LEAD_BYTES, "a signature header, in tags,", count, MAX_RPM_SIGNATURE_TAGS);
  }
  if (length > MAX_RPM_SIGNATURE_BYTES) {
    throw tooBig(LEAD_BYTES, "a signature header", length, MAX_RPM_SIGNATURE_BYTES);
  }
  const index = LEAD_BYTES + INTRO_BYTES;
  const store = index + ENTRY_BYTES * count;
  const padding = (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
  const end = store + length + padding;
  const body = yield* octetsAt(view.size, { offset: index, length: end - index }, "the signature header");
  const main = yield* octetsAt(view.size, { offset: end, length: HEADER_MARK.length }, "the main header");
  if (!equalBytes(main, HEADER_MARK))
    throw malformed(end, "no main header stands behind the signature header");
  if (!isZero(body.subarray(body.length - padding))) {
    view.complain(store + length, "the padding behind the signature header is not zero");
  }
  const entries = entriesOf(body.subarray(0, ENTRY_BYTES * count));
  const octets = body.subarray(ENTRY_BYTES * count, body.length - padding);
  const signed = readSignatureStore(view, entries, { at: store, octets, signedBytes: view.size - end });
  return { edits: [cut(0, end)], signatures: signed === 0 ? [] : [header(end, signed)] };
}

function header(length: number, signed: number): CutSignature {
  return { kind: "rpm-header", at: 0, length, detail: `lead and signature header, ${signed} signed` };
}

/** rpm reads its mark alone, and writes it anew when it signs. */
function lead({ complain }: FileView, octets: Uint8Array): void {
  const cursor = new Cursor(octets.subarray(4));
  const [major, minor, type] = [cursor.u8(), cursor.u8(), cursor.u16()];
  if ((major !== 3 && major !== 4) || minor !== 0 || type > 1) {
    complain(4, `a lead of version ${major}.${minor} and type ${type}`);
  }
  cursor.u16(); // architecture
  const name = cursor.take(NAME_BYTES);
  const end = name.indexOf(0);
  const isName =
    end > 0 &&
    isZero(name.subarray(end)) &&
    name.subarray(0, end).every((octet) => octet > 0x20 && octet < 0x7f);
  if (!isName) complain(10, "the name in the lead is no name, or something stands behind it");
  cursor.u16(); // system
  if (cursor.u16() !== HEADER_SIGNATURE || !isZero(cursor.take(16))) {
    complain(78, "the lead does not end as one of a package with a signature header does");
  }
}

function entriesOf(index: Uint8Array): readonly RpmEntry[] {
  const cursor = new Cursor(index);
  const entries: RpmEntry[] = [];
  while (cursor.left > 0) {
    entries.push({ tag: cursor.u32(), type: cursor.u32(), offset: cursor.u32(), count: cursor.u32() });
  }
  return entries;
}
