/** Pinned domains: what of a source is taken, and what is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addDomain,
  assertSpeaks,
  expiryWarnings,
  lastOf,
  openDomain,
  openTrustSource,
  policyFor,
} from "../../../client/trust/index.ts";
import { newFolder } from "../../node/folder.ts";
import { delegationTo, LATER, rootOf, signedBy, targetsOf } from "../../protocol/trust/domains.ts";
import {
  alice,
  begun,
  bob,
  carol,
  client,
  dave,
  FIRST,
  mallory,
  NOW,
  OWNERS,
  PIN,
  policyText,
  rejects,
  release,
  versions,
} from "./rig.ts";
import { Site } from "./site.ts";

test("a domain is pinned, and walked from root to root, whatever its folder is read from", async () => {
  const site = await begun();
  const one = await client();
  assert.deepEqual(versions(await one.add(site)), [1, 1]);
  await site.put({ root: 2 }, signedBy(rootOf(2, [bob, carol, dave], 2), "root", bob, carol));
  await site.put({ root: 3 }, signedBy(rootOf(3, [carol, dave], 1), "root", carol, dave));
  await rejects(one.update(site), "trust/bad-document", /targets.*root 3 has signed 0 of 1/);
  assert.equal(lastOf(openDomain(one.store, PIN).roots).version, 3, "the roots are known all the same");
  await release(site, 2, { by: [carol] });
  assert.deepEqual(versions(await one.update(site)), [3, 2]);
  assert.equal(policyFor(openDomain(one.store, PIN), null, NOW).version, 2);
  const web = await client();
  const added = await addDomain(web.store, {
    fingerprint: PIN.slice(0, 40),
    sources: [openTrustSource(await site.serve())],
    now: NOW,
  });
  assert.deepEqual(versions(added), [3, 2]);
  assert.deepEqual(added.domain.state.roots, openDomain(one.store, PIN).state.roots);
});

test("what is not the pinned domain, or not whole, is not pinned", async () => {
  const site = await begun();
  const one = await client();
  const other = new Site(await newFolder());
  await other.put({ root: 1 }, signedBy(rootOf(1, [mallory], 1), "root", mallory));
  await rejects(one.add(other), "trust/bad-document", /trust\/wrong-fingerprint/);
  await rejects(one.add(new Site(await newFolder())), "trust/unreachable", /no 1\.root\.json/);
  const bare = new Site(await newFolder());
  await bare.put({ root: 1 }, FIRST);
  await rejects(one.add(bare), "trust/unreachable", /no targets\.json/);
  const file = await site.file("policy.toml", policyText(dave));
  await release(site, 1, { files: [{ ...file, sha256: new Uint8Array(32) }] });
  await rejects(one.add(site), "trust/bad-document", /"policy\.toml", which it lists, is not there/);
  await release(site, 1, { files: [{ ...file, length: file.length + 1 }] });
  await rejects(one.add(site), "trust/bad-document", /is not the file of/);
  assert.deepEqual(one.store.domains(), []);
  await rejects(addDomain(one.store, { fingerprint: PIN, sources: [], now: NOW }), "usage/nothing-to-do");
});

test("a rollback is refused, and so is another document of a version that was seen", async () => {
  const site = await begun();
  await release(site, 5);
  const one = await client();
  assert.deepEqual(versions(await one.add(site)), [1, 5]);
  await release(site, 4);
  await rejects(one.update(site), "trust/rollback", /is version 4, and version 5 was seen/);
  await release(site, 5, { files: [] });
  await rejects(one.update(site), "trust/rollback", /another version 5/);
  const good = await begun();
  await release(good, 6);
  const updated = await one.update(site, good);
  assert.deepEqual(
    [versions(updated), updated.failures.map(({ code }) => code)],
    [[1, 6], ["trust/rollback"]],
    "one that lies takes nothing from another",
  );
  await site.put({ root: 2 }, signedBy(rootOf(2, OWNERS, 2), "root", mallory));
  await rejects(one.update(site), "trust/bad-document", /2\.root\.json.*trust\/not-signed/);
});

test("once the keys of the targets are replaced, versions may begin anew: whoever stole the old ones had used them up", async () => {
  const site = await begun();
  await release(site, 1_000_000);
  const one = await client();
  await one.add(site);
  const targets = { keys: [bob.key], threshold: 1 };
  await site.put({ root: 2 }, signedBy(rootOf(2, OWNERS, 2, { targets }), "root", alice, bob));
  await release(site, 2, { by: [bob] });
  assert.deepEqual(versions(await one.update(site)), [2, 2]);
});

test("two good roots of one version stop the domain, from whatever sources, until it is removed", async () => {
  const root = (expires: number): Uint8Array =>
    signedBy(rootOf(2, OWNERS, 2, { expires }), "root", alice, bob);
  const [site, other] = [await begun(), await begun()];
  await site.put({ root: 2 }, root(LATER));
  await other.put({ root: 2 }, root(LATER + 1_000));
  for (const order of ["at once", "one after the other"]) {
    const one = await client();
    await one.add(site);
    const { domain } = order === "at once" ? await one.update(site, other) : await one.update(other);
    assert.equal(domain.state.split?.version, 2);
    const kept = openDomain(one.store, PIN);
    assert.throws(() => assertSpeaks(kept, NOW), { code: "trust/split" });
    for (const sha256 of kept.state.split?.roots ?? []) assert.notEqual(one.store.find(PIN, sha256), null);
    await one.update(site);
    assert.notEqual(openDomain(one.store, PIN).state.split, null, "it stays so");
    await one.store.change(PIN, () => Promise.resolve(one.store.remove(PIN)));
    await one.add(site);
    assert.doesNotThrow(() => assertSpeaks(openDomain(one.store, PIN), NOW));
  }
});

test("histories that parted further back are a split too; a bad root is its source's fault", async () => {
  const [site, other] = [await begun(), await begun()];
  const second = (expires: number): Uint8Array =>
    signedBy(rootOf(2, [mallory], 1, { expires }), "root", alice, bob, mallory);
  await site.put({ root: 2 }, second(LATER));
  await site.put({ root: 3 }, signedBy(rootOf(3, [dave], 1), "root", mallory, dave));
  await release(site, 2, { by: [dave] });
  await other.put({ root: 2 }, signedBy(rootOf(2, OWNERS, 2), "root", alice, bob));
  await other.put({ root: 3 }, signedBy(rootOf(3, OWNERS, 2), "root", bob, carol));
  const one = await client();
  await one.add(site);
  const { domain } = await one.update(other);
  assert.equal(domain.state.split?.version, 2);
  const two = await client();
  await two.add(site);
  const liar = await begun();
  await liar.put({ root: 2 }, second(LATER));
  await liar.put({ root: 3 }, signedBy(rootOf(3, [carol], 1), "root", carol));
  await rejects(two.update(liar), "trust/bad-document", /3\.root\.json.*trust\/not-signed/);
  assert.equal(openDomain(two.store, PIN).state.split, null);
});

test("an older copy that parted from ours is a split too; one that did not is no harm", async () => {
  const [site, old, other] = [await begun(), await begun(), await begun()];
  const root = (version: number, expires: number): Uint8Array =>
    signedBy(rootOf(version, OWNERS, 2, { expires }), "root", alice, bob);
  for (let version = 2; version <= 6; version++) await site.put({ root: version }, root(version, LATER));
  for (const version of [2, 3]) await old.put({ root: version }, root(version, LATER));
  await other.put({ root: 2 }, root(2, LATER));
  await other.put({ root: 3 }, root(3, LATER + 1_000));
  const one = await client();
  await one.add(site);
  assert.deepEqual((await one.update(old)).domain.state.split, null);
  assert.equal((await one.update(other)).domain.state.split?.version, 3);
});

test("a place is as long as it can be kept, and roles that are gone are forgotten before there are too many", async () => {
  assert.throws(() => openTrustSource(`https://example.org/${"x".repeat(1_024)}`), {
    code: "usage/bad-option",
  });
  const site = await begun();
  const one = await client();
  await one.add(site);
  const kept = async (prefix: string, version: number): Promise<number> => {
    const delegations = Array.from({ length: 64 }, (_, at) => delegationTo(`${prefix}${at}`, bob));
    await release(site, version, { delegations });
    for (const { name } of delegations)
      await site.put({ role: [name] }, signedBy(targetsOf(1), "targets", bob));
    return (await one.update(site)).domain.state.documents.size;
  };
  assert.deepEqual([await kept("a", 2), await kept("b", 3)], [65, 65], "128 at most");
});

test("what is over says nothing, and says what to do; what lasts for long is warned of", async () => {
  const site = await begun();
  const day = 86_400_000;
  const one = await client();
  await release(site, 1, { expires: NOW + 10 * day });
  const { domain } = await one.add(site);
  assert.match(expiryWarnings(domain, NOW).join(), /targets 1 of the domain itself: expires in 10 days/);
  assert.doesNotThrow(() => assertSpeaks(domain, NOW));
  assert.throws(() => assertSpeaks(domain, NOW + 10 * day), { code: "trust/expired" });
  await release(site, 2, { expires: NOW + 91 * day });
  const long = (await one.update(site)).domain;
  assert.match(expiryWarnings(long, NOW).join(), /more than the 90/);
  await release(site, 3, { expires: NOW + 90 * day });
  assert.deepEqual(expiryWarnings((await one.update(site)).domain, NOW), []);
  assert.throws(() => assertSpeaks(openDomain(one.store, PIN), LATER), { code: "trust/expired" });
});
