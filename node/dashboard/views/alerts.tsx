/** Alerts: what was found, in plain words, with its proof, which is checked here before anything is said of it. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { alertsOf, strangersIn, tellAlert } from "../alert-words.ts";
import type { Alert } from "../alert-words.ts";
import { checkFinding } from "../finding.ts";
import type { Finding, Proof, Side } from "../finding.ts";
import type { LiveState } from "../live.ts";
import { rowOf } from "../matrix.ts";
import { Checks, Command } from "../parts/index.ts";
import type { MatrixTarget } from "../picture.ts";
import { writeRoute } from "../route.ts";
import { useRow } from "../use-row.ts";
import { ago, many, packageName, when } from "../words.ts";
import { Acknowledge } from "./acknowledge.tsx";

/** Cards drawn at first, and more at a time: each asks the node and checks a proof. */
const CARDS = 12;
/** Proofs of one alert that are checked here; the others say the same of other pairs. */
const PROOFS = 6;

interface AlertsProps {
  readonly live: LiveState;
  readonly parameters: ReadonlyMap<string, string>;
  readonly onAcknowledged: (id: string, note: string) => void;
}

export function Alerts({ live, parameters, onAcknowledged }: AlertsProps): VNode {
  const [shown, setShown] = useState(CARDS);
  const wanted = parameters.get("id") ?? null;
  const all = alertsOf(live.findings);
  const one = all.filter(({ id }) => id === wanted);
  const listed = one.length > 0 ? one : all;
  const open = listed.filter(({ isAcknowledged }) => !isAcknowledged);
  const seen = listed.filter(({ isAcknowledged }) => isAcknowledged);
  const card = (alert: Alert): VNode => (
    <AlertCard key={alert.id} alert={alert} live={live} onAcknowledged={onAcknowledged} />
  );
  return (
    <>
      <div class="lead">
        <h1>{open.length === 0 ? "No open alerts" : many(open.length, "open alert")}</h1>
        <p>
          An alert says what was found, not who is to blame. Its proof is checked by this page; you can take
          it with you and check it on any other machine.
        </p>
        {one.length > 0 && all.length > 1 && (
          <a href={writeRoute("alerts")}>All {many(all.length, "alert")}</a>
        )}
      </div>
      {open.slice(0, shown).map(card)}
      {open.length > shown && (
        <p>
          <button type="button" class="button" onClick={() => setShown(shown + CARDS)}>
            Show more
          </button>
        </p>
      )}
      {seen.length > 0 && (
        <details open={one.length > 0}>
          <summary>{many(seen.length, "alert")} that somebody has seen to</summary>
          {seen.slice(0, shown).map(card)}
        </details>
      )}
    </>
  );
}

interface CardProps {
  readonly alert: Alert;
  readonly live: LiveState;
  readonly onAcknowledged: (id: string, note: string) => void;
}

function AlertCard({ alert, live, onAcknowledged }: CardProps): VNode {
  const [newest] = alert.findings;
  const row = useRow(newest, live.version);
  const proofs = useProofs(alert);
  const sides = (proofs ?? []).flatMap((proof) => (proof.kind === "holds" ? proof.sides : []));
  const told = tellAlert(alert, { row, sides }, live.policies, Date.now());
  const { severity, headline, sentences, check } = told;
  return (
    <article class={`card alert ${severity}`} aria-label={headline}>
      <header>
        <span class="line">
          <span class={`tag ${severity}`}>{severity}</span>
          <span class="soft small">
            {alert.findings[0].kind} · found {ago(newest.time, Date.now())}, {when(newest.time)}
          </span>
        </span>
        <h2>{headline}</h2>
        {newest.purl !== null && newest.file !== null && (
          <p>
            <a href={writeRoute("package", { purl: newest.purl, file: newest.file })}>
              {packageName(newest.purl)}, and what all builders got
            </a>
          </p>
        )}
      </header>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <Sides finding={newest} sides={sides} row={row} live={live} />
      <Proofs alert={alert} proofs={proofs} check={check} />
      <Acknowledge alert={alert} onAcknowledged={onAcknowledged} />
    </article>
  );
}

/** Null until they are checked. */
function useProofs({ findings }: Alert): readonly Proof[] | null {
  const [proofs, setProofs] = useState<readonly Proof[] | null>(null);
  const numbers = findings.map(({ number }) => number).join(" ");
  useEffect(() => {
    let isOver = false;
    void Promise.all(findings.slice(0, PROOFS).map(checkFinding)).then((checked) => {
      if (!isOver) setProofs(checked);
    });
    return () => {
      isOver = true;
    };
  }, [numbers]);
  return proofs;
}

interface SidesProps {
  readonly finding: Finding;
  readonly sides: readonly Side[];
  readonly row: MatrixTarget | null;
  readonly live: LiveState;
}

/** The results beside each other: who got which, by proofs that hold, and who else did, as the node counts it. */
function Sides({ finding, sides, row, live }: SidesProps): VNode | null {
  const { step } = finding;
  const steps = row === null ? [] : rowOf(row).steps.filter((one) => step === null || one.step === step);
  const results = steps.flatMap((one) => one.results);
  const strangers = strangersIn(row, live.policies);
  const digests = new Set([...results.map(({ sha256 }) => sha256), ...sides.map(({ sha256 }) => sha256)]);
  if (sides.length === 0) return null;
  return (
    <div class="sides">
      {[...digests].map((sha256) => {
        const proven = new Map(
          sides.filter((side) => side.sha256 === sha256).map((side) => [side.key, side]),
        );
        const counted = results.find((result) => result.sha256 === sha256);
        const others = (counted?.builders ?? []).filter((key) => !proven.has(key));
        const voters = counted?.voters ?? 0;
        return (
          <div class="side" key={sha256}>
            <span>
              <b>{voters > 0 ? many(voters, "builder") : many(proven.size + others.length, "key")}</b> got
            </span>
            <span class="digest">
              {sha256.slice(0, 8)}
              <i>{sha256.slice(8)}</i>
            </span>
            {[...proven.values()].map((side) => (
              <span key={side.key} class="small">
                {sideWords(side, live)}
                {strangers.has(side.key) && "; not counted by this node"}
              </span>
            ))}
            {others.length > 0 && (
              <span class="small soft">
                {others.map((key) => live.names.of(key)).join(", ")}: as the node counts
              </span>
            )}
          </div>
        );
      })}
    </div>
  );
}

function sideWords({ key, how, time }: Side, live: LiveState): string {
  const at = time === null ? "" : `, ${when(time)}`;
  return `${live.names.of(key)}: ${how}${at}; signature checked`;
}

function Proofs({
  alert,
  proofs,
  check,
}: {
  readonly alert: Alert;
  readonly proofs: readonly Proof[] | null;
  readonly check: string | null;
}): VNode {
  if (proofs === null)
    return (
      <p class="soft" role="status">
        Checking the proof…
      </p>
    );
  const held = proofs.filter((proof) => proof.kind === "holds");
  const bad = proofs.filter((proof) => proof.kind === "bad");
  if (held.length + bad.length === 0)
    return (
      <p class="note">There is no proof of this: it is what this node saw, and proves nothing to others.</p>
    );
  return (
    <>
      <Checks
        checks={[
          ...(held.length === 0
            ? []
            : [
                {
                  name: held.length === 1 ? "The proof" : `Each of ${held.length} proofs`,
                  holds: true,
                  words: "checked here, in your browser, from the signed bytes",
                },
              ]),
          ...bad.map(({ words }) => ({ name: "A proof", holds: false, words })),
        ]}
      />
      {bad.length > 0 && (
        <p class="problem">
          The node hands out a proof that proves nothing. Hold nothing against anybody because of it.
        </p>
      )}
      <details>
        <summary>What is proven, what is not, and how to check it yourself</summary>
        {held.slice(0, 1).map(({ lines }, at) => (
          <pre key={at} class="code" tabIndex={0} aria-label="What is proven">
            {lines.join("\n")}
          </pre>
        ))}
        <p class="line">
          <SaveProof finding={alert.findings[0]} /> then, on any machine:
        </p>
        <Command text="samebits evidence check evidence.json" />
        {check !== null && (
          <>
            <p class="soft small">Or, where a node of yours runs:</p>
            <Command text={check} />
          </>
        )}
      </details>
    </>
  );
}

function SaveProof({ finding }: { readonly finding: Finding }): VNode | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (finding.evidence === null) return undefined;
    const made = URL.createObjectURL(
      new Blob([finding.evidence.slice(), "\n"], { type: "application/json" }),
    );
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [finding.id]);
  if (url === null) return null;
  return (
    <a class="button" href={url} download="evidence.json">
      Save the proof
    </a>
  );
}
