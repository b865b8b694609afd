import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAttestation } from "../../../protocol/attestation/index.ts";
import { concat, u32be } from "../../../protocol/bytes/index.ts";
import { ED25519_OID, NATIVE_POINT, OPENPGP, openPgpKey, writeMpi } from "../../../protocol/crypto/index.ts";
import type { PublicKey } from "../../../protocol/crypto/index.ts";
import { MAX_LINK_DOCUMENTS } from "../../../protocol/limits.ts";
import { DocumentDesk } from "../../../protocol/verdict/documents.ts";
import { joinRaw } from "../../../protocol/verdict/index.ts";
import { signer } from "./cast.ts";
import {
  built,
  DRAFT,
  feed,
  GOOD,
  layoutBytes,
  LAYOUTS,
  policyWith,
  RULE,
  short,
  signed,
  verdictOn,
} from "./layout-cast.ts";

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

test("a functionary whose key a layout has by itself and as OpenPGP's is heard in either guise, whatever comes first", async () => {
  const [build, sign] = DRAFT.steps;
  assert.ok(build !== undefined && sign !== undefined);
  const others = [feed("bob", [built("bob")]), feed("carol", [built("carol")]), feed("dave", [signed()])];
  for (const created of [1, 2, 3, 4]) {
    const functionaries = [...build.functionaries, openPgpGuise(signer("alice").key, created)];
    const layout = layoutBytes({ ...DRAFT, steps: [{ ...build, functionaries }, sign] });
    const policy = await policyWith(`${LAYOUTS}${RULE}logged = true\n`, layout);
    assert.equal(short(await verdictOn(joinRaw(GOOD), { policy })), "reproduced allow null 3/3");
    const dissent = joinRaw([...others, feed("alice", [built("alice", "X")])]);
    assert.equal(short(await verdictOn(dissent, { policy })), "contradicted refuse split 3/3");
  }
});

/** The same material in an OpenPGP key, as layouts have them. */
function openPgpGuise({ raw }: PublicKey, created: number): PublicKey {
  const point = writeMpi(concat(Uint8Array.of(NATIVE_POINT), raw));
  const head = concat(Uint8Array.of(4), u32be(created), Uint8Array.of(OPENPGP.eddsaLegacy));
  return openPgpKey(concat(head, Uint8Array.of(ED25519_OID.length), ED25519_OID, point));
}
