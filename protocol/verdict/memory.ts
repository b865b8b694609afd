/** What a verifier remembers of the feeds that it saw (RULES R22): a head that was seen once can't be taken back unnoticed. */
import { toHex } from "../bytes/index.ts";
import { MAX_CLOCK_SKEW_MS } from "../limits.ts";
import type { Findings, Remembered } from "./types.ts";

/** What to remember after a judgement: of each origin the largest head ever verified, and its newest time that is not ahead of `now`. */
export function rememberHeads(
  memory: ReadonlyMap<string, Remembered>,
  found: Pick<Findings, "entries" | "heads">,
  now: number,
): ReadonlyMap<string, Remembered> {
  const next = new Map(memory);
  const heads = [...found.heads.map(({ head }) => head), ...found.entries.flatMap(({ head }) => head ?? [])];
  for (const { origin, size, root, time } of heads) {
    const known = next.get(origin);
    const larger = known === undefined || size > known.size;
    const timeMs = time === null || time * 1000 > now + MAX_CLOCK_SKEW_MS ? null : time * 1000;
    next.set(origin, {
      size: larger ? size : known.size,
      root: larger ? toHex(root) : known.root,
      timeMs: Math.max(timeMs ?? 0, known?.timeMs ?? 0) || null,
    });
  }
  return next;
}
