import type { HeadView, Origin } from "../protocol/index.ts";
import type { Clock } from "./edges.ts";
import type { Log } from "./log.ts";
import { repeat } from "./repeat.ts";

const EVERY_MS = 60_000;

/**
 * Writes down which followed feeds have no room for what is missing of them, each once, and once more when it has. Strangers' feeds displace
 * each other all the time: nothing is said of them. Returns how to end that.
 */
export function logFull(feeds: () => Promise<readonly HeadView[]>, clock: Clock, log: Log): () => void {
  let known: ReadonlySet<Origin> = new Set();
  const say = (all: readonly HeadView[]): void => {
    const full = all.filter((feed) => feed.class === "followed" && feed.state === "full");
    for (const { origin, held } of full)
      if (!known.has(origin))
        log.warn(
          { event: "feed-full", feed: origin, held },
          "there is no room for more of a followed feed: give --max-followed more, or make room on the disk and start anew",
        );
    const now = new Set(full.map(({ origin }) => origin));
    for (const origin of known)
      if (!now.has(origin)) log.info({ event: "feed-has-room", feed: origin }, "there is room again");
    known = now;
  };
  // A node that stops answers nothing.
  return repeat(clock, EVERY_MS, () => void feeds().then(say, () => undefined));
}
