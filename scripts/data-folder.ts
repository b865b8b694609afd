/**
 * `node scripts/data-folder.ts`: a small data folder as this version leaves it, in test/vectors/data/VERSION.tar.gz. Made once for each release, when
 * it is released, and never again: later versions must go on with it (test/node/data-folders.test.ts). Two builders publish, and disagree on
 * one package; the folder is that of the second, which follows the first.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultConfig, startNode } from "../node/index.ts";
import type { NodeConfig } from "../node/index.ts";
import { origin } from "../protocol/index.ts";
import { builder, claim } from "../test/e2e/claims.ts";

const TOP = join(import.meta.dirname, "..");
const { version: VERSION } = JSON.parse(readFileSync(join(TOP, "package.json"), "utf8")) as {
  version: string;
};
const NETWORK = "data";
const OUT = join(TOP, "test/vectors/data", `${VERSION}.tar.gz`);
if (existsSync(OUT)) throw new Error(`${OUT} is there: what a release has left does not change any more`);

const folder = mkdtempSync(join(tmpdir(), "data-"));
const [alice, bob] = [builder("alice"), builder("bob")];
const configOf = (who: typeof alice, name: string): NodeConfig => ({
  ...defaultConfig(join(folder, name)),
  network: NETWORK,
  listen: ["/ip4/127.0.0.1/tcp/0"],
  publishKey: who.pem,
  first: true,
});
const first = await startNode(configOf(alice, "alice"));
const config: NodeConfig = {
  ...configOf(bob, VERSION),
  bootstrap: first.listen,
  follow: { all: false, origins: [origin(NETWORK, alice.raw)], builders: [] },
};
const second = await startNode(config);
await first.publish(["one", "two", "three"].map((name) => claim(alice, name, "same")));
await second.publish([claim(bob, "one", "same"), claim(bob, "two", "other")]);
for (;;) {
  const { feeds, findings, claims } = await second.status();
  const held = feeds.find((feed) => feed.origin === first.origin);
  if (held?.held === 3 && held.indexed === 3 && findings === 1 && claims > 0) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
await second.close();
await first.close();
// What stood in the database's journal is in a table now, and its journal has rows, too.
await (await startNode({ ...config, first: false, bootstrap: [] })).close();
execFileSync("tar", ["-czf", OUT, "--owner=0", "--group=0", "-C", folder, VERSION]);
rmSync(folder, { recursive: true });
process.stdout.write(`${OUT}\n`);
