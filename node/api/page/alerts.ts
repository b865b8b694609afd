/** Open alerts on the page: what was found, in plain words, the newest first. */
import {
  acknowledgedKey,
  alertOfMatter,
  alertWords,
  checkEvidence,
  matterOf,
  MAX_ALERTS_LOOKED_AT,
  MAX_ALERTS_SHOWN,
  ProtocolError,
  rowAt,
} from "../../../protocol/index.ts";
import type { Evidence, Finding, Policy } from "../../../protocol/index.ts";
import type { ApiNode } from "../api-node.ts";
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

/** One alert as an item of a list, in the words that `samebits watch` has for it. `now`: ms since 1970. */
export async function alertItem(finding: Finding, policy: Policy | null, now: number): Promise<Markup> {
  const { kind, purl, time, evidence, number } = finding;
  const alert = alertOfMatter(matterOf(finding, await provenBy(evidence)));
  const { headline, sentences, check } = alertWords(alert, policy, now);
  // What it means hangs on who got what: nothing is said of that where it is not known.
  const isKnown = alert.kind !== "contradiction" || alert.voices.length > 0;
  const meaning = (isKnown ? sentences : []).map((sentence) => html`<p>${foreign(sentence)}</p>`);
  const at = new Date(time).toISOString();
  return html`<li>
    <article>
      <h3>${foreign(headline)}</h3>
      ${meaning}
      <p>
        <small
          >${kind}${purl === null ? html`` : html` of ${foreign(purl)}`}, number ${number}, found
          <time datetime="${at}">${at}</time></small
        >
      </p>
      ${evidence === null ? html`` : proof(number)}
      ${check === null ? html`` : html`<p>Check it yourself: <code>${foreign(check)}</code></p>`}
    </article>
  </li>`;
}

/** What the evidence proves; null where there is none, or it does not hold. */
async function provenBy(evidence: Uint8Array | null): Promise<Evidence | null> {
  if (evidence === null) return null;
  try {
    return await checkEvidence(evidence);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

function proof(number: number): Markup {
  return html`<p>
    <a href="/v1/evidence?since=${number - 1}" rel="noreferrer">The evidence</a> proves itself offline.
  </p>`;
}
