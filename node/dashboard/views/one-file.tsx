/** One file: the results, and who stands behind each. */
import type { VNode } from "preact";
import type { LiveState } from "../live.ts";
import { cellIn } from "../matrix.ts";
import type { MatrixRow, Step } from "../matrix.ts";
import { Mark, stepWords } from "../parts/index.ts";
import type { Wanted } from "../parts/index.ts";
import { many, number, share, short } from "../words.ts";

/** Keys shown of those that are not counted: they may be any number. */
const APART = 64;

interface FileProps {
  readonly row: MatrixRow;
  readonly live: LiveState;
  readonly onCell: (wanted: Wanted) => void;
}

export function OneFile({ row, live, onCell }: FileProps): VNode {
  const builders = [...row.cells.keys()];
  const apart = builders.filter((key) => cellIn(row, key).state === "apart");
  const counted = builders.filter((key) => cellIn(row, key).state !== "apart");
  return (
    <section class="card" aria-labelledby="file">
      <header>
        <h2 id="file">{row.file}</h2>
        <p>{fileWords(row)}</p>
      </header>
      {row.steps.map((step) => (
        <Sides key={step.step} step={step} isOneOfSeveral={row.steps.length > 1} live={live} />
      ))}
      {counted.length > 0 && <Says row={row} builders={counted} live={live} onCell={onCell} />}
      {apart.length > 0 && (
        <details>
          <summary>{many(apart.length, "key")} that this node does not count</summary>
          <p class="soft small">
            Strangers', or of a feed that has forked. Anybody can make any number of keys: what these say is
            in no number on this page.
          </p>
          <Says row={row} builders={apart.slice(0, APART)} live={live} onCell={onCell} />
          {apart.length > APART && <p class="soft small">and {number(apart.length - APART)} more</p>}
        </details>
      )}
      <p class="note">
        The table is the node's summary; builders of one operator count as one. What stands behind a button is
        checked by this page: signature, place in the feed, and time.
      </p>
    </section>
  );
}

function fileWords({ steps }: MatrixRow): string {
  const [step, ...others] = steps;
  if (step === undefined) return "Nobody whom this node counts got this file.";
  return others.length === 0
    ? agreementWords(step)
    : `${many(steps.length, "step")}, each counted by itself.`;
}

function agreementWords(step: Step): string {
  switch (step.agreement) {
    case "same":
      return `Everybody who built it got the same bits: ${stepWords(step)}.`;
    case "majority":
      return `Most got the same bits (${stepWords(step)}), and somebody did not.`;
    case "split":
      return "The builders are split: no result has more than half of them.";
    case "different":
      return "Every builder got something else: it does not build the same twice, or not yet.";
    case "single":
      return "One builder alone has tried it: there is nobody to compare with.";
  }
}

interface SidesProps {
  readonly step: Step;
  readonly isOneOfSeveral: boolean;
  readonly live: LiveState;
}

/** The results of one step beside each other, and who got which. */
function Sides({ step, isOneOfSeveral, live }: SidesProps): VNode {
  const { voters, majority, results, torn } = step;
  return (
    <>
      {isOneOfSeveral && (
        <p>
          <b>Step {step.step}.</b> {agreementWords(step)}
        </p>
      )}
      <div class="sides">
        {results.map((result) => (
          <div class="side" key={result.sha256}>
            <span class="line">
              <Mark state={result.sha256 === majority ? "same" : "other"} letter={result.letter} />
              <b>
                {many(result.voters, "builder")} of {voters} ({share(result.voters, voters)})
              </b>
            </span>
            <span class="digest">
              {result.sha256.slice(0, 8)}
              <i>{result.sha256.slice(8)}</i>
            </span>
            <span class="small soft">{result.builders.map((key) => live.names.of(key)).join(", ")}</span>
          </div>
        ))}
      </div>
      {torn > 0 && (
        <p class="soft small">
          {many(torn, "builder")} got several results here and took none back, which agrees with nobody.
        </p>
      )}
    </>
  );
}

function Says({ row, builders, live, onCell }: FileProps & { readonly builders: readonly string[] }): VNode {
  return (
    <div class="scroll">
      <table class="says">
        <thead>
          <tr>
            <th scope="col">Builder</th>
            <th scope="col">Result</th>
            <th scope="col">What it signed</th>
          </tr>
        </thead>
        <tbody>
          {builders.map((builder) => (
            <BuilderLine key={builder} row={row} builder={builder} live={live} onCell={onCell} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BuilderLine({ row, builder, live, onCell }: FileProps & { readonly builder: string }): VNode {
  const cell = cellIn(row, builder);
  const [name, operator] = [live.names.of(builder), live.names.operator(builder)];
  const words = {
    same: "same as most",
    other: "another result",
    told: "differs",
    failed: "build failed",
    back: "taken back",
    apart: "not counted",
    none: "–",
  };
  return (
    <tr>
      <td>
        <b>{name}</b>
        {operator !== null && operator !== name && <span class="soft small"> run by {operator}</span>}
      </td>
      <td>
        <span class="line">
          <Mark state={cell.state} letter={cell.letter} /> {words[cell.state]}
          {cell.sha256 !== null && <code>{short(cell.sha256)}</code>}
        </span>
      </td>
      <td>
        <button
          type="button"
          class="button"
          onClick={() => onCell({ key: row.key, file: row.file, builder })}
          aria-label={`Check it: what ${name} signed`}
        >
          Check it
        </button>
      </td>
    </tr>
  );
}
