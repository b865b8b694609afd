/** The main facts of a node as one element of markup: what the page says without JavaScript. */
import {
  isAhead,
  MAX_FEEDS_SHOWN,
  MAX_PEERS_SHOWN,
  readPolicy,
  showTime,
  timeOfTimed,
  tried,
} from "../../../protocol/index.ts";
import type { FeedView, Policy } from "../../../protocol/index.ts";
import type { PictureView } from "../../picture/index.ts";
import type { ApiNode, PeerView } from "../api-node.ts";
import { alertItem, openAlerts } from "./alerts.ts";
import { Names } from "./builder-names.ts";
import { foreign, html } from "./html.ts";
import type { Markup } from "./html.ts";

/** The element `main` with the id `facts`. `now`: ms since 1970. */
export async function factsOf(node: ApiNode, now: number): Promise<Markup> {
  const status = await node.status();
  const alerts = await openAlerts(node, status.findings);
  const policy = firstPolicy(node.policies);
  const items = await Promise.all(alerts.map((finding) => alertItem(finding, policy, now)));
  const names = new Names(node.policies);
  const trouble = node.trouble();
  return html`<main id="facts">
    <p>
      Network <strong>${node.network}</strong>, peer <code>${node.peerId}</code>, as of
      <time datetime="${when(now)}">${when(now)}</time>.
    </p>
    ${trouble === null ? html`` : html`<p role="alert"><strong>Not well:</strong> ${trouble.message}</p>`}
    ${pictureSection(node.picture.view())} ${alertsSection(items, status.findings)}
    ${feedsSection(status.feeds, names, now)} ${peersSection(node.peers())}
  </main>`;
}

/** Agreement, and coverage by the number of independent builders. */
function pictureSection({ time, targets, agreement, byBuilders, unchecked, looking }: PictureView): Markup {
  const { same, majority, split, different, single } = agreement;
  const counts: readonly (readonly [string, number])[] = [
    ["All builders got the same bits", same],
    ["More than half got the same", majority],
    ["Split, with no majority", split],
    ["Nobody got the same as another", different],
    ["One builder alone", single],
  ];
  const left =
    unchecked > 0 ? html` ${unchecked} entries are still to be checked, and not counted yet.` : html``;
  const told =
    time === null
      ? html`<p>Not counted yet${looking ? "; this node is at it" : ""}.</p>`
      : html`${countTable("What builders say of each file", "Files", counts)}
          ${countTable("By how many independent builders", "Files", byBuilders.map(byNumber))}
          <p>
            ${targets} files, as of <time datetime="${when(time)}">${when(time)}</time>.${left}
            <a href="/v1/matrix?show=disagree">Those on which builders disagree</a>, as JSON.
          </p>`;
  return html`<section aria-labelledby="facts-agreement">
    <h2 id="facts-agreement">Agreement</h2>
    ${told}
  </section>`;
}

function byNumber({ builders, targets }: PictureView["byBuilders"][number]): readonly [string, number] {
  return [builders === 1 ? "1 builder" : `${builders} builders`, targets];
}

function countTable(caption: string, head: string, rows: readonly (readonly [string, number])[]): Markup {
  const lines = rows.map(
    ([name, count]) =>
      html`<tr>
        <th scope="row">${name}</th>
        <td>${count}</td>
      </tr>`,
  );
  return html`<table>
    <thead>
      <tr>
        <th scope="col">${caption}</th>
        <th scope="col">${head}</th>
      </tr>
    </thead>
    <tbody>
      ${lines}
    </tbody>
  </table>`;
}

/** By whose names alerts are told; null where the node has none that can be read. */
function firstPolicy([first]: ApiNode["policies"]): Policy | null {
  if (first === undefined) return null;
  return tried(() => readPolicy(first.text, first.name));
}

function alertsSection(items: readonly Markup[], all: number): Markup {
  const list =
    items.length > 0
      ? html`<ol>
          ${items}
        </ol>`
      : html`<p>None: nobody contradicts anybody, as far as this node knows.</p>`;
  const more =
    all > items.length ? html`<p><a href="/v1/findings">All ${all} findings</a>, as JSON.</p>` : html``;
  return html`<section aria-labelledby="facts-alerts">
    <h2 id="facts-alerts">Open alerts</h2>
    ${list}${more}
  </section>`;
}

/** Those of which the longest time nothing was heard stand first. */
function feedsSection(feeds: readonly FeedView[], names: Names, now: number): Markup {
  const heard = feeds
    .filter((feed) => feed.class !== "unknown")
    .map((feed) => ({ feed, time: timeOf(feed) }))
    .toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0));
  const rows = heard.slice(0, MAX_FEEDS_SHOWN).map(({ feed, time }) => feedRow(feed, time, names, now));
  const strangers = feeds.length - heard.length;
  return html`<section aria-labelledby="facts-feeds">
    <h2 id="facts-feeds">Feeds, those not heard of longest first</h2>
    ${rows.length > 0 ? feedsTable(rows) : html`<p>This node follows no feed yet.</p>`}
    <p>${heard.length - rows.length} more are followed; ${strangers} of strangers are known.</p>
  </section>`;
}

function feedsTable(rows: readonly Markup[]): Markup {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Builder</th>
        <th scope="col">State</th>
        <th scope="col">Entries held</th>
        <th scope="col">Last heard of</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function feedRow(feed: FeedView, time: number | null, names: Names, now: number): Markup {
  const own = feed.class === "own" ? " (this node's own)" : "";
  return html`<tr>
    <th scope="row">${names.ofFeed(feed.origin)}${own}</th>
    <td>${feed.lifecycle}, ${feed.state}</td>
    <td>${feed.held} of ${feed.size}</td>
    <td>${heardAt(time, now)}</td>
  </tr>`;
}

/** No calendar may have a time that is ahead of the clock, which says nothing either (RULES R10). */
function heardAt(time: number | null, now: number): Markup {
  if (time === null) return html`never`;
  if (isAhead(time, now)) return html`${showTime(time)}, ahead of the clock here`;
  return html`<time datetime="${when(time)}">${ago(now - time)} ago</time>`;
}

function peersSection(peers: readonly PeerView[]): Markup {
  const items = peers
    .slice(0, MAX_PEERS_SHOWN)
    .map(
      ({ peer, direction, addresses }) =>
        html`<li>
          <code>${peer}</code>, ${direction === "in" ? "called here" : "called by this node"},
          ${foreign(addresses[0] ?? "")}
        </li>`,
    );
  const list =
    items.length === 0
      ? html``
      : html`<ul>
          ${items}
        </ul>`;
  return html`<section aria-labelledby="facts-peers">
    <h2 id="facts-peers">Peers</h2>
    <p>${peers.length === 0 ? "Nobody is connected." : `${peers.length} connected.`}</p>
    ${list}
  </section>`;
}

/** ms since 1970 of what its own key said last; null where it has said no time. */
function timeOf({ timed }: FeedView): number | null {
  return timed === null ? null : 1_000 * timeOfTimed(timed);
}

function when(time: number): string {
  return new Date(time).toISOString();
}

/** In the largest unit of which it is two at least. */
function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  for (const [unit, length] of UNITS)
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)} ${unit}`;
  return `${seconds} seconds`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ["days", 86_400],
  ["hours", 3_600],
  ["minutes", 60],
];
