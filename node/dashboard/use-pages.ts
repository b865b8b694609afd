/** Pages of a long answer, the next one asked for when it is wanted; begun again when there is news. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RecordShape } from "../../protocol/index.ts";
import { ask } from "./ask.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where to go on; null at the end. */
  readonly next: string | null;
}

export interface Pages<Item> {
  readonly items: readonly Item[];
  readonly problem: string | null;
  readonly isLoading: boolean;
  /** Asks for the next page, if there is one and none is under way. */
  readonly more: () => void;
}

interface Loaded<Item> extends Page<Item> {
  readonly path: string;
  readonly problem: string | null;
}

const PAGE = 200;

/** `read` has to be the same function each time. */
export function usePages<Item>(
  path: string,
  read: (root: RecordShape) => Page<Item>,
  version: number,
): Pages<Item> {
  const [loaded, setLoaded] = useState<Loaded<Item>>({ path: "", items: [], next: null, problem: null });
  const [isLoading, setIsLoading] = useState(true);
  const underWay = useRef<AbortController | null>(null);
  const load = (after: string | null, before: readonly Item[], limit: number): void => {
    underWay.current?.abort();
    const stop = new AbortController();
    underWay.current = stop;
    setIsLoading(true);
    const settle = (change: Omit<Loaded<Item>, "path">): void => {
      underWay.current = null;
      setIsLoading(false);
      setLoaded({ path, ...change });
    };
    firstFilled(path, after, limit, read, stop.signal).then(
      ({ items, next }) => settle({ items: [...before, ...items], next, problem: null }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        settle({
          items: before,
          next: null,
          problem: error instanceof Error ? error.message : String(error),
        });
      },
    );
  };
  useEffect(() => {
    // A reader in the middle of a long list is not taken back to its beginning.
    if (loaded.path !== path || loaded.items.length <= PAGE) load(null, [], PAGE);
    return () => underWay.current?.abort();
  }, [path, version]);
  const isCurrent = loaded.path === path;
  return {
    items: isCurrent ? loaded.items : [],
    problem: isCurrent ? loaded.problem : null,
    isLoading,
    more: () => {
      if (isCurrent && loaded.next !== null && underWay.current === null)
        load(loaded.next, loaded.items, PAGE);
    },
  };
}

/** The next page with something in it: one may be empty where much had to be looked through. */
async function firstFilled<Item>(
  path: string,
  after: string | null,
  limit: number,
  read: (root: RecordShape) => Page<Item>,
  signal: AbortSignal,
): Promise<Page<Item>> {
  for (let from = after; ;) {
    const cursor = from === null ? "" : `&after=${encodeURIComponent(from)}`;
    const page = await ask(`${path}&limit=${limit}${cursor}`, read, signal);
    if (page.items.length > 0 || page.next === null) return page;
    from = page.next;
  }
}
