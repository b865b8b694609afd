/** Builders: how much each has built, whom it agrees with, and how its feed grows. */
import type { VNode } from "preact";
import { parseOrigin, toHex } from "../../../protocol/index.ts";
import { readFeeds } from "../answers.ts";
import type { Feed } from "../answers.ts";
import type { LiveState } from "../live.ts";
import { Bars, Chart } from "../parts/index.ts";
import { readPicture } from "../picture.ts";
import type { BuilderCount, Picture } from "../picture.ts";
import { useAnswer } from "../use-answer.ts";
import { useFeedTimes } from "../use-feed-times.ts";
import { ago, many, number, share, short } from "../words.ts";

/** More do not fit on a page; the others stand in the list. */
const HEAT_BUILDERS = 24;
const NONE: readonly Feed[] = [];

export function Builders({ live }: { readonly live: LiveState }): VNode {
  const { value: picture, problem } = useAnswer("/v1/picture", readPicture, live.beat);
  const { value: feeds } = useAnswer("/v1/feeds", readFeeds, live.version);
  const builders = (picture?.builders ?? []).toSorted((a, b) => b.targets - a.targets);
  return (
    <>
      <div class="lead">
        <h1>{builders.length === 0 ? "Builders" : many(builders.length, "builder")}</h1>
        <p>
          A builder is whoever holds a key and signs what it got. Builders that agree with each other on
          thousands of files, and are run by different people, are worth more than any one of them.
        </p>
      </div>
      {problem !== null && <p class="problem">{problem}</p>}
      {picture !== null && (
        <section class="card" aria-labelledby="coverage">
          <header>
            <h2 id="coverage">What each has built</h2>
            <p>Files where it got the same as most, something else, or nothing.</p>
          </header>
          {builders.length === 0 ? (
            <p class="empty">Nobody has attested anything here yet.</p>
          ) : (
            <Bars
              most={Math.max(...builders.map(({ targets }) => targets))}
              bars={builders.map((builder) => ({
                name: live.names.of(builder.key),
                parts: [
                  { name: "same", count: builder.same, fill: "good" },
                  { name: "different", count: builder.different, fill: "bad" },
                  { name: "failed", count: builder.failed, fill: "quiet" },
                ],
                value: countWords(builder),
              }))}
            />
          )}
        </section>
      )}
      {picture !== null && picture.pairs.length > 0 && (
        <HeatCard picture={picture} builders={builders} live={live} />
      )}
      <FeedsCard feeds={feeds ?? NONE} live={live} />
    </>
  );
}

function countWords({ targets, same, different, failed }: BuilderCount): string {
  const words = [`${number(targets)} tried`];
  if (same + different > 0) words.push(`${share(same, same + different)} as most`);
  if (failed > 0) words.push(`${number(failed)} failed`);
  return words.join(" · ");
}

/** Each builder against each other: the share of the files of both on which they agree. */
function HeatCard({
  picture,
  builders,
  live,
}: {
  readonly picture: Picture;
  readonly builders: readonly BuilderCount[];
  readonly live: LiveState;
}): VNode {
  const shown = builders.slice(0, HEAT_BUILDERS);
  const pairs = new Map(
    picture.pairs.flatMap(
      (pair) =>
        [
          [`${pair.a} ${pair.b}`, pair],
          [`${pair.b} ${pair.a}`, pair],
        ] as const,
    ),
  );
  return (
    <section class="card" aria-labelledby="pairs">
      <header>
        <h2 id="pairs">Who agrees with whom</h2>
        <p>Of the files that both have built, the share on which they got the same bits.</p>
      </header>
      <div class="scroll" tabIndex={0} role="group" aria-label="Table, may be wider than the page">
        <table class="heat">
          <thead>
            <tr>
              <td />
              {shown.map(({ key }, at) => (
                <th key={key} scope="col" title={live.names.of(key)}>
                  <span aria-hidden="true">{at + 1}</span>
                  <span class="sr">{live.names.of(key)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ key }, at) => (
              <tr key={key}>
                <th scope="row">
                  {at + 1}. {live.names.of(key)}
                </th>
                {shown.map((other) => {
                  const pair = pairs.get(`${key} ${other.key}`);
                  const both = pair === undefined ? 0 : pair.same + pair.different;
                  return (
                    <td key={other.key} class={heatClass(pair?.same ?? 0, both)}>
                      {pair === undefined || both === 0 ? "" : share(pair.same, both).replace(" %", "")}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function heatClass(same: number, both: number): string {
  if (both === 0) return "";
  const part = same / both;
  return part >= 0.995 ? "heat-good" : part >= 0.9 ? "heat-fair" : part >= 0.5 ? "heat-warn" : "heat-bad";
}

function FeedsCard({ feeds, live }: { readonly feeds: readonly Feed[]; readonly live: LiveState }): VNode {
  const times = useFeedTimes(feeds);
  return (
    <section class="card" aria-labelledby="feeds">
      <header>
        <h2 id="feeds">Feeds</h2>
        <p>Each key signs into its own list, which may only grow. The times are checked in this page.</p>
      </header>
      {feeds.length === 0 ? (
        <p class="empty">This node holds no feed yet.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-label="Table, may be wider than the page">
          <table class="says">
            <thead>
              <tr>
                <th scope="col">Feed of</th>
                <th scope="col">Entries</th>
                <th scope="col">Last head</th>
                <th scope="col">State</th>
                <th scope="col">Growth</th>
              </tr>
            </thead>
            <tbody>
              {feeds.map((feed) => (
                <FeedLine key={feed.origin} feed={feed} time={times.get(feed.origin) ?? null} live={live} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function FeedLine({
  feed,
  time,
  live,
}: {
  readonly feed: Feed;
  readonly time: number | null;
  readonly live: LiveState;
}): VNode {
  const { origin, size, held, state, lifecycle, grown } = feed;
  const key = keyOf(origin);
  const isBad = state === "forked" || state === "withheld" || state === "oversized" || state === "lost";
  return (
    <tr>
      <td>
        <b>{live.names.of(key)}</b> <code class="soft">{short(key)}</code>
      </td>
      <td>
        {number(size)}
        {held < size && <span class="soft small"> ({number(held)} held)</span>}
      </td>
      <td>{time === null ? "no time known" : ago(time, Date.now())}</td>
      <td>
        <span class={`tag ${isBad ? "critical" : ""}`}>
          {state}
          {lifecycle === "active" || lifecycle === state ? "" : `, ${lifecycle}`}
        </span>
      </td>
      <td class="spark">
        {grown.length > 1 && (
          <Chart
            label={`From ${number(grown[0]?.size ?? 0)} to ${number(size)} entries`}
            height={34}
            x={grown.map((point) => point.time / 1_000)}
            lines={[{ label: "entries", colour: "accent", values: grown.map((point) => point.size) }]}
            isSmall
          />
        )}
      </td>
    </tr>
  );
}

function keyOf(origin: string): string {
  try {
    return toHex(parseOrigin(origin).key);
  } catch {
    return origin; // the node said something that is none; it is shown as it is
  }
}
