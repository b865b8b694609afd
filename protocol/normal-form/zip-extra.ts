/** What aligns a file in an APK: fields in the extra field of its local header, which say nothing else. */
import { viewOf } from "../bytes/index.ts";
import { MAX_APK_ALIGNMENT_BYTES } from "../limits.ts";
import { isZero } from "./reads.ts";

const FIELD_BYTES = 4;
/** Android's own: the alignment, then zeros. */
const ALIGNMENT = 0xd935;
/** What apksigner, zipalign and Gradle align to: 4 octets, or a page of 4 or 16 KB. */
const ALIGNMENTS: ReadonlySet<number> = new Set([4, 4_096, 16_384]);

/**
 * Where the aligning part of an extra field begins, and its length: all from an alignment field, or from zeros (zipalign's), to the end; 0 where there is none.
 * Fields before it stay as they are.
 */
export function alignmentIn(extra: Uint8Array): { readonly start: number; readonly length: number } {
  const view = viewOf(extra);
  let start = 0;
  while (start + FIELD_BYTES <= extra.length) {
    const [id, size] = [view.getUint16(start, true), view.getUint16(start + 2, true)];
    const rest = extra.subarray(start);
    if (id === ALIGNMENT) {
      const isIt =
        size >= 2 &&
        rest.length === FIELD_BYTES + size &&
        ALIGNMENTS.has(view.getUint16(start + 4, true)) &&
        isZero(rest.subarray(6));
      return isIt ? { start, length: rest.length } : { start: 0, length: 0 };
    }
    if (id === 0 && size === 0) break;
    start += FIELD_BYTES + size;
  }
  const rest = extra.subarray(Math.min(start, extra.length));
  return start <= extra.length && rest.length <= MAX_APK_ALIGNMENT_BYTES && isZero(rest)
    ? { start, length: rest.length }
    : { start: 0, length: 0 };
}
