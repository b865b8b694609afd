/** Pinned domains: who speaks for which packages, and whose keys count no more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openDomain, policiesOf, policyFor } from "../../../client/trust/index.ts";
import { toHex } from "../../../protocol/index.ts";
import { delegationTo, LATER, signedBy, targetsOf } from "../../protocol/trust/domains.ts";
import type { Owner } from "../../protocol/trust/domains.ts";
import { begun, bob, carol, client, dave, mallory, NOW, PIN, policyText, release } from "./rig.ts";

test("a delegate speaks for its packages, by its own document; without one nobody does", async () => {
  const site = await begun();
  const delegations = [delegationTo("debian", bob)];
  await release(site, 2, { delegations });
  const one = await client();
  const first = await one.add(site);
  assert.deepEqual(
    first.failures.map(({ code }) => code),
    ["trust/unreachable"],
  );
  const purl = "pkg:deb/debian/hello@2.10-3?arch=amd64";
  assert.throws(() => policyFor(first.domain, purl, NOW), { code: "trust/bad-document" });
  assert.deepEqual(policyFor(first.domain, "pkg:generic/tool@1", NOW).role, []);
  const delegated = async (version: number, text: string, by = bob, expires = LATER): Promise<void> => {
    const files = [
      await site.file("debian/policy.toml", text),
      await site.file("arch/policy.toml", "no policy"),
    ];
    await site.put({ role: ["debian"] }, signedBy(targetsOf(version, { files, expires }), "targets", by));
  };
  await delegated(1, policyText(carol), mallory);
  const forged = await one.update(site);
  assert.deepEqual(
    forged.failures.map(({ code }) => code),
    ["trust/bad-document"],
  );
  await delegated(1, policyText(carol));
  const { domain } = await one.update(site);
  const { role, version, policy } = policyFor(domain, purl, NOW);
  assert.deepEqual(
    [role, version, [...policy.builders.values()].map(({ keys }) => keys[0]?.raw)],
    [["debian"], 1, [carol.key.raw]],
  );
  assert.deepEqual([...(domain.targets.get("debian")?.files.keys() ?? [])], ["debian/policy.toml"]);
  assert.equal(policiesOf(domain).length, 2);
  await delegated(2, "version = 2");
  assert.throws(() => policyFor(openDomain(one.store, PIN), "pkg:deb/x/y@1", LATER), {
    code: "trust/expired",
  });
  const broken = await one.update(site);
  assert.throws(() => policyFor(broken.domain, purl, NOW), { code: "trust/no-policy" });
  await delegated(3, policyText(carol), bob, NOW - 1);
  assert.throws(() => policyFor(openDomain(one.store, PIN), purl, NOW), { code: "trust/no-policy" });
  const over = await one.update(site);
  assert.throws(() => policyFor(over.domain, purl, NOW), { code: "trust/expired" });
});

test("a key is removed role by role, by revocation too, and with the role", async () => {
  const site = await begun();
  const one = await client();
  const list = async (
    version: number,
    text: string,
    delegations = [delegationTo("debian", bob)],
  ): Promise<readonly unknown[]> => {
    await release(site, version, { files: [await site.file("policy.toml", text)], delegations });
    const updated = await one.update(site);
    return updated.domain.state.removed.map((key) => [key.builder, key.role, key.version]);
  };
  const own = await site.file("debian/policy.toml", policyText(dave));
  await site.put({ role: ["debian"] }, signedBy(targetsOf(7, { files: [own] }), "targets", bob));
  await release(site, 2, {
    files: [await site.file("policy.toml", policyText(carol, dave))],
    delegations: [delegationTo("debian", bob)],
  });
  await one.add(site);
  assert.deepEqual(await list(3, policyText(carol)), [["b1", "", 3]], "the delegate has it still");
  const revoked = policyText(carol, dave).replace(
    /key = ("b1[^"]*")/,
    'keys = [{ key = $1, revoked = "2026-01-01" }]',
  );
  assert.deepEqual(await list(4, policyText(carol, dave)), []);
  assert.deepEqual(await list(5, revoked), [["b1", "", 5]]);
  assert.deepEqual(await list(6, policyText(carol), []), [
    ["b1", "", 5],
    ["b0", "debian", 6],
  ]);
});

test("keys of builders that a release takes away are remembered, until they come back", async () => {
  const site = await begun();
  const list = async (version: number, ...builders: Owner[]): Promise<void> =>
    release(site, version, { files: [await site.file("policy.toml", policyText(...builders))] });
  await list(2, carol, dave);
  const one = await client();
  assert.deepEqual((await one.add(site)).domain.state.removed, []);
  await list(3, carol);
  const { domain } = await one.update(site);
  assert.deepEqual(domain.state.removed, [
    { builder: "b1", key: toHex(dave.key.raw), role: "", version: 3, time: NOW },
  ]);
  await list(4, carol, bob);
  assert.deepEqual(
    (await one.update(site)).domain.state.removed,
    domain.state.removed,
    "since when it was first seen",
  );
  await list(5, carol, dave);
  assert.deepEqual(
    (await one.update(site)).domain.state.removed.map(({ key }) => key),
    [toHex(bob.key.raw)],
  );
  await release(site, 6, { files: [await site.file("policy.toml", "version = 2")] });
  assert.equal(
    (await one.update(site)).domain.state.removed.length,
    1,
    "a policy that can't be read removes nothing",
  );
});
