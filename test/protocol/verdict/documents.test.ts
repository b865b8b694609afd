import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAttestation } from "../../../protocol/attestation/index.ts";
import { MAX_LINK_DOCUMENTS } from "../../../protocol/limits.ts";
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

test("however many links there are of others, in whatever order, none is left out", async () => {
  const desk = new DocumentDesk(await policyWith());
  const from = { head: null, index: null };
  const strangers = parseAttestation(built("mallory", "X"));
  for (let count = 0; count < MAX_LINK_DOCUMENTS; count++)
    desk.add(strangers, { signer: signer("mallory").key.raw, ...from });
  desk.add(parseAttestation(built("carol", "X")), { signer: signer("carol").key.raw, ...from });
  desk.add(parseAttestation(built("alice", "X")), { signer: null, ...from });
  desk.addFile({ path: "build.01234567.link", bytes: built("bob") });
  const found = await desk.collect();
  assert.deepEqual(
    found.map(({ signers }) => signers),
    ["carol", "alice", "bob"].map((name) => [signer(name).key]),
  );
});

test("more files of folders than are read are an error, and not left out", async () => {
  const desk = new DocumentDesk(await policyWith());
  const add = (bytes: Uint8Array): void => desk.addFile({ path: "build.01234567.link", bytes });
  const links = built("alice");
  for (let count = 0; count < MAX_LINK_DOCUMENTS; count++) add(links);
  assert.throws(() => add(built("carol", "X")), { code: "layout/too-much" });
});
