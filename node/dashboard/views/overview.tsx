/** How things stand: do all who built something get the same bits, and is there something to look at? */
import type { VNode } from "preact";
import type { Feed } from "../answers.ts";
import { readFeeds } from "../answers.ts";
import { openAlerts, tellAlert } from "../alert-words.ts";
import type { Alert } from "../alert-words.ts";
import { feedsByAge } from "../feed-ages.ts";
import type { LiveState } from "../live.ts";
import { Bars, Chart, StackedBar } from "../parts/index.ts";
import type { Part } from "../parts/index.ts";
import { readPicture } from "../picture.ts";
import type { Agreement, Picture } from "../picture.ts";
import { writeRoute } from "../route.ts";
import { useAnswer } from "../use-answer.ts";
import { useRow } from "../use-row.ts";
import { useFeedTimes } from "../use-feed-times.ts";
import { ago, many, number, share } from "../words.ts";

const ALERTS_SHOWN = 4;

export function Overview({ live }: { readonly live: LiveState }): VNode {
  const { value: picture, problem } = useAnswer("/v1/picture", readPicture, live.beat);
  const { value: feeds } = useAnswer("/v1/feeds", readFeeds, live.version);
  return (
    <>
      <div class="lead">
        <h1>{picture === null ? "Did everyone get the same bits?" : headline(picture)}</h1>
        <p>
          Independent builders compile the same packages and sign what they got. Where their files are equal
          bit for bit, no single one of them can have slipped something in. Where they are not, this page
          shows who differs.
        </p>
      </div>
      {problem !== null && <p class="problem">{problem}</p>}
      <div class="two">
        {picture !== null && <AgreementCard picture={picture} />}
        <AlertsCard live={live} />
      </div>
      {picture !== null && (
        <div class="two">
          <HistoryCard picture={picture} />
          <CoverageCard picture={picture} />
        </div>
      )}
      <div class="two">
        {feeds !== null && <FeedsCard feeds={feeds} />}
        <NumbersCard live={live} />
      </div>
    </>
  );
}

/** The answer to the one question that brings people here. */
function headline({ agreement, targets, time }: Picture): string {
  if (time === null) return "Did everyone get the same bits? The node is counting";
  if (targets === 0) return "Nobody has attested anything here yet";
  const { same, majority, split, different } = agreement;
  const compared = same + majority + split + different;
  if (compared === 0) return `${many(targets, "file")}, and no second builder for any of them yet`;
  if (same === compared) return `All ${many(compared, "file")} with more than one builder came out the same`;
  return `${share(same, compared)} of ${many(compared, "file")} came out the same for everyone`;
}

export function partsOf(agreement: Agreement): readonly Part[] {
  return [
    { name: "the same for all", count: agreement.same, fill: "good" },
    { name: "the same for most", count: agreement.majority, fill: "warn" },
    { name: "builders split", count: agreement.split, fill: "odd" },
    { name: "different for everyone", count: agreement.different, fill: "bad" },
    { name: "one builder alone", count: agreement.single, fill: "quiet" },
  ];
}

function AgreementCard({ picture }: { readonly picture: Picture }): VNode {
  return (
    <section class="card" aria-labelledby="agreement">
      <header>
        <h2 id="agreement">Agreement</h2>
        <p>
          {many(picture.targets, "file")}
          {picture.looking
            ? ", counting…"
            : picture.time === null
              ? ""
              : `, counted ${ago(picture.time, Date.now())}`}
        </p>
      </header>
      <StackedBar parts={partsOf(picture.agreement)} label="Files by agreement" />
      <p class="line">
        <a class="button" href={writeRoute("package", { show: "disagree" })}>
          Show what differs
        </a>
        <a class="button" href={writeRoute("package")}>
          Look for a package
        </a>
      </p>
    </section>
  );
}

function AlertsCard({ live }: { readonly live: LiveState }): VNode {
  const open = openAlerts(live.findings);
  return (
    <section class="card" aria-labelledby="open-alerts">
      <header>
        <h2 id="open-alerts">{open.length === 0 ? "Nothing to look at" : many(open.length, "open alert")}</h2>
        <p>
          {open.length === 0
            ? "No builder contradicts another, and no feed shows two faces, as far as this node has seen."
            : "The newest first. Each comes with its proof, which this page checks."}
        </p>
      </header>
      <ul class="checks">
        {open.slice(0, ALERTS_SHOWN).map((alert) => (
          <AlertLine key={alert.id} alert={alert} live={live} />
        ))}
      </ul>
      {open.length > ALERTS_SHOWN && <a href={writeRoute("alerts")}>All {number(open.length)} alerts</a>}
    </section>
  );
}

function AlertLine({ alert, live }: { readonly alert: Alert; readonly live: LiveState }): VNode {
  const [newest] = alert.findings;
  const row = useRow(newest, live.version);
  const { severity, headline: line } = tellAlert(alert, { row, sides: [] }, live.policies, Date.now());
  return (
    <li>
      <span class={`tag ${severity}`}>{severity}</span>
      <span>
        <a href={writeRoute("alerts", { id: alert.id })}>{line}</a>{" "}
        <span class="soft small">{ago(newest.time, Date.now())}</span>
      </span>
    </li>
  );
}

function HistoryCard({ picture: { history } }: { readonly picture: Picture }): VNode {
  const shareOf = ({ same, majority, split, different }: Agreement): number | null => {
    const compared = same + majority + split + different;
    return compared === 0 ? null : (100 * same) / compared;
  };
  const values = history.map(shareOf);
  const last = values.findLast((value) => value !== null);
  const least = Math.min(100, ...values.filter((value) => value !== null));
  const floor = Math.max(0, Math.floor((least - 2) / 5) * 5);
  return (
    <section class="card" aria-labelledby="history">
      <header>
        <h2 id="history">Agreement over time</h2>
        <p>Share of the files with several builders that came out the same for all of them.</p>
      </header>
      {history.length < 2 ? (
        <p class="empty">The line begins when the node has counted twice.</p>
      ) : (
        <Chart
          label={`Agreement over time, now ${last === undefined || last === null ? "unknown" : `${last.toFixed(1)} percent`}`}
          height={190}
          x={history.map(({ time }) => time / 1_000)}
          lines={[{ label: "the same for all", colour: "good-fill", values, filled: true }]}
          range={[floor, 100]}
          format={(value) => `${value} %`}
        />
      )}
    </section>
  );
}

function CoverageCard({ picture: { byBuilders } }: { readonly picture: Picture }): VNode {
  const rows = byBuilders.filter(({ targets }) => targets > 0);
  const words = rows.map(
    ({ builders, targets }) => `${many(targets, "file")} by ${many(builders, "builder")}`,
  );
  return (
    <section class="card" aria-labelledby="coverage">
      <header>
        <h2 id="coverage">Coverage</h2>
        <p>Files by how many independent builders have tried them. One alone proves nothing.</p>
      </header>
      {rows.length === 0 ? (
        <p class="empty">Nothing to count yet.</p>
      ) : (
        <Chart
          label={`Coverage: ${words.join(", ")}`}
          height={190}
          x={rows.map(({ builders }) => builders)}
          lines={[{ label: "files", colour: "accent", values: rows.map(({ targets }) => targets) }]}
          isTime={false}
          isBars
          format={number}
        />
      )}
    </section>
  );
}

function FeedsCard({ feeds }: { readonly feeds: readonly Feed[] }): VNode {
  const times = useFeedTimes(feeds);
  const bars = feedsByAge(
    feeds.map(({ origin }) => origin),
    times,
    Date.now(),
  );
  return (
    <section class="card" aria-labelledby="feeds">
      <header>
        <h2 id="feeds">Feeds by freshness</h2>
        <p>When each feed's key last confirmed its newest head. The signatures are checked in this page.</p>
      </header>
      <Bars
        bars={bars.map((bar) => ({ name: bar.name, parts: [bar], value: number(bar.count) }))}
        most={Math.max(1, ...bars.map(({ count }) => count))}
      />
    </section>
  );
}

function NumbersCard({ live: { status } }: { readonly live: LiveState }): VNode {
  return (
    <section class="card" aria-labelledby="numbers">
      <header>
        <h2 id="numbers">This node</h2>
        <p>What this page rests on: other nodes may know more.</p>
      </header>
      <dl class="three">
        <Figure name="Feeds" value={status?.feeds} note={`${number(status?.complete ?? 0)} held in full`} />
        <Figure name="Statements" value={status?.claims} note="signed by builders" />
        <Figure name="Entries" value={status?.entries} note="in the feeds" />
        <Figure name="Peers" value={status?.peers} note="connected now" />
      </dl>
      {typeof status?.trouble === "string" && <p class="problem">{status.trouble}</p>}
    </section>
  );
}

function Figure({
  name,
  value,
  note,
}: {
  readonly name: string;
  readonly value: number | undefined;
  readonly note: string;
}): VNode {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        {value === undefined ? "–" : number(value)}
        <small>{note}</small>
      </dd>
    </div>
  );
}
