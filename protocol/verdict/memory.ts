/** What a verifier remembers of the feeds that it saw (RULES R22): a head that was seen once can't be taken back unnoticed. */
import { toHex } from "../bytes/index.ts";
import type { Findings, Remembered } from "./types.ts";

/** What to remember after a judgement: of each origin the largest head ever verified, and when it was first seen. */
export function rememberHeads(
  memory: ReadonlyMap<string, Remembered>,
  found: Pick<Findings, "entries" | "heads">,
  now: number,
): ReadonlyMap<string, Remembered> {
  const next = new Map(memory);
  const heads = [...found.heads.map(({ head }) => head), ...found.entries.flatMap(({ head }) => head ?? [])];
  for (const { origin, size, root } of heads) {
    if (size > (next.get(origin)?.size ?? 0)) next.set(origin, { size, root: toHex(root), timeMs: now });
  }
  return next;
}
