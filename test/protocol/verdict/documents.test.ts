import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentDesk } from "../../../protocol/verdict/documents.ts";
import { signer } from "./cast.ts";
import { built, policyWith } from "./layout-cast.ts";

test("what several functionaries signed alike is held once, and each has signed it for himself", async () => {
  const desk = new DocumentDesk(await policyWith());
  for (const [by, gives] of [
    ["alice", "U"],
    ["bob", "U"],
    ["carol", "another"],
  ] as const) {
    desk.addFile({ path: `build.${by === "alice" ? "0" : "1"}1234567.link`, bytes: built(by, gives) });
  }
  const [alice, bob, carol] = await desk.collect();
  assert.equal(alice?.document.content, bob?.document.content);
  assert.notDeepEqual(alice?.document.content, carol?.document.content);
  assert.deepEqual(
    [alice, bob, carol].map((found) => found?.signers),
    ["alice", "bob", "carol"].map((name) => [signer(name).key]),
  );
});
