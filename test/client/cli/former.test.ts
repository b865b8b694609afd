/** What `verify` tells of keys that a trust domain revokes as of a time: nothing before it, and from then on that they are gone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeByAll } from "../../../client/cli/judged.ts";
import { findPolicies } from "../../../client/policy-file.ts";
import { formatTime, sha256, toHex, toVkey, utf8 } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { delegationTo, signedBy, targetsOf } from "../../protocol/trust/domains.ts";
import { begun, bob, client, NOW, PIN, release } from "../trust/rig.ts";
import { answerOf } from "../verify/answers.ts";
import { FILE, keyOf, member, MemoryFeed, NETWORK, SAME, TOOL } from "./stage.ts";

const [one, two] = [member(1), member(2)];
const DAY = 86_400_000;
const END = NOW + 2 * DAY;

function policyOf(match: string, key: string): string {
  return `version = 1\n[builders.b]\n${key}\n[[rules]]\nname = "all"\nmatch = "${match}"\nrequire = { k = 1, of = ["b"] }\n`;
}

const vkey = (by: typeof one): string => JSON.stringify(toVkey("b", keyOf(by).key.raw));

/** Judges by the domain's own policy, which knows one; of two a delegate knows. */
async function formerAt(data: string, now: number): Promise<readonly unknown[]> {
  const config = {
    file: null,
    data,
    api: null,
    policy: null,
    bootstrap: [],
    debNamespace: null,
    said: {},
    node: {},
    watch: {},
  };
  const policies = await findPolicies(
    { ...config, network: NETWORK, isNetworkSaid: true, domain: PIN },
    undefined,
    now,
  );
  assert.ok(policies !== null);
  const feed = new MemoryFeed(1).append(keyOf(one).link(TOOL, SAME), keyOf(two).link(TOOL, SAME));
  const artifact = { sha256: sha256(utf8(SAME)), name: FILE, target: TOOL, inside: null };
  const { judged } = await judgeByAll([{ path: null, artifact, unfit: null }], policies, {
    network: NETWORK,
    dataDir: await newFolder(),
    source: {
      name: "the mesh",
      holdsFeeds: false,
      trusted: false,
      find: () => Promise.resolve(answerOf(feed)),
      close: () => Promise.resolve(),
    },
    bundles: [],
    mirrors: null,
    mirrorsMs: 1_000,
    deadlineMs: 1_000,
    now,
  });
  assert.equal(judged[0]?.verdict.verdict, "reproduced");
  return judged[0].former;
}

test("a second before nothing is told of it; at that second, and after it, that it is gone", async () => {
  const site = await begun();
  const delegations = [delegationTo("debian", bob)];
  const files = [await site.file("policy.toml", policyOf("pkg:generic/*", `key = ${vkey(one)}`))];
  await release(site, 2, { files, delegations });
  const said = async (version: number, key: string): Promise<void> => {
    const own = [await site.file("debian/policy.toml", policyOf("pkg:deb/debian/*", key))];
    await site.put({ role: ["debian"] }, signedBy(targetsOf(version, { files: own }), "targets", bob));
  };
  await said(1, `key = ${vkey(two)}`);
  const machine = await client();
  await machine.add(site);
  await said(2, `keys = [{ key = ${vkey(two)}, revoked = "${formatTime(END)}" }]`);
  await machine.update(site);
  assert.deepEqual(await formerAt(machine.data, END - 1_000), []);
  const told = [
    {
      builder: "b",
      key: toHex(keyOf(two).key.raw),
      sha256: toHex(sha256(utf8(SAME))),
      role: "debian",
      version: 2,
    },
  ];
  assert.deepEqual(await formerAt(machine.data, END), told);
  assert.deepEqual(await formerAt(machine.data, END + 1_000), told);
});
