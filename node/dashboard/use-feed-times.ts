/** When each feed's key last confirmed its head: signatures are checked here, a few at a time so that the page goes on answering. */
import { useEffect, useState } from "preact/hooks";
import { ProtocolError, usableTime, utf8, verifyHead } from "../../protocol/index.ts";
import type { Feed } from "./answers.ts";

const AT_ONCE = 8;

/** ms since 1970, by origin; feeds without a time that holds, and is not ahead of the clock, are not in it. */
export function useFeedTimes(feeds: readonly Feed[]): ReadonlyMap<string, number> {
  const [times, setTimes] = useState<ReadonlyMap<string, number>>(new Map());
  useEffect(() => {
    let isOver = false;
    const check = async (): Promise<void> => {
      const found = new Map<string, number>();
      for (const [at, feed] of feeds.entries()) {
        const time = usableTime(timeOf(feed), Date.now());
        if (time !== null) found.set(feed.origin, time);
        if (at % AT_ONCE === AT_ONCE - 1) await new Promise((go) => setTimeout(go));
        if (isOver) return;
      }
      setTimes(found);
    };
    void check();
    return () => {
      isOver = true;
    };
  }, [feeds]);
  return times;
}

const checked = new Map<string, number | null>();
/** Notes whose times are remembered. */
const KEPT = 4_096;

function timeOf({ origin, timed }: Feed): number | null {
  if (timed === null) return null;
  const known = checked.get(timed);
  if (known !== undefined) return known;
  if (checked.size >= KEPT) checked.clear();
  const time = checkedTime(origin, timed);
  checked.set(timed, time);
  return time;
}

function checkedTime(origin: string, timed: string): number | null {
  try {
    const head = verifyHead(utf8(timed));
    return head.origin === origin && head.time !== null ? 1_000 * head.time : null;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
