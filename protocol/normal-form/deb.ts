/** Debian packages: members `_gpg…`, as debsigs appends them (deb(5), debsigs(1); `protocol/spec/normal-forms.md`). */
import { fromDecimal, tried } from "../bytes/index.ts";
import { MAX_CONTROL_MEMBERS, MAX_DEB_SIGNATURE_BYTES, MAX_DEB_SIGNATURES } from "../limits.ts";
import { cut } from "./edits.ts";
import type { Edit } from "./edits.ts";
import { NOT_READ } from "./form.ts";
import type { CutSignature, Found } from "./form.ts";
import { readOpenPgp } from "./openpgp.ts";
import { attempt, malformed, octetsAt, tooBig } from "./reads.ts";
import type { FileReading, FileView } from "./reads.ts";

const MAGIC_BYTES = 8;
const HEADER_BYTES = 60;
const FIRST = "debian-binary";
const LINE_FEED = 0x0a;
/** `_gpgorigin`, and who signed it in which role. */
const SIGNATURE_NAME = /^_gpg[a-z]{1,12}$/;
/** Time, owner, group, mode: digits and spaces, which nobody can write anything else into. */
const NUMBERS = /^[0-9]{0,12} *[0-9]{0,6} *[0-9]{0,6} *[0-7]{0,8} *$/;

/** A member of an ar archive; offsets are those of the file. */
interface Member {
  readonly name: string;
  /** Time, owner, group and mode. */
  readonly numbers: string;
  readonly at: number;
  readonly start: number;
  readonly size: number;
  /** Behind the padding. */
  readonly end: number;
}

/** Members `_gpg…` are cut, each with header and padding. Null for an archive that is no Debian package. */
export function* readDebForm(view: FileView): FileReading<Found | null> {
  const edits: Edit[] = [];
  const signatures: CutSignature[] = [];
  let count = 0;
  for (let at = MAGIC_BYTES; at < view.size; count++) {
    if (count === MAX_CONTROL_MEMBERS)
      throw tooBig(at, "an archive, in members,", count + 1, MAX_CONTROL_MEMBERS);
    const member = yield* memberAt(view.size, at);
    if (count === 0 && member.name !== FIRST) return null;
    at = member.end;
    if (!member.name.startsWith("_gpg")) continue;
    if (signatures.length === MAX_DEB_SIGNATURES) {
      throw tooBig(member.at, "a package, in signatures,", signatures.length + 1, MAX_DEB_SIGNATURES);
    }
    signatures.push(yield* signature(view, member));
    edits.push(cut(member.at, member.end - member.at));
  }
  return count === 0 ? null : { edits, signatures };
}

function* memberAt(size: number, at: number): FileReading<Member> {
  const bytes = yield* octetsAt(size, { offset: at, length: HEADER_BYTES }, "the header of an ar member");
  const header = new TextDecoder("latin1").decode(bytes);
  const length = tried(() => fromDecimal(header.slice(48, 58).trimEnd()));
  if (header.slice(58) !== "`\n" || length === null) throw malformed(at, "this is no header of an ar member");
  const start = at + HEADER_BYTES;
  const end = start + length + (length % 2);
  if (end > size)
    throw malformed(at, `a member of ${length} octets reaches beyond the file's end at octet ${size}`);
  const name = header.slice(0, 16).trimEnd().replace(/\/$/, "");
  return { name, numbers: header.slice(16, 48), at, start, size: length, end };
}

function* signature(view: FileView, member: Member): FileReading<CutSignature> {
  const { name, numbers, at, start, size, end } = member;
  if (size > MAX_DEB_SIGNATURE_BYTES) throw tooBig(at, `a member ${name}`, size, MAX_DEB_SIGNATURE_BYTES);
  const bytes = yield* octetsAt(view.size, { offset: start, length: end - start }, `the member ${name}`);
  if (!SIGNATURE_NAME.test(name)) view.complain(at, "a member's name begins with _gpg and is no role's");
  if (!NUMBERS.test(numbers))
    view.complain(at + 16, `the header of ${name} says more than time, owner and mode`);
  if (end > start + size && bytes[size] !== LINE_FEED)
    view.complain(start + size, `the padding behind ${name} is no line feed`);
  const count = attempt(view, start, () => readOpenPgp(bytes.subarray(0, size)));
  const detail = count === null ? NOT_READ : `OpenPGP, ${count} signed`;
  return { kind: "openpgp", at, length: end - at, detail: `${name}: ${detail}` };
}
