/** A verdict for people: the answer, who says what, and what it rests on. */
import type { VNode } from "preact";
import { artifactName, toHex } from "../../../protocol/index.ts";
import type { Verdict, Vote, VoteKind } from "../../../protocol/index.ts";
import type { NamedPolicy, Result } from "../checking.ts";
import type { DroppedFile, Judgement } from "../judging.ts";
import type { LiveState } from "../live.ts";
import type { CellState } from "../matrix.ts";
import { Checks, Mark } from "../parts/index.ts";
import { many, packageName, short } from "../words.ts";

interface ShownProps {
  readonly file: DroppedFile;
  readonly result: Result;
  readonly policy: NamedPolicy | null;
  readonly live: LiveState | null;
  readonly onChosen: (key: string) => void;
}

export function ResultShown({ file, result, policy, live, onChosen }: ShownProps): VNode {
  const { judgement, target, targets } = result;
  const sha256 = toHex(file.sha256);
  return (
    <section class="card" aria-label="Result" aria-live="polite">
      {judgement === null ? (
        <NoVerdict result={result} sha256={sha256} policy={policy} />
      ) : (
        <Answer judgement={judgement} />
      )}
      <dl class="facts">
        <dt>Your file</dt>
        <dd>{file.name}</dd>
        <dt>SHA-256</dt>
        <dd class="mono">{sha256}</dd>
        {target !== null && (
          <>
            <dt>Judged as</dt>
            <dd class="mono">{target.purl}</dd>
          </>
        )}
      </dl>
      {targets.length > 1 && (
        <label class="field">
          Builders know it as several packages; it is judged as
          <select value={target?.keyHex ?? ""} onChange={(event) => onChosen(event.currentTarget.value)}>
            {targets.map(({ keyHex, purl }) => (
              <option key={keyHex} value={keyHex}>
                {packageName(purl)}
              </option>
            ))}
          </select>
        </label>
      )}
      {judgement !== null && <Votes verdict={judgement.verdict} />}
      {judgement !== null && <Junk judgement={judgement} />}
      {judgement === null && <Statements result={result} sha256={sha256} live={live} />}
    </section>
  );
}

type Tone = "good" | "bad" | "warn";

function Answer({ judgement: { verdict } }: { readonly judgement: Judgement }): VNode {
  const { tone, sign, words } = answerOf(verdict);
  return (
    <div class={`verdict ${tone}`}>
      <span class="sign" aria-hidden="true">
        {sign}
      </span>
      <div>
        <h2>{words}</h2>
        {verdict.rule !== null && (
          <p>
            {artifactName(verdict.artifact)}: {verdict.agreeing} of {verdict.needed} needed agree, by the rule
            “{verdict.rule}”.
          </p>
        )}
        {verdict.reasons.map((reason) => (
          <p key={reason}>{`${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`}</p>
        ))}
        {verdict.next !== null && <p>Next: {verdict.next}.</p>}
      </div>
    </div>
  );
}

function answerOf({ verdict, problem, decision, contradiction }: Verdict): {
  readonly tone: Tone;
  readonly sign: string;
  readonly words: string;
} {
  if (problem === "no-rule")
    return { tone: "warn", sign: "?", words: "The policy has no rule for this file" };
  if (problem === "misfit") return { tone: "bad", sign: "✗", words: "It is not what it should be" };
  switch (verdict) {
    case "reproduced":
      return contradiction === null
        ? { tone: "good", sign: "✓", words: "Reproduced: independent builders got these very bits" }
        : { tone: "warn", sign: "!", words: "Reproduced, though somebody got other bits" };
    case "contradicted":
      return {
        tone: "bad",
        sign: "✗",
        words: decision === "refuse" ? "Not the same bits. Do not install it" : "Not the same bits",
      };
    case "pending":
      return { tone: "warn", sign: "…", words: "Not enough is known yet" };
  }
}

const VOTES: Readonly<Record<VoteKind, readonly [CellState, string]>> = {
  agrees: ["same", "got this file"],
  contradicts: ["other", "got another file"],
  differs: ["told", "got another file from other inputs"],
  failed: ["failed", "could not build it"],
  absent: ["none", "does not have it"],
  silent: ["none", "says nothing"],
  unasked: ["none", "nothing of it is here"],
  stale: ["failed", "its statement is too old"],
  excluded: ["failed", "does not count"],
};

function Votes({ verdict: { votes, chain } }: { readonly verdict: Verdict }): VNode | null {
  if (votes.length === 0) return null;
  return (
    <div class="scroll">
      <table class="says">
        <thead>
          <tr>
            <th scope="col">Builder</th>
            <th scope="col">Says, by its signature</th>
            <th scope="col">Where it stands</th>
          </tr>
        </thead>
        <tbody>
          {chain === undefined
            ? votes.map((vote) => <VoteLine key={vote.builder} vote={vote} />)
            : chain.flatMap(({ step, votes: some }) =>
                some.map((vote) => <VoteLine key={`${step} ${vote.builder}`} vote={vote} step={step} />),
              )}
        </tbody>
      </table>
    </div>
  );
}

function VoteLine({ vote, step }: { readonly vote: Vote; readonly step?: string }): VNode {
  const [state, words] = VOTES[vote.vote];
  return (
    <tr>
      <td>
        <b>{vote.builder}</b>
        {step !== undefined && <span class="soft small"> in the step “{step}”</span>}
        {vote.operator !== vote.builder && <span class="soft small"> run by {vote.operator}</span>}
      </td>
      <td>
        <span class="line">
          <Mark state={state} /> {words} {vote.sha256 !== null && <code>{short(vote.sha256)}</code>}
        </span>
        {vote.reason !== null && !(vote.sha256 !== null && vote.reason.startsWith("it got ")) && (
          <span class="soft small">{vote.reason}</span>
        )}
      </td>
      <td class="small">
        {vote.feed === null || vote.index === null ? (
          <span class="soft">in no feed, as far as is proven</span>
        ) : (
          `entry ${vote.index} of a feed, proven`
        )}
      </td>
    </tr>
  );
}

/** What was handed over and does not hold: it decided nothing, and tells something of who handed it over. */
function Junk({ judgement: { junk, statements, strangers } }: { readonly judgement: Judgement }): VNode {
  const bad = [...junk.values()].reduce((sum, count) => sum + count, 0);
  return (
    <>
      <Checks
        checks={[
          {
            name: statements === 1 ? "The statement" : `Each of ${many(statements, "statement")}`,
            holds: true,
            words: `by builders of the policy, signatures and places in feeds checked here${strangers === 0 ? "" : `; ${many(strangers, "statement")} of others count for nothing`}`,
          },
        ]}
      />
      {bad > 0 && (
        <p class="problem" role="alert">
          {many(bad, "item")} that the node handed out {bad === 1 ? "does" : "do"} not hold (
          {[...junk.keys()].join(", ")}). They were left out. The node is broken, or it lies: ask another one.
        </p>
      )}
    </>
  );
}

function NoVerdict({
  result,
  sha256,
  policy,
}: {
  readonly result: Result;
  readonly sha256: string;
  readonly policy: NamedPolicy | null;
}): VNode {
  const good = result.statements.filter(({ signature }) => signature.holds);
  const saying = good.filter(({ claims }) =>
    claims.some(
      (claim) => claim.kind === "positive" && claim.sha256 !== null && toHex(claim.sha256) === sha256,
    ),
  );
  const isKnown = result.target !== null;
  return (
    <div class="verdict warn">
      <span class="sign" aria-hidden="true">
        ?
      </span>
      <div>
        <h2>{isKnown ? "No verdict without a policy" : "Nobody here knows this file"}</h2>
        <p>
          {isKnown && policy === null
            ? `${many(saying.length, "statement")} with a good signature ${saying.length === 1 ? "names" : "name"} these very bits. Whom to trust, only a policy says: drop yours.`
            : "No statement names its name or its digest. It may be new, renamed or not what it claims to be."}
        </p>
      </div>
    </div>
  );
}

function Statements({
  result,
  sha256,
  live,
}: {
  readonly result: Result;
  readonly sha256: string;
  readonly live: LiveState | null;
}): VNode | null {
  if (result.statements.length === 0) return null;
  return (
    <Checks
      checks={result.statements.map(({ signer, signature, claims }) => {
        const said = claims.flatMap((claim) => (claim.sha256 === null ? [] : [toHex(claim.sha256)]));
        const what = said.includes(sha256)
          ? "names these bits"
          : `names ${said.map(short).join(", ") || "no file"}`;
        return {
          name: `Signature of ${live?.names.of(signer) ?? `key ${short(signer)}`}`,
          holds: signature.holds,
          words: signature.holds ? what : signature.words,
        };
      })}
    />
  );
}
