/** What one builder has signed of one file, with its proofs, all checked here from the bytes that the node hands out. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { toHex } from "../../../protocol/index.ts";
import type { Claim } from "../../../protocol/index.ts";
import { send } from "../ask.ts";
import type { BuilderNames } from "../builder-names.ts";
import { readFound } from "../found.ts";
import { checkStatement, seenWords } from "../statement.ts";
import type { Statement } from "../statement.ts";
import { ago, when } from "../words.ts";
import { Checks } from "./checks.tsx";

/** Whose statements on which file. */
export interface Wanted {
  readonly key: string;
  readonly file: string;
  readonly builder: string;
}

interface DialogProps {
  readonly wanted: Wanted;
  readonly names: BuilderNames;
  readonly onClose: () => void;
}

export function StatementDialog({ wanted, names, onClose }: DialogProps): VNode {
  const box = useRef<HTMLDialogElement>(null);
  const [statements, setStatements] = useState<readonly Statement[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    box.current?.showModal();
    statementsOf(wanted).then(setStatements, (error: unknown) =>
      setProblem(error instanceof Error ? error.message : String(error)),
    );
  }, [wanted]);
  return (
    <dialog ref={box} aria-labelledby="statement-title" onClose={onClose}>
      <div class="dialog-in">
        <header>
          <h2 id="statement-title">
            What {names.of(wanted.builder)} signed about {wanted.file}
          </h2>
          <p class="soft small">
            Checked by this page itself, from the signed bytes: it takes nobody's word.
          </p>
        </header>
        {problem !== null && <p class="problem">{problem}</p>}
        {statements === null && problem === null && (
          <p class="soft" role="status">
            Asking the node, then checking…
          </p>
        )}
        {statements?.length === 0 && (
          <p class="empty">The node holds no statement of this builder on this file.</p>
        )}
        {statements?.map((statement, at) => (
          <StatementShown key={at} statement={statement} wanted={wanted} />
        ))}
        <div class="line">
          <button type="button" class="button main" onClick={() => box.current?.close()}>
            Close
          </button>
        </div>
      </div>
    </dialog>
  );
}

async function statementsOf({ key, builder }: Wanted): Promise<readonly Statement[]> {
  const question = { targets: [key], builders: [builder], network: false };
  const { raw, network } = await send("/v1/query", question, readFound);
  const entries = raw.entries.filter(({ signer }) => toHex(signer) === builder);
  return Promise.all(entries.map((entry) => checkStatement(entry, raw.heads, network)));
}

function StatementShown({
  statement,
  wanted,
}: {
  readonly statement: Statement;
  readonly wanted: Wanted;
}): VNode {
  const { signature, inclusion, place, seen, text, reports } = statement;
  const claims = statement.claims.filter(({ target }) => target?.keyHex === wanted.key);
  return (
    <section class="card">
      <Checks
        checks={[
          { name: "Signature", ...signature },
          { name: "Inclusion proof", ...inclusion },
        ]}
      />
      {!signature.holds && (
        <p class="problem">
          The node handed out a statement that its builder did not sign so. Believe nothing that stands in it,
          and ask who runs the node.
        </p>
      )}
      <dl class="facts">
        {claims.map((claim, at) => (
          <ClaimFacts key={at} claim={claim} />
        ))}
        <dt>Key</dt>
        <dd class="mono">{statement.signer}</dd>
        {place !== null && (
          <>
            <dt>Feed</dt>
            <dd class="mono">
              {place.origin}, entry {place.index}
            </dd>
            <dt>In the feed since</dt>
            <dd>{seenWords(seen, Date.now())}</dd>
          </>
        )}
      </dl>
      {reports.map((report) => (
        <p key={report}>
          <a href={report} target="_blank" rel="noopener noreferrer">
            diffoscope's report, as the builder names it
          </a>{" "}
          <span class="soft small">(on another site, not checked)</span>
        </p>
      ))}
      {text !== "" && (
        <details>
          <summary>The whole statement</summary>
          <pre class="code" tabIndex={0} aria-label="Statement">
            {text}
          </pre>
        </details>
      )}
    </section>
  );
}

function ClaimFacts({ claim }: { readonly claim: Claim }): VNode {
  const { kind, sha256, how, step, time, reason } = claim;
  return (
    <>
      <dt>It says</dt>
      <dd>{claimWords(kind, how, step)}</dd>
      {sha256 !== null && (
        <>
          <dt>SHA-256</dt>
          <dd class="mono">{toHex(sha256)}</dd>
        </>
      )}
      <dt>When</dt>
      <dd>
        {time === null ? "it does not say" : `${when(time)} (${ago(time, Date.now())}), by its own word`}
      </dd>
      {reason !== null && (
        <>
          <dt>Why</dt>
          <dd>{reason}</dd>
        </>
      )}
    </>
  );
}

function claimWords(kind: Claim["kind"], how: Claim["how"], step: string): string {
  const words = {
    built: "built it",
    compared: "compared it with its own build",
    imported: "took it from another's statement",
  };
  switch (kind) {
    case "positive":
      return `step ${step}: ${words[how]} and got this file`;
    case "failed":
      return `step ${step}: the build failed`;
    case "differs":
      return `step ${step}: it got something else than this file`;
    case "retraction":
      return "it takes back what it said before";
  }
}
