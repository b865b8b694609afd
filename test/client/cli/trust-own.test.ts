/** `samebits trust` for owners: from the first key to a replaced one, and to others who speak for some packages. */
import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { copyFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { fails } from "./failing.ts";
import { at, begun, counts, good, json, key, makeKeys, POLICY, pubs } from "./trust-rig.ts";

before(makeKeys);

test("a root is signed on several machines, by keys that are encrypted or air-gapped, and goes into place with the targets", async () => {
  const dir = at("several");
  const root = join(dir, "draft/1.root.json");
  const made = await json(
    "trust",
    "init",
    dir,
    "--root-key",
    ...pubs("alice", "bob", "safe"),
    "--root-threshold",
    "3",
    "--targets-key",
    ...pubs("release"),
  );
  assert.deepEqual([made["version"], made["complete"], counts(made)], [1, false, [[0, 3]]]);
  await fails(
    73,
    "output/exists",
    /1\.root\.json is there already/,
    "trust",
    "init",
    dir,
    "--root-key",
    ...pubs("alice"),
  );
  await writeFile(join(dir, "targets/policy.toml"), POLICY);
  await json("trust", "release", dir);
  const early = await json("trust", "sign", join(dir, "draft/targets.json"), ...key("release"));
  assert.deepEqual([early["complete"], early["published"]], [true, []]);
  assert.match(String((early["held"] as unknown[])[0]), /first root is not signed yet/);
  const copy = at("copy.json");
  await copyFile(root, copy);
  await fails(66, "key/wrong-passphrase", /name its passphrase/, "trust", "sign", copy, ...key("safe"));
  const elsewhere = await json("trust", "sign", copy, ...key("safe"), "--passphrase-file", at("passphrase"));
  assert.deepEqual([elsewhere["fingerprint"], counts(elsewhere)], [made["fingerprint"], [[1, 2]]]);
  await fails(4, "trust/not-a-signer", /is in no role/, "trust", "sign", root, ...key("carol"));
  await good("trust", "sign", root, "--emit-unsigned");
  const pem = createPrivateKey(await readFile(at("bob.key"), "utf8"));
  await writeFile(at("bob.sig"), sign(null, await readFile(`${root}.unsigned`), pem));
  const attach = ["trust", "sign", root, "--attach", at("bob.sig"), "--key"];
  await fails(66, "key/bad-file", /does not fit/, ...attach, at("alice.pub"));
  assert.deepEqual(counts(await json(...attach, at("bob.pub"))), [[1, 2]]);
  assert.deepEqual(counts(await json("trust", "sign", root, ...key("alice"))), [[2, 1]]);
  await fails(66, "key/bad-file", /is a public key/, "trust", "sign", root, "--key", at("alice.pub"));
  await fails(64, "usage/nothing-to-do", /--key/, "trust", "sign", root);
  const merged = await json("trust", "sign", root, "--merge", copy);
  assert.deepEqual([merged["complete"], (merged["published"] as unknown[]).length], [true, 2]);
  const shown = await json("trust", "show", dir);
  assert.deepEqual([shown["domain"], shown["problem"]], [made["fingerprint"], null]);
});

test("a rotation needs old keys and new ones, and says who is missing; new keys of the targets come with new targets", async () => {
  const dir = at("rotated");
  const fingerprint = await begun(dir);
  const rotate = [
    "trust",
    "rotate",
    dir,
    "--add-root-key",
    ...pubs("carol"),
    "--remove-root-key",
    at("safe.pub"),
  ];
  assert.deepEqual(counts(await json(...rotate)), [
    [0, 3],
    [0, 3],
  ]);
  await fails(73, "output/exists", /2\.root\.json is there already/, ...rotate);
  const twice = [
    ...rotate,
    "--again",
    "--add-targets-key",
    ...pubs("team"),
    "--remove-targets-key",
    at("release.pub"),
  ];
  await json(...twice);
  const root = join(dir, "draft/2.root.json");
  const copy = at("2.root.json");
  await copyFile(root, copy);
  const lone = await good("trust", "sign", copy, ...key("safe"), "--passphrase-file", at("passphrase"));
  assert.match(lone.out, /who else has to sign says the folder/, "safe is in the root before alone");
  await fails(64, "usage/bad-option", /works in the domain's folder/, "trust", "sign", copy, "--merge", root);
  assert.deepEqual(counts(await json("trust", "sign", root, "--merge", copy)), [
    [1, 2],
    [0, 3],
  ]);
  assert.deepEqual(counts(await json("trust", "sign", root, ...key("alice"))), [
    [2, 1],
    [1, 2],
  ]);
  const words = await good("trust", "show", root);
  assert.match(
    words.out,
    /signed {5}by 1 of 2 that have to, for root 2 itself\n {2}missing {2}1 of [0-9a-f]{16} [0-9a-f]{16}\n/,
  );
  const held = await json("trust", "sign", root, ...key("carol"));
  assert.deepEqual([held["complete"], held["published"]], [true, []]);
  assert.match(String((held["held"] as unknown[])[0]), /not targets\.json by the keys that root 2 names/);
  await json("trust", "release", dir);
  await fails(
    4,
    "trust/not-a-signer",
    /./,
    "trust",
    "sign",
    join(dir, "draft/targets.json"),
    ...key("release"),
  );
  const both = await json("trust", "sign", join(dir, "draft/targets.json"), ...key("team"));
  assert.equal((both["published"] as unknown[]).length, 2, "together");
  const added = await json("trust", "add", fingerprint, "--from", dir, "--data", at("rotated-data"));
  assert.deepEqual([(added["root"] as { version: number }).version, added["problem"]], [2, null]);
  const unknown = ["trust", "rotate", dir, "--remove-root-key", at("dave.pub")];
  await fails(64, "usage/bad-option", /is not in the root role/, ...unknown);
  await fails(
    4,
    "trust/bad-role",
    /2 have to sign/,
    "trust",
    "rotate",
    dir,
    "--remove-root-key",
    ...pubs("alice", "bob"),
  );
});

test("only what clients can read is released: policies and domain.toml are checked, with their place", async () => {
  const dir = at("released");
  await begun(dir);
  const release = ["trust", "release", dir];
  await writeFile(join(dir, "targets/policy.toml"), POLICY.replace('"tools"', "3"));
  await fails(3, "config/bad-file", /targets\/policy\.toml:\d+:\d+: .*shape\/wrong-type/, ...release);
  await writeFile(join(dir, "targets/policy.toml"), POLICY);
  for (const [text, says] of [
    ['version = 1\nbootstrap = ["mesh.example.org"]', /domain\.toml:2:\d+: .*multiaddr/],
    ['version = 1\nmirrors = ["file:/etc"]', /a web address/],
    ['version = 1\nnetwork = "No Such"', /no network/],
    ['version = 1\nwitnesses = ["x"]', /key\/bad-vkey/],
    ["version = 1\nbootsrap = []", /shape\/unknown-member/],
  ] as const) {
    await writeFile(join(dir, "targets/domain.toml"), text);
    await fails(3, "config/bad-file", says, ...release);
  }
  await writeFile(
    join(dir, "targets/domain.toml"),
    'version = 1\nbootstrap = ["/dnsaddr/mesh.example.org"]\n',
  );
  await writeFile(join(dir, "targets/a b"), "");
  await fails(4, "trust/bad-path", /"a b" is no name/, ...release);
  await rename(join(dir, "targets/a b"), join(dir, "targets/ab"));
  const next = await json(...release, "--days", "30");
  assert.deepEqual(
    [next["version"], (next["files"] as { path: string }[]).map(({ path }) => path)],
    [2, ["ab", "domain.toml", "policy.toml"]],
  );
  await fails(73, "output/exists", /targets\.json is there already/, ...release);
  assert.equal((await json(...release, "--again"))["version"], 2);
  await fails(64, "usage/bad-option", /--days 0: a number from 1/, ...release, "--days", "0");
  await fails(64, "usage/bad-option", /at most 3653/, ...release, "--days", "4000");
});

test("a delegate signs its own document in a folder of its own, and speaks for its packages", async () => {
  const dir = at("delegating");
  const fingerprint = await begun(dir);
  const delegate = ["trust", "delegate", dir, "team", "--key", ...pubs("team"), "--purl", "pkg:generic/*"];
  const draft = await json(...delegate);
  assert.deepEqual(
    (draft["delegations"] as { name: string; paths: string[]; purls: string[] }[]).map(
      ({ name, paths, purls }) => [name, paths, purls],
    ),
    [["team", ["team/*"], ["pkg:generic/*"]]],
  );
  await json("trust", "sign", join(dir, "draft/targets.json"), ...key("release"));
  const own = at("team");
  await json("trust", "export", dir, "-o", join(own, "public"));
  await mkdir(join(own, "targets/team"), { recursive: true });
  await writeFile(join(own, "targets/team/policy.toml"), POLICY);
  await fails(66, "input/missing", /delegates nothing to other/, "trust", "release", own, "--role", "other");
  await json("trust", "release", own, "--role", "team");
  const signed = await json("trust", "sign", join(own, "draft/delegated/team.json"), ...key("team"));
  assert.equal((signed["published"] as unknown[]).length, 1);
  const added = await json("trust", "add", fingerprint, "--from", own, "--data", at("delegating-data"));
  assert.deepEqual(
    (added["policies"] as { role: string }[]).map(({ role }) => role),
    ["", "team"],
  );
  const shown = await good("trust", "show", fingerprint.slice(0, 8), "--data", at("delegating-data"));
  assert.match(shown.out, /delegates {2}pkg:generic\/\* to team, whose files are team\/\*/);
  const removed = await json("trust", "delegate", dir, "team", "--remove");
  assert.deepEqual(removed["delegations"], []);
  await fails(
    64,
    "usage/bad-option",
    /nothing is delegated to nobody/,
    "trust",
    "delegate",
    dir,
    "nobody",
    "--remove",
    "--again",
  );
  await fails(
    64,
    "usage/bad-option",
    /name its keys with --key/,
    "trust",
    "delegate",
    dir,
    "nobody",
    "--again",
  );
});

test("a folder in which nothing of a domain is says so", async () => {
  const dir = at("nothing");
  await mkdir(dir);
  await fails(64, "usage/nothing-to-do", /no owner's folder/, "trust", "show", dir);
});
