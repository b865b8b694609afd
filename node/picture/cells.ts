/** What is said of a target by the rows of the index, as far as it is known who signed it. */
import {
  claimId,
  fromHex,
  MAX_PICTURE_ROWS,
  parseAttestation,
  placeOfRow,
  readClaimRow,
  rowAt,
  targetRange,
  toHex,
  tried,
} from "../../protocol/index.ts";
import type { ClaimKind, Row } from "../../protocol/index.ts";
import { NO_SIGNER } from "./book.ts";
import type { Place } from "./book.ts";
import type { Rows, Signatures } from "./signatures.ts";
import type { BuildersOf } from "./speakers.ts";
import type { Said } from "./types.ts";

/** A row of the index: a claim about the target, by whomsoever. */
export interface Hint extends Place {
  readonly kind: ClaimKind;
  readonly step: string;
  readonly sha256: string | null;
}

/** Something said, and where. */
export interface Cell extends Said, Place {}

/** All rows of a target, MAX_PICTURE_ROWS at most; `target`: the beginning of its key. */
export async function hintsOf(rows: Rows, target: Uint8Array): Promise<readonly Hint[]> {
  const hints: Hint[] = [];
  let range = targetRange(target, MAX_PICTURE_ROWS);
  for (;;) {
    const page = await rows.read(range);
    hints.push(...page.rows.flatMap(hintOf));
    const last = page.rows.at(-1);
    if (!page.more || last === undefined || hints.length >= MAX_PICTURE_ROWS) return hints;
    range = { ...range, from: rowAt(last.key).to, limit: MAX_PICTURE_ROWS - hints.length };
  }
}

function hintOf({ key, value }: Row): readonly Hint[] {
  const row = readClaimRow(value);
  if (row === null) return [];
  const { no, index } = placeOfRow(key);
  const sha256 = row.sha256 === null ? null : toHex(row.sha256);
  return [{ no, index, kind: row.kind, step: toHex(row.step), sha256 }];
}

/** Of these rows what is signed by somebody known. Where somebody has taken something back, the entries themselves say what. */
export async function cellsOf(
  signatures: Signatures,
  hints: readonly Hint[],
  buildersOf: BuildersOf,
): Promise<readonly Cell[]> {
  const signed = hints.flatMap((hint) => {
    const builder = signatures.book.signerOf(hint);
    return builder === null || builder === NO_SIGNER ? [] : [{ hint, builder }];
  });
  const retractions = signed.filter(({ hint }) => hint.kind === "retraction");
  const gone = retractions.length === 0 ? new Set<string>() : await takenBack(signatures, signed, buildersOf);
  return signed.flatMap(({ hint: { no, index, kind, step, sha256 }, builder }): Cell[] => {
    if (kind === "retraction") return [];
    return [{ no, index, builder, kind, step, sha256, retracted: gone.has(nameOf({ no, index })) }];
  });
}

/** Which of the entries a key of their own builder has taken back, in whatever order they came (RULES R17). */
async function takenBack(
  signatures: Signatures,
  signed: readonly { readonly hint: Hint; readonly builder: string }[],
  buildersOf: BuildersOf,
): Promise<ReadonlySet<string>> {
  const entries = new Map(signed.map((one) => [nameOf(one.hint), one]));
  const ids = new Map<string, readonly string[]>();
  const retracted = new Set<string>();
  for (const [name, { hint, builder }] of entries) {
    const octets = await signatures.entryAt(hint);
    const attestation = octets === null ? null : tried(() => parseAttestation(octets));
    if (attestation === null) continue;
    const own = claimId(fromHex(builder), attestation.signedBytes);
    const retracts = attestation.claims.flatMap((claim) => claim.retracts);
    const builders = buildersOf(builder);
    ids.set(
      name,
      builders.map((one) => `${one} ${own}`),
    );
    for (const one of builders) for (const id of retracts) retracted.add(`${one} ${id}`);
  }
  return new Set([...ids].flatMap(([name, own]) => (own.some((id) => retracted.has(id)) ? [name] : [])));
}

function nameOf({ no, index }: Place): string {
  return `${no}/${index}`;
}
