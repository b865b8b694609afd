/** The data folder of every release is opened by this version: all is there, and it goes on. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { VERSION } from "../../client/version.ts";
import { defaultConfig, startNode } from "../../node/index.ts";
import type { Node } from "../../node/index.ts";
import { openSigner } from "../../node/signer.ts";
import { ownHeadFile } from "../../node/store/index.ts";
import { checkEvidenceSync, origin, toHex } from "../../protocol/index.ts";
import { builder, claim, packageTarget } from "../e2e/claims.ts";
import { newFolder } from "./folder.ts";

const FOLDER = join(import.meta.dirname, "../vectors/data");
const RELEASES = readdirSync(FOLDER).filter((name) => name.endsWith(".tar.gz"));
const [alice, bob] = [builder("alice"), builder("bob")];

/** The folder as if it had been written where it lies now: a copy waits to hear what others know of its feed, and nobody else is here. */
async function unpack(archive: string): Promise<string> {
  const place = await newFolder();
  execFileSync("tar", ["-xzf", join(FOLDER, archive), "-C", place]);
  const folder = join(place, archive.replace(/\.tar\.gz$/, ""));
  const head = ownHeadFile(folder, toHex(openSigner(bob.pem, "bob").publicKey));
  const octets = await head.read();
  assert.ok(octets instanceof Uint8Array);
  assert.ok(await head.swap(octets, octets));
  return folder;
}

function openNode(folder: string): Promise<Node> {
  return startNode({
    ...defaultConfig(folder),
    network: "data",
    publishKey: bob.pem,
    follow: { all: false, origins: [origin("data", alice.raw)], builders: [] },
  });
}

test("there is one of this version", () => {
  assert.ok(RELEASES.includes(`${VERSION}.tar.gz`), "make it: node scripts/data-folder.ts");
});

for (const archive of RELEASES) {
  test(
    `${archive}: feeds, claims, findings and the own feed are there, and it goes on`,
    { timeout: 60_000 },
    async () => {
      const folder = await unpack(archive);
      const node = await openNode(folder);
      try {
        const { feeds, claims, findings, own } = await node.status();
        const sizes = new Map(feeds.map((feed) => [feed.origin, [feed.size, feed.held, feed.indexed]]));
        assert.deepEqual(sizes.get(origin("data", alice.raw)), [3, 3, 3]);
        assert.deepEqual(sizes.get(node.origin ?? ""), [2, 2, 2]);
        assert.deepEqual([claims > 0, findings, own?.state, own?.size], [true, 1, "open", 2]);
        for (const [name, count] of [
          ["one", 2],
          ["two", 2],
          ["three", 1],
        ] as const) {
          const question = { targets: [packageTarget(name).key], digests: [], builders: [] };
          const { found } = await node.query(question, { network: false, deadlineMs: 5_000 });
          assert.equal(found.length, count, name);
        }
        const page = await node.findings(0, { limit: 10, onlyProven: true });
        assert.deepEqual(
          page.findings.map(({ kind }) => kind),
          ["contradiction"],
        );
        assert.ok(checkEvidenceSync(page.findings[0]?.evidence ?? new Uint8Array()));
        const [entry] = await node.publish([claim(bob, "three", "same")]);
        assert.deepEqual([entry?.index, entry?.known], [2, false]);
      } finally {
        await node.close();
      }
      const again = await openNode(folder);
      assert.equal((await again.status()).own?.size, 3);
      await again.close();
    },
  );
}
