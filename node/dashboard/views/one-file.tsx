/** One file: the results, and who stands behind each. */
import type { VNode } from "preact";
import type { LiveState } from "../live.ts";
import { cellIn } from "../matrix.ts";
import type { MatrixRow } from "../matrix.ts";
import { Mark, resultWords } from "../parts/index.ts";
import type { Wanted } from "../parts/index.ts";
import { many, share, short } from "../words.ts";

interface FileProps {
  readonly row: MatrixRow;
  readonly live: LiveState;
  readonly onCell: (wanted: Wanted) => void;
}

export function OneFile({ row, live, onCell }: FileProps): VNode {
  const builders = [...row.cells.keys()];
  const voters = new Set(row.results.flatMap((result) => result.builders)).size;
  return (
    <section class="card" aria-labelledby="file">
      <header>
        <h2 id="file">{row.file}</h2>
        <p>{fileWords(row)}</p>
      </header>
      <div class="sides">
        {row.results.map(({ sha256, letter, builders: some }) => (
          <div class="side" key={sha256}>
            <span class="line">
              <Mark state={sha256 === row.majority ? "same" : "other"} letter={letter} />
              <b>
                {many(some.length, "builder")} of {voters} ({share(some.length, voters)})
              </b>
            </span>
            <span class="digest">
              {sha256.slice(0, 8)}
              <i>{sha256.slice(8)}</i>
            </span>
            <span class="small soft">{some.map((key) => live.names.of(key)).join(", ")}</span>
          </div>
        ))}
      </div>
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
      <p class="note">
        The table is the node's summary. What stands behind a button is checked by this page: signature, place
        in the feed, and time.
      </p>
    </section>
  );
}

function fileWords(row: MatrixRow): string {
  switch (row.state) {
    case "same":
      return `Everybody who built it got the same bits: ${resultWords(row)}.`;
    case "majority":
      return `Most got the same bits (${resultWords(row)}), and somebody did not.`;
    case "split":
      return "The builders are split: no result has more than half of them.";
    case "different":
      return "Every builder got something else: it does not build the same twice, or not yet.";
    case "single":
      return "One builder alone has tried it: there is nobody to compare with.";
  }
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
