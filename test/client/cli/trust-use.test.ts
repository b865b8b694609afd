/** A pinned domain's policies at work: which one decides, when none does, and what is said of keys that were removed. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fingerprintOf, readVsa, toHex, utf8 } from "../../../protocol/index.ts";
import { rootOf, signedBy, targetsOf } from "../../protocol/trust/domains.ts";
import { alice, bob, OWNERS } from "../trust/rig.ts";
import { Site } from "../trust/site.ts";
import { fails } from "./failing.ts";
import type { Ran } from "./run.ts";
import { keyOf, NETWORK, policyText, PURL } from "./stage.ts";
import { bundle, DAY, END, Machine, NOW, one, PIN, release, three, two } from "./trust-machine.ts";

const policyOf = ({ objects }: Ran): unknown => {
  const { domain, version } = (objects[0] ?? {})["policy"] as { domain: unknown; version: unknown };
  return [domain, version];
};

test("a pinned domain decides where the user has no policy, and only there", async () => {
  const machine = await Machine.open({ builders: [one, two], k: 2 });
  const byDomain = await machine.verify("--json");
  assert.deepEqual([byDomain.code, policyOf(byDomain)], [0, [PIN, 1]], byDomain.err);
  const explained = await machine.run("policy", "explain", PURL);
  assert.match(explained.out, /pkg:generic/);
  assert.match(
    (await machine.run("policy", "check")).out,
    new RegExp(`^${PIN.slice(0, 16)}…/policy.toml: good; 2 builders`),
  );
  assert.match((await machine.run("doctor")).out, new RegExp(`ok +policy +${PIN.slice(0, 16)}`));
  const own = await machine.write("policy.toml", policyText([three], [], 1));
  const byFile = await machine.verify("--json", "--network", NETWORK);
  assert.deepEqual([byFile.code, policyOf(byFile)], [2, [null, 1]], "nothing is merged");
  const named = await machine.verify("--json", "--policy", `domain:${PIN.slice(0, 12)}`);
  assert.deepEqual([named.code, policyOf(named)], [0, [PIN, 1]]);
  await machine.write("config.toml", `domain = "${PIN}"\n`);
  assert.deepEqual(
    policyOf(await machine.verify("--json")),
    [PIN, 1],
    "config.toml comes before policy.toml",
  );
  await machine.write("config.toml", `domain = "${PIN}"\npolicy = "${own}"\n`);
  const both = await machine.verify();
  assert.deepEqual([both.code, /there is a policy too/.test(both.err)], [3, true]);
  const unknown = await machine.run(
    "verify",
    machine.file,
    "--policy",
    "domain:00000000",
    "--config",
    "/dev/null",
  );
  assert.deepEqual([unknown.code, /\[trust\/not-pinned\]/.test(unknown.err)], [3, true]);
});

test("a domain.toml that can't be read stops judging, and not the update that mends it", async () => {
  const machine = await Machine.open({ builders: [one], k: 1 });
  const { site } = machine;
  const files = [
    await site.file("policy.toml", policyText([one], [], 1)),
    await site.file("domain.toml", "version = 2\n"),
  ];
  await site.put({ role: [] }, signedBy(targetsOf(2, { files, expires: END }), "targets", alice));
  await machine.run("trust", "update");
  const broken = await machine.verify();
  assert.deepEqual([broken.code, /domain\.toml:1:/.test(broken.err)], [3, true], broken.err);
  const mended = await machine.release(3, { builders: [one], k: 1 });
  assert.equal(mended.code, 0, mended.err);
  assert.equal((await machine.verify()).code, 0);
});

test("of several domains one has to be named", async () => {
  const machine = await Machine.open({ builders: [one, two], k: 2 });
  const other = await Site.open();
  const root = signedBy(rootOf(1, OWNERS, 2, { expires: END }), "root", alice, bob);
  await other.put({ root: 1 }, root);
  await release(other, 1, { builders: [three], k: 1 });
  await machine.run("trust", "add", fingerprintOf(root), "--from", other.folder);
  const unnamed = await machine.verify();
  assert.deepEqual(
    [unnamed.code, /several trust domains are pinned.*\[trust\/not-pinned\]/.test(unnamed.err)],
    [3, true],
  );
  assert.equal((await machine.verify("--policy", `domain:${PIN}`)).code, 0);
});

test("for a delegate's packages its policy decides, and no other: not when it lacks, nor when it is over", async () => {
  const machine = await Machine.open({ builders: [one, two], k: 2, tools: { builders: [three], k: 1 } });
  const byDelegate = await machine.verify("--json");
  assert.deepEqual([byDelegate.code, policyOf(byDelegate)], [2, [PIN, 11]]);
  const other = await machine.run("policy", "explain", "pkg:deb/debian/hello@1?arch=all");
  assert.deepEqual([other.code, /No rule is for/.test(other.out)], [3, true]);
  await machine.release(2, {
    builders: [one, two],
    k: 2,
    tools: { builders: [one], k: 1, expires: NOW - DAY },
  });
  const over = await machine.verify();
  assert.deepEqual(
    [over.code, /targets 12 of "tools" expired .*\[trust\/expired\]/.test(over.err)],
    [3, true],
    over.err,
  );
  await machine.release(3, { builders: [one, two], k: 2 });
  assert.deepEqual(policyOf(await machine.verify("--json")), [PIN, 3], "it speaks no more");
});

test("what is over ends with 3, and what lasts too long or ends soon is said", async () => {
  // Not whole days: `verify` counts in whole seconds, so within the first one there would be five of them left.
  const machine = await Machine.open({ builders: [one, two], k: 2, expires: NOW + 4.5 * DAY });
  const soon = await machine.verify();
  assert.deepEqual([soon.code, /expires in 4 days/.test(soon.err)], [0, true], soon.err);
  const long = { builders: [one, two], k: 2, expires: NOW + 100 * DAY };
  assert.match(
    (await machine.release(2, long)).out,
    /note +targets 2 of the domain itself: expires in \d+ days: more than the 90/,
  );
  assert.match((await machine.verify()).err, /more than the 90/);
  const ended = await machine.release(3, { builders: [one, two], k: 2, expires: NOW - DAY });
  assert.deepEqual([ended.code, /\[trust\/expired\]/.test(ended.err)], [3, true]);
  for (const argv of [
    ["verify", machine.file, "--offline"],
    ["bundle", machine.file, "--offline"],
    ["policy", "check"],
  ]) {
    const { code, err } = await machine.run(...argv);
    assert.deepEqual(
      [code, /samebits trust update .*\[trust\/expired\]/.test(err)],
      [3, true],
      argv.join(" "),
    );
  }
  assert.equal((await machine.run("trust", "show")).code, 3);
  // It watches as far as it can: here nobody is known to begin at.
  const watched = await machine.run("watch");
  assert.deepEqual([watched.code, /\[source\/none\]/.test(watched.err)], [69, true], watched.err);
});

test("places of a private network in domain.toml are left out, and said to be, unless the user has named that network", async () => {
  const machine = await Machine.open({ builders: [one, two], k: 2 });
  const { site } = machine;
  const places = `bootstrap = ["/ip4/127.0.0.1/tcp/9"]\nmirrors = ["http://localhost:9/feeds", "http://10.1.2.3/feeds"]`;
  const files = [
    await site.file("policy.toml", policyText([one, two], [], 2)),
    await site.file("domain.toml", `version = 1\nnetwork = "${NETWORK}"\n${places}\n`),
  ];
  await site.put({ role: [] }, signedBy(targetsOf(2, { files, expires: END }), "targets", alice));
  const updated = await machine.run("trust", "update");
  assert.equal(updated.code, 0, updated.err);
  const leftOut = ({ err }: Ran): readonly string[] =>
    [...err.matchAll(/begins at (\S+), which/g)].map(([, place = ""]) => place);
  const all = ["/ip4/127.0.0.1/tcp/9", "http://localhost:9/feeds", "http://10.1.2.3/feeds"];
  const asked = await machine.run("verify", machine.file, "--purl", PURL);
  assert.deepEqual([asked.code, leftOut(asked)], [69, all], "nobody is asked");
  await machine.write("config.toml", 'bootstrap = ["/ip4/127.0.0.1/tcp/7"]\n');
  assert.deepEqual(leftOut(await machine.verify()), ["http://10.1.2.3/feeds"]);
});

test("two roots of one version: nothing is judged until the domain is removed", async () => {
  const machine = await Machine.open({ builders: [one, two], k: 2 });
  const next = (days: number): Uint8Array =>
    signedBy(rootOf(2, OWNERS, 2, { expires: NOW + days * DAY }), "root", alice, bob);
  await machine.site.put({ root: 2 }, next(300));
  assert.equal((await machine.run("trust", "update")).code, 0);
  await machine.site.put({ root: 2 }, next(301));
  const seen = await machine.run("trust", "update", "--json");
  assert.equal(seen.code, 3);
  const split = seen.objects[0]?.["split"] as { version: number; roots: string[] };
  assert.deepEqual([split.version, split.roots.length], [2, 2]);
  const refused = await machine.verify();
  assert.deepEqual([refused.code, /\[trust\/split\]/.test(refused.err)], [3, true]);
  assert.match(
    (await machine.run("trust", "show", PIN)).out,
    /SPLIT +two good roots 2: objects [0-9a-f]{64} and/,
  );
  assert.equal((await machine.run("trust", "remove", PIN)).code, 0);
  await fails(3, "config/no-policy", /pin a trust domain/, "verify", machine.file, "--offline");
});

test("a summary names the policy by its domain and version, unless it is said where it can be had", async () => {
  const machine = await Machine.open({ builders: [one, two], k: 2 });
  await machine.release(2, { builders: [one, two], k: 2 });
  const uriIn = async (...options: string[]): Promise<string | null | undefined> => {
    const path = join(machine.home, "vsa");
    const ran = await machine.verify("--vsa", path, ...options);
    assert.equal(ran.code, 0, ran.err);
    return readVsa(utf8((await readFile(path, "utf8")).trimEnd())).policy.uri;
  };
  const own = `urn:samebits:policy:${PIN}:2:policy.toml`;
  assert.equal(await uriIn(), own);
  assert.equal(await uriIn("--policy", `domain:${PIN}`), own);
  const elsewhere = "https://example.org/policy.toml";
  assert.equal(await uriIn("--policy-uri", elsewhere), elsewhere);
});

test("a removed key has no vote any more, and verify of an old bundle says that it had one", async () => {
  const machine = await Machine.open({ builders: [one, two], k: 2 });
  assert.equal((await machine.verify()).code, 0);
  const made = await machine.run(
    "bundle",
    machine.file,
    "--purl",
    PURL,
    "--offline",
    "--bundle",
    bundle,
    "-o",
    join(machine.home, "b"),
  );
  assert.equal(made.code, 0, made.err);
  await machine.release(2, { builders: [one, three], k: 2 });
  const old = ["verify", machine.file, "--purl", PURL, "--offline", "--bundle", join(machine.home, "b")];
  const judged = await machine.run(...old, "--json");
  const key = toHex(keyOf(two).key.raw);
  const sha256 = judged.objects[0]?.["sha256"];
  assert.deepEqual(
    [judged.code, policyOf(judged), judged.objects[0]?.["former"]],
    [2, [PIN, 2], [{ builder: "b2", key, sha256, role: "", version: 2 }]],
  );
  const words = await machine.run(...old);
  assert.match(
    words.out,
    new RegExp(
      `b2: got this file, by a key that the trust domain removed \\(${key.slice(0, 16)}…, since targets 2\\): no vote`,
    ),
  );
  await machine.release(3, { builders: [one, two], k: 2 });
  const back = await machine.run(...old, "--json");
  assert.deepEqual([back.code, back.objects[0]?.["former"]], [0, []]);
});
