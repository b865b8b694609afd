/** The proof that a domain has split: written by who saw it, checked by everybody, taken from peers of the mesh, and no weapon. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  fingerprintOf,
  firstRoot,
  fromUtf8,
  proveSplit,
  toBase64,
  utf8,
  writeSplit,
} from "../../../protocol/index.ts";
import type { TrustSource } from "../../../client/edges.ts";
import { assertSpeaks, openDomain, openTrustSource, updateDomain } from "../../../client/trust/index.ts";
import { newFolder } from "../../node/folder.ts";
import { LATER, rootOf, signedBy } from "../../protocol/trust/domains.ts";
import { fails } from "./failing.ts";
import { runCommand } from "./run.ts";
import { alice, begun, bob, carol, client, FIRST, mallory, NOW, OWNERS, PIN } from "../trust/rig.ts";
import type { Site } from "../trust/site.ts";

const second = (day: number): Uint8Array =>
  signedBy(rootOf(2, OWNERS, 2, { expires: LATER + 86_400_000 * day }), "root", alice, bob);
const [X, Y] = [second(1), second(2)];
const PROOF = writeSplit(proveSplit([firstRoot(FIRST, PIN)], X, Y));

/** A peer of the mesh that has what stands there, and this for a proof. */
const peerWith = (site: Site, proof: Uint8Array | null): TrustSource => ({
  ...openTrustSource(site.folder),
  split: () => Promise.resolve(proof),
});

test("who sees two roots writes the proof, names it, and anybody checks it", async () => {
  const site = await begun();
  await site.put({ root: 2 }, X);
  const one = await client();
  await one.add(site);
  await site.put({ root: 2 }, Y);
  const { domain } = await one.update(site);
  const path = one.store.proofFile(PIN);
  assert.equal(domain.proof, path);
  const kept = openDomain(one.store, PIN);
  assert.throws(() => assertSpeaks(kept, NOW), {
    code: "trust/split",
    message: new RegExp(`samebits evidence check ${path}`),
  });
  const home = await newFolder();
  const checked = await runCommand(["evidence", "check", path, "--json"], home);
  const [object] = checked.objects as { kind: string; domain: string; keys: string[] }[];
  assert.deepEqual([checked.code, object?.kind, object?.domain, object?.keys.length], [0, "split", PIN, 2]);
  const words = await runCommand(["evidence", "check", path], home);
  assert.match(words.out, /the proof holds\.\nSPLIT: .*two roots 2/);
  assert.match((await runCommand(["show", path], home)).out, /SPLIT[^]*Not proven/);
  const broken = join(home, "broken.json");
  await writeFile(broken, fromUtf8(PROOF).replace(/"b":"./, '"b":"f'));
  await fails(4, "evidence/does-not-hold", /proves nothing/, "evidence", "check", broken);
  await one.store.change(PIN, () => Promise.resolve(one.store.remove(PIN)));
  assert.notEqual(one.store.proof(PIN), null, "evidence is not forgotten");
});

test("a proof that a peer has stops the domain here, too, and is kept for others", async () => {
  const site = await begun();
  const one = await client();
  await one.add(site);
  const { domain } = await updateDomain(one.store, PIN, [peerWith(site, PROOF)], NOW);
  assert.deepEqual([domain.state.split?.version, domain.proof], [2, one.store.proofFile(PIN)]);
  assert.throws(() => assertSpeaks(openDomain(one.store, PIN), NOW), { code: "trust/split" });
  assert.deepEqual(one.store.proof(PIN), new Uint8Array([...PROOF, 0x0a]));
  // By any of them, also where the others know nothing of it.
  const two = await client();
  await two.add(site);
  const peers = [peerWith(site, null), openTrustSource(site.folder), peerWith(site, PROOF)];
  assert.equal((await updateDomain(two.store, PIN, peers, NOW)).domain.state.split?.version, 2);
});

test("what is no proof stops nothing, and is its source's fault alone", async () => {
  const site = await begun();
  const other = signedBy(rootOf(1, [mallory], 1), "root", mallory);
  const third = (day: number): Uint8Array =>
    signedBy(rootOf(2, [mallory], 1, { expires: LATER + 86_400_000 * day }), "root", mallory);
  const alone = fromUtf8(PROOF).replace(
    toBase64(Y),
    toBase64(signedBy(rootOf(2, OWNERS, 2, { expires: LATER }), "root", carol)),
  );
  for (const proof of [
    utf8("{}"),
    utf8(alone),
    writeSplit(proveSplit([firstRoot(other, fingerprintOf(other))], third(1), third(2))),
  ]) {
    const one = await client();
    await one.add(site);
    const { domain, failures } = await updateDomain(
      one.store,
      PIN,
      [peerWith(site, proof), openTrustSource(site.folder)],
      NOW,
    );
    assert.deepEqual([domain.state.split, failures.map(({ code }) => code)], [null, ["trust/bad-document"]]);
    assert.match(failures[0]?.message ?? "", /split\.json/);
    assert.equal(one.store.proof(PIN), null);
  }
});
