/** Drawing lots: each is as likely as any other, so that nobody who knows the rules can choose who goes, or who is asked. */

/** One of them; null where there is none. */
export function byLot<T>(all: readonly T[], rng: () => number): T | null {
  return all[Math.floor(rng() * all.length)] ?? null;
}

/** Takes one of them out; null where there is none. */
export function drawLot<T>(all: T[], rng: () => number): T | null {
  const [drawn] = all.splice(Math.floor(rng() * all.length), 1);
  return drawn ?? null;
}

/** All of them, in an order by lot. */
export function shuffled<T>(all: readonly T[], rng: () => number): readonly T[] {
  return all
    .map((one) => ({ one, lot: rng() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ one }) => one);
}
