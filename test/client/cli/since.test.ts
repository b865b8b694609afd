/** How long a claim has been in a feed, and what a revoked key signed before: from a real node, its exported folder, and a bundle alike. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { NOTE_COSIGNATURE, readCosigned, toSpkiPem, toVkey, writeCosigned } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { until } from "../../node/mesh/peers.ts";
import { writeFeed } from "../../node/mirror/folders.ts";
import { startTestNode } from "../../node/test-node.ts";
import { cosignedNote, witnessOf } from "../../witness-requests.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";
import { keyOf, member, MemoryFeed, NETWORK, PURL, SAME, stage, TOOL } from "./stage.ts";

const one = member(1);
const SEEDS = [41, 42].map((octet) => new Uint8Array(32).fill(octet));
const KEY = JSON.stringify(toSpkiPem(keyOf(one).key));
const WITNESSES = SEEDS.map((seed, i) => {
  const { name, raw } = witnessOf(seed, NETWORK);
  return `[witnesses.w${i + 1}]\nkey = "${toVkey(name, raw, NOTE_COSIGNATURE)}"\n`;
}).join("");
const DAY_S = 86_400;
const now = Math.floor(Date.now() / 1_000);

/** Of 600 entries the claim is number 300; a policy that wants more than its builder's word. */
const feed = new MemoryFeed(1).append(
  ...Array.from({ length: 300 }, (_, i) => `entry ${i}`),
  keyOf(one).link(TOOL, SAME),
  ...Array.from({ length: 299 }, (_, i) => `more ${i}`),
);

function policyOf(key: string, rule: string): string {
  return `version = 1\n[builders.b1]\nkey = ${key}\n${WITNESSES}[[rules]]\nname = "tools"\nmatch = "pkg:generic/*"\nrequire = { k = 1, of = ["b1"] }\n${rule}`;
}

/** What the two witnesses cosigned then, each at its size. */
function cosigned(days: number, ...sizes: readonly number[]): readonly Uint8Array[] {
  return sizes.map((size, i) => cosignedNote(feed, size, SEEDS[i] ?? new Uint8Array(), now - days * DAY_S));
}

/** Puts what a mirror shows into a node, which follows the feed and has these witnesses. */
async function shown(folder: string, dataDir: string, notes: readonly Uint8Array[]): Promise<string> {
  await writeFile(join(folder, "cosigned"), writeCosigned(notes) ?? "");
  const node = await startTestNode({
    dataDir,
    mirrors: [`file:${folder}`],
    witnesses: SEEDS.map((seed) => witnessOf(seed)),
    follow: { all: false, origins: [feed.origin], builders: [] },
    api: { listen: "127.0.0.1:0", public: false, hosts: [] },
  });
  await until("what the mirror has", async () => {
    const [view] = (await node.status()).feeds;
    return view?.held === 600 && view.indexed === 600 && isDeepStrictEqual(view.cosigned, notes);
  });
  if (notes === LAST) return node.api ?? "";
  await node.close();
  return "";
}

/** The witnesses were there ten days ago, when both saw the claim, and nine; two days ago; and just now. */
const LAST = cosigned(0, 600, 600);

function facts({ code, objects }: Ran): readonly unknown[] {
  const votes = (objects[0]?.["votes"] ?? []) as readonly Readonly<Record<string, unknown>>[];
  return [code, objects[0]?.["verdict"], ...votes.map(({ vote }) => vote)];
}

test("a rule that asks for a time, and a key that is revoked, are judged alike by way of a node, a folder and a bundle", async () => {
  const [folder, dataDir, home] = [await newFolder(), await newFolder(), await newFolder()];
  await writeFeed(folder, feed);
  await shown(folder, dataDir, cosigned(10, 301, 400));
  await shown(folder, dataDir, cosigned(2, 500, 500));
  const api = await shown(folder, dataDir, LAST);

  const out = join(home, "export");
  const exported = await runCommand(
    ["feed", "export", out, feed.origin, "--api", api, "--network", NETWORK],
    home,
  );
  assert.equal(exported.code, 0, exported.err);
  const past = readCosigned(new Uint8Array(await readFile(join(out, "cosigned-past"))), 100);
  const sizes = past.map(({ checkpoint }) => checkpoint.size);
  assert.deepEqual(
    sizes.toSorted((a, b) => a - b),
    [301, 400, 500, 500],
  );
  assert.equal((await runCommand(["feed", "check", out], home)).code, 0);

  const { path } = await stage([one], [], 1);
  const verify = async (policy: string, ...options: readonly string[]): Promise<readonly unknown[]> => {
    const file = join(home, "policy.toml");
    await writeFile(file, policy);
    const common = ["--purl", PURL, "--policy", file, "--network", NETWORK, "--json"];
    return facts(await runCommand(["verify", path, ...common, ...options], await newFolder()));
  };
  const bundle = join(home, "tool.bundle");
  const revoked = (day: number): string =>
    `{ key = ${KEY}, revoked = "${new Date(1_000 * (now - day * DAY_S)).toISOString().slice(0, 19)}Z" }`;
  const cases = [
    [policyOf(KEY, 'logged_for = "9d"'), [0, "reproduced", "agrees"]],
    [policyOf(KEY, 'logged_for = "11d"'), [2, "pending", "excluded"]],
    [policyOf(revoked(9), ""), [0, "reproduced", "agrees"]],
    [policyOf(revoked(11), ""), [2, "pending", "excluded"]],
  ] as const;
  for (const [policy, expected] of cases) {
    assert.deepEqual(await verify(policy, "--api", api), expected, `node: ${policy}`);
    const at = ["--mirror", `file:${out}`, "--offline"];
    assert.deepEqual(await verify(policy, ...at), expected, `folder: ${policy}`);
    const made = ["bundle", "-o", bundle, path, "--purl", PURL, "--policy", join(home, "policy.toml")];
    await runCommand([...made, "--network", NETWORK, "--api", api], home);
    assert.deepEqual(await verify(policy, "--bundle", bundle, "--offline"), expected, `bundle: ${policy}`);
  }
  // Without what was cosigned then a folder proves nothing of that time.
  await writeFile(join(out, "cosigned-past"), "nothing");
  assert.deepEqual(await verify(cases[0][0], "--mirror", `file:${out}`, "--offline"), [
    2,
    "pending",
    "excluded",
  ]);
});
