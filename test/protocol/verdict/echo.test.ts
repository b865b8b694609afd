/** One imported link is one voice, in whatever step and from whatever source its signers speak of their own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Scene } from "./scene.ts";

const TOLD = [
  "builder worker",
  "builder instance",
  "builder reviewer",
  'rule require=[{ k = 2, of = "role:rebuilder" }, { k = 1, of = "role:rebuilder", step = "review" }]',
  "worker links F with=instance",
  "instance links F with=worker",
  "reviewer gives F step=review",
];

async function verdictOf(lines: readonly string[]): Promise<string> {
  const scene = new Scene();
  for (const line of lines) scene.tell(line);
  const { verdict, agreeing, needed } = await scene.verdict();
  return `${verdict}, ${agreeing} of ${needed}`;
}

test("a review of its own makes no second rebuild of the link that another signed too", async () => {
  assert.equal(await verdictOf([...TOLD, "worker gives F step=review"]), "pending, 2 of 3");
});

test("a rebuild of its own does", async () => {
  assert.equal(await verdictOf([...TOLD, "worker gives F"]), "reproduced, 3 of 3");
});
