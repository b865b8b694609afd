/** The audit in a whole node: level, the worker that checks, a restart, and a finding that the command line checks. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Node } from "../../node/index.ts";
import { keyIdPlain } from "../../protocol/crypto/index.ts";
import { runCommand } from "../client/cli/run.ts";
import { newFolder } from "../node/folder.ts";
import { writeFeed } from "../node/mirror/folders.ts";
import { startTestNode } from "../node/test-node.ts";
import { Builder, packageNumber } from "../sim/builder.ts";
import { MemoryFeed } from "../sim/memory-feed.ts";
import { until } from "./asking.ts";

const [alice, mallory] = [new Builder(1), new Builder(2)];
/** More than go to the worker at once. */
const HONEST = 270;
const honest = Array.from({ length: HONEST }, (_, i) => alice.link(packageNumber(i), "bits"));
const forged = mallory.link(packageNumber(900), "bits", { keyid: keyIdPlain(alice.key) });

test("what nobody asks for is audited once, also across a restart, and a forged entry becomes evidence", async () => {
  const [dataDir, folder] = [await newFolder(), await newFolder()];
  const feed = new MemoryFeed(1).append(...honest);
  const follow = { all: false, origins: [feed.origin], builders: [] };
  const start = (): Promise<Node> => startTestNode({ dataDir, follow, mirrors: [`file:${folder}`] });
  await writeFeed(folder, feed);
  const node = await start();
  await until("all is audited", async () => (await node.status()).audit.audited === HONEST);
  assert.deepEqual((await node.status()).audit, { audited: HONEST, left: 0, seconds: 0 });
  assert.equal((await node.status()).findings, 0);
  await node.close();

  await writeFeed(folder, feed.append(forged, ...honest.slice(0, 3)));
  const again = await start();
  assert.equal((await again.status()).audit.audited, HONEST, "it goes on where it was");
  await until("it is found", async () => (await again.status()).findings === 1);
  const [finding] = (await again.findings(0, { limit: 1, onlyProven: true })).findings;
  assert.equal(finding?.kind, "bad-leaf");
  await until("it stands there for good", async () => (await again.status()).audit.left === 0);
  assert.equal((await again.status()).audit.audited, HONEST);
  const file = join(folder, "evidence.json");
  await writeFile(file, finding.evidence ?? "");
  const { code, objects } = await runCommand(["evidence", "check", file, "--json"]);
  assert.deepEqual([code, objects[0]?.["holds"], objects[0]?.["kind"]], [0, true, "bad-leaf"]);
});
