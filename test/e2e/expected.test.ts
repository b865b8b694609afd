/** What a policy expects and the mesh does not show: a publisher, two rebuilders, an author and a node, and `watch` in a process of its own. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  fromBase64,
  fromHex,
  parseAttestation,
  parseTarget,
  toHex,
  toPkcs8Pem,
  toVkey,
  utf8,
  verifyEntry,
} from "../../protocol/index.ts";
import { assertLine } from "../json-schemas.ts";
import { newFolder } from "../node/folder.ts";
import { Builder, digestOf, packageNumber } from "../sim/builder.ts";
import { heldOf, until } from "./asking.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";
import { watch } from "./watcher.ts";

const NETWORK = "e2e";
const [archive, alice, bob, author, mallory] = [61, 62, 63, 64, 65].map((seed) => new Builder(seed));
assert.ok(archive && alice && bob && author && mallory);

const section = (name: string, { key }: Builder, role: string): string =>
  `[builders.${name}]\nkey = "${toVkey(name, key.raw)}"\nroles = ["${role}"]\n`;
const POLICY = `version = 1
${section("archive", archive, "publisher")}${section("alice", alice, "rebuilder")}${section("bob", bob, "rebuilder")}${section("author", author, "author")}
[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 2, of = "role:rebuilder" }
[[rules]]
name = "released"
match = "pkg:generic/*"
require = { k = 1, of = "role:rebuilder" }
source = { k = 1, of = "role:author" }
`;

interface Line {
  readonly kind: string;
  readonly id: string;
  readonly ended: boolean;
  readonly builders: readonly (string | null)[];
  readonly target: { readonly purl: string };
  readonly text: readonly string[];
  readonly check: string;
  readonly proof: {
    readonly feed: string;
    readonly index: number;
    readonly envelope: string;
    readonly path: readonly string[];
    readonly checkpoint: string;
  } | null;
}

const publisherOf = ({ seed }: Builder, bootstrap: readonly string[] = []): Promise<PeerProcess> =>
  startPeer({ publishKey: toPkcs8Pem(seed), first: true, bootstrap });

test(
  "what lacks is told once, with its proof, and once more when it came",
  { timeout: 300_000 },
  async () => {
    const followed = [archive, alice, bob, author].map(({ key }) => toHex(key.raw));
    const node = await startPeer({ followBuilders: followed });
    const peers = await Promise.all([archive, alice, bob].map((one) => publisherOf(one, node.listen)));
    const [archivePeer, alicePeer, bobPeer] = peers;
    assert.ok(archivePeer && alicePeer && bobPeer);
    const publish = async (peer: PeerProcess, ...envelopes: Uint8Array[]): Promise<void> => {
      assert.equal((await peer.publish(...envelopes)).status, 200);
    };
    const [first, second] = [packageNumber(1), packageNumber(2)];
    const tool = parseTarget("pkg:generic/tool@1.0", "tool-1.0.bin");
    const source = parseTarget("pkg:generic/tool@1.0", "tool-1.0.tar");
    await publish(archivePeer, archive.link(first, "bits", { step: "publish" }));
    await publish(alicePeer, alice.link(second, "bits"));
    for (const { origin } of [archivePeer, alicePeer])
      await until("its feed", async () => (await heldOf(node, origin)) === 1);

    const folder = await newFolder();
    const policy = join(folder, "policy.toml");
    await writeFile(policy, POLICY);
    const options = ["--policy", policy, "--unreproduced", "1s", "--unexpected-release", "1s"];
    const args = [...options, "--network", NETWORK, "--data", node.dataDir];
    const watcher = await watch(args, folder);
    const linesOf = (kind: string, { lines } = watcher): Line[] =>
      lines.map((line) => JSON.parse(line) as Line).filter((line) => line.kind === kind);
    const comes = (kind: string, count = 1, by = watcher): Promise<void> =>
      until(`${kind} ${count}`, async () => linesOf(kind, by).length >= count);

    await comes("unreproduced");
    const [missing] = linesOf("unreproduced");
    assert.ok(missing);
    assert.deepEqual(
      [missing.target.purl, missing.builders, missing.ended],
      [first.purl, ["archive"], false],
    );
    assert.match(missing.text.join("\n"), /0 of 2 votes needed/);
    const { proof } = missing;
    assert.ok(proof);
    const proven = verifyEntry(
      {
        entry: fromBase64(proof.envelope),
        index: proof.index,
        path: proof.path.map((hash) => fromHex(hash)),
        checkpoint: utf8(proof.checkpoint),
      },
      NETWORK,
    );
    assert.equal(proven.head.origin, archivePeer.origin);
    assert.equal(parseAttestation(proven.entry).claims[0]?.target?.keyHex, first.keyHex);

    // Somebody else's envelope in a rebuilder's own feed, and a build from a source that nobody stated.
    await publish(alicePeer, mallory.link(second, "other bits"));
    await comes("unknown-key");
    assert.deepEqual(
      [linesOf("unknown-key")[0]?.target.purl, linesOf("unknown-key").length],
      [second.purl, 1],
    );
    await publish(alicePeer, alice.link(tool, "tool", { input: digestOf("source") }));
    await comes("unexpected-release");
    assert.equal(linesOf("unexpected-release")[0]?.target.purl, tool.purl);
    assert.deepEqual(linesOf("unreproduced").length, 1, "nothing is told twice");

    watcher.child.kill("SIGTERM");
    const [code] = (await once(watcher.child, "exit")) as [number | null];
    assert.equal(code, 0, watcher.notes.join("\n"));
    const again = await watch(args, folder);
    await publish(alicePeer, alice.link(first, "bits"));
    await publish(bobPeer, bob.link(first, "bits"));
    await comes("unreproduced", 1, again);
    await publish(archivePeer, author.link(source, "source", { step: "source" }));
    await comes("unexpected-release", 1, again);
    const after = again.lines.map((line) => JSON.parse(line) as Line);
    assert.deepEqual(
      after.map(({ kind, id, ended }) => [kind, id, ended]),
      [
        ["unreproduced", missing.id, true],
        ["unexpected-release", linesOf("unexpected-release")[0]?.id, true],
      ],
    );
    for (const line of [...watcher.lines, ...again.lines]) assertLine("watch", line);
    again.child.kill("SIGTERM");
  },
);
