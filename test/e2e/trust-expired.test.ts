/** A node with a trust domain that has expired. In a process of its own: a node that was told to stop ends it some seconds later. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openApi } from "../../client/source/index.ts";
import { fingerprintOf, fromUtf8, record, toVkey, writeJson } from "../../protocol/index.ts";
import { runCommand } from "../client/cli/run.ts";
import type { Ran } from "../client/cli/run.ts";
import { Site } from "../client/trust/site.ts";
import { newFolder } from "../node/folder.ts";
import { owner, rootOf, signedBy, targetsOf } from "../protocol/trust/domains.ts";
import { until } from "./asking.ts";
import { builder } from "./claims.ts";

const NETWORK = "trust-expired";
const DAY = 86_400_000;
const signer = owner(1);
const FIRST = signedBy(rootOf(1, [signer], 1, { expires: Date.now() + 365 * DAY }), "root", signer);
const PIN = fingerprintOf(FIRST);

async function release(site: Site, version: number, expires: number): Promise<void> {
  const key = toVkey("b", builder("alice").raw);
  const rule = '[[rules]]\nname = "all"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = ["b"] }\n';
  const files = [
    await site.file("policy.toml", `version = 1\n[builders.b]\nkey = "${key}"\n${rule}`),
    await site.file("domain.toml", `version = 1\nnetwork = "${NETWORK}"\n`),
  ];
  await site.put({ role: [] }, signedBy(targetsOf(version, { files, expires }), "targets", signer));
}

async function ran(home: string, code: number, ...argv: string[]): Promise<Ran> {
  const ended = await runCommand(argv, home);
  assert.equal(ended.code, code, `${argv.join(" ")}: ${ended.out}${ended.err}`);
  return ended;
}

test(
  "it starts, follows and carries, says so once, and gets well by itself when its owners sign anew",
  { timeout: 60_000 },
  async () => {
    const site = await Site.open();
    await site.put({ root: 1 }, FIRST);
    await release(site, 1, Date.now() - DAY);
    const home = await newFolder();
    await ran(home, 3, "trust", "add", PIN, "--from", site.folder);
    const dataDir = join(home, "data/samebits");
    const own = openApi({ socket: join(dataDir, "api.sock") }, { trusted: true, dataDir, network: NETWORK });
    const isShown = (what: RegExp) => async (): Promise<boolean> => {
      const status = await own.get("/v1/status").catch(() => null);
      if (status === null) return false;
      return what.test(fromUtf8(writeJson(record(status, "status").member("domains").value)));
    };
    const before = process.listenerCount("SIGTERM");
    const node = runCommand(["node", "--listen", "none", "--api-listen", "none"], home);
    try {
      while (process.listenerCount("SIGTERM") === before) await sleep(20);
      await until("its problem", isShown(/"targets":1,.*"trust\/expired"/));
      const status = await ran(home, 0, "status", "--network", NETWORK);
      assert.match(status.out, /domain .*…, root 1, targets 1: SAYS NOTHING, .*samebits trust update/);
      const [sha256, purl] = ["ab".repeat(32), "pkg:deb/debian/hello@1?arch=all"];
      await ran(home, 3, "verify", "--sha256", sha256, "--purl", purl, "--name", "hello_1_all.deb");
      await release(site, 2, Date.now() + 60 * DAY);
      await until("that it speaks", isShown(/"targets":2,.*"problem":null/));
    } finally {
      process.emit("SIGTERM", "SIGTERM");
    }
    const ended = await node;
    assert.equal(ended.code, 0, ended.err);
    assert.equal(ended.err.match(/\[trust\/expired\]/g)?.length, 1, ended.err);
  },
);
