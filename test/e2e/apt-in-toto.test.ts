/** Debian 12's apt-transport-in-toto, unmodified, with the real apt: it installs what builders of the mesh agree on, from a node alone. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import type { Node } from "../../node/index.ts";
import { linkOf } from "../links.ts";
import { newFolder } from "../node/folder.ts";
import { member, startGatewayNode } from "../node/api/rebuilderd/rig.ts";
import { lacks } from "../programs.ts";
import {
  FILE,
  methodOf,
  openApt,
  openProxy,
  packageDigest,
  run,
  serveRepository,
  VECTOR,
} from "./apt-rig.ts";
import { builder } from "./claims.ts";
import { layoutOf } from "./layout.ts";
import { ownLink } from "./own-link.ts";

const METHOD = methodOf("intoto");
const skip =
  lacks("apt-get", "gpg", "in-toto-sign") ||
  (METHOD === null ? "no apt-transport-in-toto here: scripts/debian.sh installs it" : false);
const [alice, bob, carol] = ["alice", "bob", "carol"].map(builder) as [
  ReturnType<typeof builder>,
  ReturnType<typeof builder>,
  ReturnType<typeof builder>,
];
let node: Node;

before(async () => {
  if (skip !== false) return;
  node = await startGatewayNode([member("alice", alice), member("bob", bob), member("carol", carol)]);
  await node.publish([
    await ownLink(alice, VECTOR),
    linkOf(bob, FILE, { name: "rebuild", sha256: packageDigest }),
    linkOf(carol, FILE, { name: "rebuild" }),
  ]);
});

/** A layout that asks for two of the three, signed by an owner whom gpg knows. */
async function owned(): Promise<{ readonly layout: string; readonly home: string; readonly owner: string }> {
  const folder = await newFolder();
  const home = join(folder, "gnupg");
  await mkdir(home, { mode: 0o700 });
  const env = { GNUPGHOME: home };
  const made = await run(
    "gpg",
    [
      "--batch",
      "--quiet",
      "--passphrase",
      "",
      "--quick-generate-key",
      "owner@example.org",
      "rsa2048",
      "sign",
      "never",
    ],
    env,
  );
  assert.equal(made.code, 0, made.output);
  const { output } = await run("gpg", ["--list-keys", "--with-colons"], env);
  const owner = /^fpr:+([0-9A-F]{40}):/m.exec(output)?.[1] ?? assert.fail(output);
  const layout = join(folder, "root.layout");
  const unsigned = { signatures: [], signed: layoutOf([alice, bob, carol], 2, [SAME_FILE]) };
  await writeFile(layout, JSON.stringify(unsigned));
  const signed = await run("in-toto-sign", ["-f", layout, "-g", owner, "--gpg-home", home], env);
  assert.equal(signed.code, 0, signed.output);
  return { layout, home, owner };
}

/** What is unpacked is what was rebuilt. */
const SAME_FILE = {
  _type: "inspection",
  name: "same-file",
  run: ["/bin/true"],
  expected_materials: [
    ["MATCH", "*.deb", "WITH", "PRODUCTS", "FROM", "rebuild"],
    ["DISALLOW", "*.deb"],
  ],
  expected_products: [],
};

test(
  "apt installs what two builders agree on, and nothing that one alone or a dissenter is asked about",
  { skip },
  async () => {
    const { layout, home, owner } = await owned();
    const proxy = await openProxy(node.rebuilderd ?? "", await serveRepository());
    const attempt = async (
      ...names: readonly string[]
    ): ReturnType<Awaited<ReturnType<typeof openApt>>["install"]> => {
      const rebuilders = names.map((name) => `"http://${name}.localhost:8484";`).join(" ");
      const config = `APT::Intoto { LogLevel {"20"}; Rebuilders { ${rebuilders} }; Layout {"${layout}"}; Keyids {"${owner}"}; GPGHomedir {"${home}"}; };\n`;
      return (await openApt("intoto", METHOD ?? "", { proxy, config })).install();
    };
    const agreed = await attempt("alice", "bob");
    assert.ok(agreed.got, agreed.output);
    assert.match(agreed.output, /passed! :\)/);
    const alone = await attempt("alice", "nobody");
    assert.ok(!alone.got, alone.output);
    assert.match(alone.output, /requires '2' link metadata/);
    const torn = await attempt("alice", "carol");
    assert.ok(!torn.got, torn.output);
    assert.match(torn.output, /have different artifacts!/);
  },
);
