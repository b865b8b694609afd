/** A policy with an in-toto layout drives `verify` through the mesh: links of builders and of a signer come out of feeds of peers in processes of their own. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  buildLayout,
  buildStepLink,
  ed25519Key,
  sealLayoutEnvelope,
  sealMetablock,
  sha256Hex,
  signDomain,
  pae,
  toSpkiPem,
  utf8,
} from "../../protocol/index.ts";
import type { Artifacts, PublicKey } from "../../protocol/index.ts";
import { runCommand } from "../client/cli/run.ts";
import type { Ran } from "../client/cli/run.ts";
import { newFolder } from "../node/folder.ts";
import { heldOf, until } from "./asking.ts";
import { builder, packageTarget } from "./claims.ts";
import type { TestBuilder } from "./claims.ts";
import { startPeer } from "./processes.ts";

const LIMIT = { timeout: 120_000 };
const [owner, alice, bob, carol, dave] = ["owner", "alice", "bob", "carol", "dave"].map(builder) as [
  TestBuilder,
  TestBuilder,
  TestBuilder,
  TestBuilder,
  TestBuilder,
];
const keyOf = ({ raw }: TestBuilder): PublicKey => ed25519Key(raw);

/** Two of three build a package from its source, and dave signs what they got. */
function layout(): Uint8Array {
  const signed = buildLayout({
    readme: "",
    expires: Date.now() + 24 * 3_600_000,
    steps: [
      {
        name: "build",
        threshold: 2,
        functionaries: [alice, bob, carol].map(keyOf),
        expectedCommand: [],
        expectedMaterials: [
          { kind: "allow", pattern: "*.dsc" },
          { kind: "disallow", pattern: "*" },
        ],
        expectedProducts: [
          { kind: "create", pattern: "*.unsigned" },
          { kind: "disallow", pattern: "*" },
        ],
      },
      {
        name: "sign",
        threshold: 1,
        functionaries: [keyOf(dave)],
        expectedCommand: [],
        expectedMaterials: [
          { kind: "match", pattern: "*", source: null, with: "products", destination: null, step: "build" },
          { kind: "disallow", pattern: "*" },
        ],
        expectedProducts: [
          { kind: "create", pattern: "*.deb" },
          { kind: "disallow", pattern: "*" },
        ],
      },
    ],
    inspections: [],
  });
  return sealMetablock(signed, [{ key: keyOf(owner), sig: signDomain(owner.seed, signed) }]);
}

function artifact(path: string, content: string): Artifacts {
  return new Map([[path, new Map([["sha256", sha256Hex(utf8(content))]])]]);
}

/** The package built by somebody, as a metablock of in-toto's; `gives` = what came out. */
function built(by: TestBuilder, name: string, gives = `${name} unsigned`): Uint8Array {
  const signed = buildStepLink({
    name: "build",
    materials: artifact(`${name}.dsc`, `${name} source`),
    products: artifact(`${name}.unsigned`, gives),
    command: ["make"],
    byproducts: new Map(),
  });
  return sealMetablock(signed, [{ key: keyOf(by), sig: signDomain(by.seed, signed) }]);
}

/** Signed by dave, as an envelope of in-toto's. */
function signed(name: string): Uint8Array {
  const link = buildStepLink({
    name: "sign",
    materials: artifact(`${name}.unsigned`, `${name} unsigned`),
    products: artifact(packageTarget(name).file, `${name} signed`),
    command: [],
    byproducts: new Map(),
  });
  return sealLayoutEnvelope(link, [{ key: keyOf(dave), sig: signDomain(dave.seed, pae(link)) }]);
}

function verify(name: string, content: string, ...options: readonly string[]): Promise<Ran> {
  const { purl, file } = packageTarget(name);
  const what = ["--sha256", sha256Hex(utf8(content)), "--purl", purl, "--name", file];
  return runCommand(["verify", ...what, "--network", "e2e", "--json", ...options]);
}

/** Code, verdict, decision, kind of contradiction, and how many links of how many. */
function shown({ code, objects }: Ran): readonly unknown[] {
  const [object] = objects;
  const said = ["verdict", "decision", "contradiction", "agreeing"].map((member) => object?.[member]);
  return [code, ...said];
}

test("links of two of three builders and of a signer are found step by step", LIMIT, async () => {
  const a = await startPeer({ publishKey: alice.pem, first: true });
  const all = [alice, bob, carol, dave].map(({ hex }) => hex);
  const joined = { bootstrap: a.listen, followAll: true, first: true, followBuilders: all };
  const [b, d] = await Promise.all([
    startPeer({ ...joined, publishKey: bob.pem }),
    startPeer({ ...joined, publishKey: dave.pem }),
  ]);
  await a.publish(...["hello", "split", "lonely"].map((name) => built(alice, name)));
  await b.publish(built(bob, "hello"), built(bob, "split"), built(carol, "split", "something else"));
  await d.publish(signed("hello"), signed("split"), signed("lonely"));
  await until("all feeds at b", async () => (await heldOf(b, a.origin)) + (await heldOf(b, d.origin)) === 6);
  const folder = await newFolder();
  const policy = join(folder, "policy.toml");
  await writeFile(join(folder, "deb.layout"), layout());
  const named = `[layouts.deb]\nfile = "deb.layout"\nkeys = [${JSON.stringify(toSpkiPem(keyOf(owner)))}]\n`;
  await writeFile(
    policy,
    `version = 1\n${named}[[rules]]\nname = "deb"\nmatch = "pkg:deb/debian/*"\nlayout = "deb"\nlogged = true\n`,
  );
  const node = ["--policy", policy, "--data", b.dataDir];
  const light = [
    "--policy",
    policy,
    "--data",
    await newFolder(),
    "--deadline",
    "60",
    "--bootstrap",
    ...b.listen,
  ];
  for (const how of [node, light]) {
    assert.deepEqual(shown(await verify("hello", "hello signed", ...how)), [
      0,
      "reproduced",
      "allow",
      null,
      3,
    ]);
    const split = await verify("split", "split signed", ...how);
    assert.deepEqual(shown(split), [1, "contradicted", "refuse", "split", 3]);
  }
  const tampered = await verify("hello", "hello tampered", ...node);
  assert.deepEqual(shown(tampered), [1, "contradicted", "refuse", "file", 3]);
  const lonely = await verify("lonely", "lonely signed", ...node);
  assert.deepEqual(shown(lonely), [2, "pending", "refuse", null, 2]);
  assert.match(String(lonely.objects[0]?.["next"]), /a link of step "build" by deb:/);
});
