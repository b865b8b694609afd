/** Pinned domains: hostile documents, several commands at once, and what is kept of all. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import {
  addDomain,
  assertSpeaks,
  openDomain,
  openTrustSource,
  updateDomain,
} from "../../../client/trust/index.ts";
import { ClientError } from "../../../client/errors.ts";
import { newFolder } from "../../node/folder.ts";
import { changed, delegationTo, signedBy, targetsOf } from "../../protocol/trust/domains.ts";
import { alice, begun, bob, client, NOW, PIN, policyText, rejects, release, versions } from "./rig.ts";
import { Site } from "./site.ts";

test("hostile documents end with what is wrong and where, and nothing of them is kept", async () => {
  const text = (json: string): Uint8Array => new TextEncoder().encode(json);
  const good = new TextDecoder().decode(signedBy(targetsOf(2), "targets", alice));
  const cases: readonly [RegExp, Uint8Array][] = [
    [/unreadable|more than the 262144 octets/, new Uint8Array(300_000)],
    [/json\/too-deep/, text("[".repeat(100_000))],
    [/json\/duplicate-key/, text(good.replace('"version":2', '"version":2,"version":3'))],
    [/attestation\/bad-time/, text(good.replace("2030-01-01T", "2030-02-30T"))],
    [/shape\/out-of-range/, text(good.replace('"version":2', '"version":9999999999'))],
    [
      /trust\/bad-path/,
      changed(
        targetsOf(2),
        "targets",
        (signed) =>
          (signed["targets"] = { "../../etc/passwd": { length: 1, hashes: { sha256: "00".repeat(32) } } }),
        alice,
      ),
    ],
    [
      /trust\/bad-delegation/,
      changed(
        targetsOf(2, { delegations: [delegationTo("debian", bob)] }),
        "targets",
        (signed) => {
          const { roles } = signed["delegations"] as { roles: { name: string }[] };
          for (const role of roles) role.name = "../debian";
        },
        alice,
      ),
    ],
  ];
  const site = await begun();
  const one = await client();
  await one.add(site);
  for (const [says, bytes] of cases) {
    await site.put({ role: [] }, bytes);
    await assert.rejects(
      one.update(site),
      (error) => error instanceof ClientError && says.test(error.message),
    );
  }
  assert.equal(openDomain(one.store, PIN).targets.get("")?.version, 1);
  const big = new Site(await newFolder());
  await big.put({ root: 1 }, new Uint8Array(70_000));
  await rejects(one.add(new Site(big.folder)), "input/too-big");
  const served = await site.serve();
  await rejects(updateDomain(one.store, PIN, [openTrustSource(served)], NOW), "trust/bad-document");
  await site.put({ role: [] }, new Uint8Array(300_000));
  await rejects(
    updateDomain(one.store, PIN, [openTrustSource(served)], NOW),
    "trust/unreachable",
    /more than the 262144/,
  );
});

test("no redirect is followed, and a server's error is none of its documents", async () => {
  const site = await begun();
  const elsewhere = await site.serve();
  for (const status of [302, 500]) {
    const server = createServer((_, response) => response.writeHead(status, { location: elsewhere }).end());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const one = await client();
    const source = openTrustSource(`http://127.0.0.1:${port}`);
    await rejects(
      addDomain(one.store, { fingerprint: PIN, sources: [source], now: NOW }),
      "trust/unreachable",
    );
    server.closeAllConnections();
    await once(server.close(), "close");
  }
  assert.throws(() => openTrustSource("https://me:secret@example.org/"), { code: "usage/bad-option" });
});

test("what a crash left behind is no new state", async () => {
  const site = await begun();
  const one = await client();
  await one.add(site);
  const before = readFileSync(join(one.data, "trust", PIN, "state.json"));
  await release(site, 2, { files: [await site.file("policy.toml", policyText(bob))] });
  await one.update(site);
  // As if the power had gone before the last write.
  writeFileSync(join(one.data, "trust", PIN, "state.json"), before);
  writeFileSync(join(one.data, "trust", PIN, "state.json.0a1b.tmp"), "{");
  assert.deepEqual(one.store.domains(), [PIN]);
  assert.deepEqual(versions(await one.update(site)), [1, 2]);
});

test("of two updates at once neither undoes the other; a lock that was left behind is no hindrance", async () => {
  const one = await client();
  const [old, fresh] = [await begun(), await begun()];
  await one.add(old);
  await release(fresh, 9);
  await Promise.allSettled([one.update(fresh), one.update(old), one.update(fresh), one.update(old)]);
  assert.equal(openDomain(one.store, PIN).targets.get("")?.version, 9);
  const lock = join(one.data, "trust", `${PIN}.lock`);
  writeFileSync(lock, "4194304"); // above what Linux counts to
  await release(fresh, 10);
  assert.deepEqual(versions(await one.update(fresh)), [1, 10]);
  assert.ok(!readdirSync(join(one.data, "trust")).some((name) => name.includes("lock")));
});

test("what is kept is checked like what is fetched, and what nothing names any more goes", async () => {
  const site = await begun();
  const one = await client();
  await one.add(site);
  await release(site, 2, { files: [await site.file("policy.toml", policyText(bob))] });
  await one.update(site);
  const objects = join(one.data, "trust", PIN, "objects");
  assert.equal(
    readdirSync(objects).length,
    5,
    "root; targets and policy, and those before, which somebody may be reading",
  );
  await one.update(site);
  assert.equal(readdirSync(objects).length, 3);
  const { state } = openDomain(one.store, PIN);
  writeFileSync(join(objects, state.documents.get("targets.json") ?? ""), "changed");
  assert.throws(() => assertSpeaks(openDomain(one.store, PIN), NOW), { code: "trust/bad-document" });
  await one.update(site);
  assert.doesNotThrow(() => assertSpeaks(openDomain(one.store, PIN), NOW), "an update mends it");
  writeFileSync(join(objects, state.roots[0] ?? ""), "changed");
  assert.throws(() => openDomain(one.store, PIN), { code: "trust/bad-document" });
  writeFileSync(join(one.data, "trust", PIN, "state.json"), "{}");
  assert.throws(() => openDomain(one.store, PIN), { code: "trust/bad-document" });
  await mkdir(join(one.data, "trust", "00".repeat(32)), { recursive: true });
  assert.throws(() => openDomain(one.store, "00".repeat(32)), { code: "trust/not-pinned" });
});

test("a state of another domain is not taken for that of its folder", async () => {
  const site = await begun();
  const one = await client();
  await one.add(site);
  const path = join(one.data, "trust", PIN, "state.json");
  const other = readFileSync(path, "utf8").replace(`"domain":"${PIN}"`, `"domain":"${"0f".repeat(32)}"`);
  writeFileSync(path, other);
  const isBroken = (error: unknown): boolean =>
    error instanceof ClientError &&
    error.code === "trust/bad-document" &&
    /another domain/.test(error.message);
  assert.throws(() => openDomain(one.store, PIN), isBroken);
});
