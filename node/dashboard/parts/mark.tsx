/** What a builder has in a row, as a mark: its shape and its sign say it as well as its colour. */
import type { VNode } from "preact";
import type { Cell, CellState } from "../matrix.ts";
import { short } from "../words.ts";

const SIGNS: Readonly<Record<CellState, string>> = {
  same: "✓",
  other: "✗",
  told: "≠",
  failed: "!",
  back: "↩",
  apart: "?",
  none: "·",
};

export function Mark({ state, letter = "" }: { readonly state: CellState; readonly letter?: string }): VNode {
  return (
    <span class={`mark ${state}`} aria-hidden="true">
      {state === "other" && letter !== "" ? letter : SIGNS[state]}
    </span>
  );
}

/** The same in words. */
export function cellWords({ state, sha256 }: Cell): string {
  switch (state) {
    case "same":
      return `got the file that most got, ${short(sha256 ?? "")}`;
    case "other":
      return `got another file, ${short(sha256 ?? "")}`;
    case "told":
      return "says that it did not get this file";
    case "failed":
      return "could not build it";
    case "back":
      return "took back what it said";
    case "apart":
      return `is not counted here, whatever it says${sha256 === null ? "" : `: ${short(sha256)}`}`;
    case "none":
      return "says nothing";
  }
}

/** What the marks mean. */
export function MarkKey(): VNode {
  const words: readonly (readonly [CellState, string])[] = [
    ["same", "same as most"],
    ["other", "another result; the letter tells which"],
    ["told", "says only that it differs"],
    ["failed", "build failed"],
    ["back", "took it back"],
    ["apart", "not counted by this node"],
    ["none", "says nothing"],
  ];
  return (
    <ul class="key soft small" aria-label="What the marks mean">
      {words.map(([state, word]) => (
        <li key={state}>
          <Mark state={state} letter={state === "other" ? "B" : ""} /> {word}
        </li>
      ))}
    </ul>
  );
}
