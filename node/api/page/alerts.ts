/** Open alerts on the page: what was found, in plain words, the newest first. */
import { acknowledgedKey, MAX_ALERTS_SHOWN, MAX_ALERTS_LOOKED_AT, rowAt } from "../../../protocol/index.ts";
import type { Finding } from "../../../protocol/index.ts";
import type { ApiNode } from "../api-node.ts";
import type { Names } from "./builder-names.ts";
import { foreign, html } from "./html.ts";
import type { Markup } from "./html.ts";

/** Findings read at once, from the newest backwards: so few that their evidence fits into one page of them (MAX_FINDINGS_BYTES). */
const STEP = 20;

/** The newest findings of which nobody has taken note, of the newest MAX_ALERTS_LOOKED_AT. */
export async function openAlerts(node: ApiNode, newest: number): Promise<readonly Finding[]> {
  const open: Finding[] = [];
  const first = Math.max(0, newest - MAX_ALERTS_LOOKED_AT);
  for (let end = newest; end > first && open.length < MAX_ALERTS_SHOWN; end -= STEP) {
    const since = Math.max(first, end - STEP);
    const { findings } = await node.findings(since, { limit: end - since, onlyProven: false });
    for (const finding of findings.filter(({ number }) => number <= end).toReversed())
      if (open.length < MAX_ALERTS_SHOWN && !(await isAcknowledged(node, finding))) open.push(finding);
  }
  return open;
}

async function isAcknowledged(node: ApiNode, { id }: Finding): Promise<boolean> {
  return (await node.read(rowAt(acknowledgedKey(id)))).rows.length > 0;
}

/** One alert as an item of a list. */
export function alertItem(finding: Finding, names: Names): Markup {
  const { kind, keys, purl, file, time, evidence, number, difference } = finding;
  const who = keys.map((key) => names.ofKey(key));
  const what = file === null ? html`` : html` for ${foreign(file)} <small>(${foreign(purl ?? "")})</small>`;
  const apart = difference
    ? html` <p>They state different inputs or build environments, which may explain it.</p>`
    : html``;
  const at = new Date(time).toISOString();
  return html`<li>
    <article>
      <h3>${headline(kind, who)}${what}</h3>
      <p>${meaningOf(kind)}</p>
      ${apart}
      <p>
        <small>${kind}, number ${number}, found <time datetime="${at}">${at}</time></small>
      </p>
      ${evidence === null ? html`` : proof(number)}
    </article>
  </li>`;
}

function proof(number: number): Markup {
  return html`<p>
    Check it yourself: <a href="/v1/evidence?since=${number - 1}" rel="noreferrer">the evidence</a> proves
    itself offline. Save it, and run <code>samebits evidence check FILE</code>.
  </p>`;
}

function headline(kind: Finding["kind"], who: readonly Markup[]): Markup {
  const [first = html`somebody`, second] = who;
  const both = second === undefined ? first : html`${first} and ${second}`;
  switch (kind) {
    case "contradiction":
      return html`${both} got different bits`;
    case "self-contradiction":
      return html`${first} signed two different results`;
    case "fork":
      return html`The feed of ${first} has two histories`;
    case "bad-leaf":
      return html`The feed of ${first} holds a broken entry of its own`;
    case "withheld":
      return html`The feed of ${first} shows entries that nobody hands out`;
    case "silent":
      return html`Nothing is heard of the feed of ${first}`;
    case "stale":
      return html`The key of the feed of ${first} says nothing any more`;
    case "rollback":
      return html`The key of ${first} went back to a shorter list`;
    case "own-elsewhere":
      return html`Others hold another state of this node's own feed`;
    case "refuted":
      return html`Somebody tried to frame ${first}`;
  }
}

function meaningOf(kind: Finding["kind"]): string {
  switch (kind) {
    case "contradiction":
      return "Both signed what they got, and it is not the same file. One of them, or what it built with, may be tampered with; or the package does not build the same twice. Do not install it before you know which.";
    case "self-contradiction":
      return "It signed two results for the same file and took neither back. Until it does, what it says of this file counts for nothing.";
    case "fork":
      return "Its key signed two lists that exclude each other: it shows different people different things, or somebody else has its key. None of its votes count any more.";
    case "bad-leaf":
      return "The feed gives an entry out as its own that its key never signed.";
    case "withheld":
      return "It has signed a longer list than anybody hands out. What is missing may be a dissent.";
    case "silent":
      return "It may be off, or somebody keeps its news from this node.";
    case "stale":
      return "Others show the feed, but its key has not said for hours that this is all. It may be off, or somebody keeps its news from this node.";
    case "rollback":
      return "It called a list its newest that is shorter than one it had signed before. A backup may have been restored; what it signed before still stands.";
    case "own-elsewhere":
      return "This node publishes nothing until that is cleared: its store may be an old one, or somebody else signs with its key.";
    case "refuted":
      return "Evidence came that does not hold. This says nothing against whom it is about.";
  }
}
