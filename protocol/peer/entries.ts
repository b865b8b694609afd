/** From places in feeds to the entries that stand there. */
import { entryKey, packKey, packStart, runOf } from "./entry-rows.ts";
import { readAll } from "./reads.ts";
import { rowAt } from "./rows.ts";
import type { Turn } from "./turn.ts";

/** Where an entry stands. */
export interface EntryPlace {
  readonly no: number;
  readonly index: number;
}

/** The entries, in the order of the places; null where there is none. Feeds are numbered from 1: number 0 has none. */
export function readEntries(
  turn: Turn,
  places: readonly EntryPlace[],
  done: (entries: readonly (Uint8Array | null)[]) => void,
  failed: (code: string) => void,
): void {
  const packs = new Map<string, EntryPlace>();
  for (const { no, index } of places) packs.set(nameOfPack({ no, index }), { no, index: packStart(index) });
  readAll(
    turn,
    [...packs.values()].map(({ no, index }) => rowAt(packKey(no, index))),
    (rows) => {
      const held = new Map([...packs.keys()].map((name, i) => [name, rows[i]?.[0]]));
      const found = places.map((place) => {
        const row = held.get(nameOfPack(place));
        return row === undefined ? null : (runOf(row).entries[place.index - packStart(place.index)] ?? null);
      });
      const others = places.filter((_, i) => found[i] === null);
      readAll(
        turn,
        others.map(({ no, index }) => rowAt(entryKey(no, index))),
        (single) => {
          let next = 0;
          done(found.map((entry) => entry ?? single[next++]?.[0]?.value ?? null));
        },
        failed,
      );
    },
    failed,
  );
}

function nameOfPack({ no, index }: EntryPlace): string {
  return `${no}/${packStart(index)}`;
}
