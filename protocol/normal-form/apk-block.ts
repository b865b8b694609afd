/** The signing block of an APK (Android's APK signature scheme v2, v3, v3.1), between the files and the directory. */
import { viewOf } from "../bytes/index.ts";
import { ProtocolError } from "../errors.ts";
import { MAX_APK_SIGNERS } from "../limits.ts";
import { attempt, isZero } from "./reads.ts";
import type { FileView } from "./reads.ts";

const SIZE_BYTES = 8;
const ID_BYTES = 4;
const SCHEMES: ReadonlyMap<number, "v2" | "v3" | "v3.1"> = new Map([
  [0x7109_871a, "v2"],
  [0xf053_68c0, "v3"],
  [0x1b93_ad61, "v3.1"],
]);
const PADDING = 0x4272_6577;

/** Reads the pairs of a block, of which the first stands at octet `at`; answers with what they are, in words. */
export function readApkPairs(view: FileView, at: number, pairs: Uint8Array): string {
  const found: string[] = [];
  const seen = new Set<number>();
  const numbers = viewOf(pairs);
  for (let next = 0; next < pairs.length;) {
    const place = at + next;
    const left = pairs.length - next;
    const size = left < SIZE_BYTES + ID_BYTES ? 0n : numbers.getBigUint64(next, true);
    if (size < ID_BYTES || size > left - SIZE_BYTES) {
      view.complain(place, `a part of ${size} octets where ${left} are left in the signing block`);
      break;
    }
    const id = numbers.getUint32(next + SIZE_BYTES, true);
    const value = pairs.subarray(next + SIZE_BYTES + ID_BYTES, next + SIZE_BYTES + Number(size));
    if (seen.has(id)) view.complain(place, `the signing block has a second part 0x${id.toString(16)}`);
    seen.add(id);
    const read = attempt(view, place, () => pair(id, value));
    if (read !== null && read !== "") found.push(read);
    next += SIZE_BYTES + Number(size);
  }
  return found.join(", ");
}

function pair(id: number, value: Uint8Array): string {
  const scheme = SCHEMES.get(id);
  if (scheme !== undefined) return `${scheme}: ${signers(value, scheme !== "v2")} signed`;
  if (id !== PADDING) throw bad(`a part 0x${id.toString(16)} of the signing block is none that is read`);
  if (!isZero(value)) throw bad("the padding in the signing block is not zero");
  return "";
}

function signers(value: Uint8Array, isThird: boolean): number {
  const outer = new Parts(value);
  const list = outer.part();
  outer.done();
  const all = list.parts();
  if (all.length === 0 || all.length > MAX_APK_SIGNERS) throw bad(`${all.length} signers in a signing block`);
  for (const each of all) signer(each, isThird);
  return all.length;
}

function signer(part: Parts, isThird: boolean): void {
  const signed = part.part();
  if (isThird) part.skip(8); // the versions of Android that it is for
  for (const signature of part.part().parts()) {
    signature.skip(4); // algorithm
    signature.part();
    signature.done();
  }
  part.part(); // public key
  part.done();
  signedData(signed, isThird);
}

/** What the signature is over: digests, certificates, attributes. All of it is signed. */
function signedData(part: Parts, isThird: boolean): void {
  for (const digest of part.part().parts()) {
    digest.skip(4);
    digest.part();
    digest.done();
  }
  part.part().parts(); // certificates
  if (isThird) part.skip(8);
  for (const attribute of part.part().parts()) attribute.skip(4);
  // apksigner writes an empty part behind those of v2.
  if (!isThird && part.left > 0) part.part().done();
  part.done();
}

/** Parts of which each is preceded by its length. */
class Parts {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  get left(): number {
    return this.#octets.length - this.#at;
  }

  skip(length: number): void {
    if (length > this.left)
      throw bad(`${length} octets are due in a signing block where ${this.left} are left`);
    this.#at += length;
  }

  part(): Parts {
    const at = this.#at;
    this.skip(4);
    const length = viewOf(this.#octets).getUint32(at, true);
    this.skip(length);
    return new Parts(this.#octets.subarray(at + 4, at + 4 + length));
  }

  /** All of them, to the end. */
  parts(): readonly Parts[] {
    const all: Parts[] = [];
    while (this.left > 0) all.push(this.part());
    return all;
  }

  done(): void {
    if (this.left > 0) throw bad(`${this.left} octets of the signing block belong to nothing`);
  }
}

function bad(problem: string): ProtocolError {
  return new ProtocolError("normal-form/not-a-signature", problem);
}
