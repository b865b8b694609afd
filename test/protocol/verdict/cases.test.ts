/**
 * The table of verdicts: cases.txt, one case a block: what happened, a rule of dashes, what people are told. After a change of words or
 * rules, `SAMEBITS_REWRITE=1 node --test test/protocol/verdict/cases.test.ts` writes it anew; review the difference.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import {
  describeVerdict,
  exitOfDecision,
  exitOfVerdict,
  summarize,
} from "../../../protocol/verdict/index.ts";
import type { Verdict } from "../../../protocol/verdict/index.ts";
import { Scene } from "./scene.ts";

const FILE = new URL("cases.txt", import.meta.url);
const RULE = "----";
const REWRITE = process.env["SAMEBITS_REWRITE"] === "1";

const blocks = readFileSync(FILE, "utf8").trimEnd().split("\n\n");
const rewritten: string[] = [];

for (const block of blocks) {
  const lines = block.split("\n");
  const end = lines.indexOf(RULE);
  const story = end < 0 ? lines : lines.slice(0, end);
  const [title = ""] = story;
  if (!story.some((line) => line.startsWith("rule "))) {
    rewritten.push(block);
    continue;
  }
  test(title, async () => {
    const scene = new Scene();
    for (const line of story.slice(1)) scene.tell(line);
    const told = tell(await scene.verdict());
    rewritten.push([...story, RULE, ...told].join("\n"));
    if (!REWRITE) assert.deepEqual(told, lines.slice(end + 1));
  });
}

test(
  "the table is written anew when asked",
  { skip: REWRITE ? false : "SAMEBITS_REWRITE is not set" },
  () => {
    writeFileSync(FILE, `${rewritten.join("\n\n")}\n`);
  },
);

function tell(verdict: Verdict): readonly string[] {
  const { decision, contradiction, view, evidence, votes } = verdict;
  const kinds = evidence.map(({ kind }) => kind).join(", ");
  return [
    summarize([verdict]),
    ...describeVerdict(verdict, { color: false }),
    `votes ${votes.map(({ builder, vote }) => `${builder} ${vote}`).join(", ")}`,
    `exit ${exitOfVerdict(verdict)} (decide ${exitOfDecision(verdict)}), ${decision}, contradiction ${contradiction ?? "none"}, ${view}${kinds === "" ? "" : `, evidence ${kinds}`}`,
  ];
}
