/** A node, in a process of its own, with a trust domain that has expired. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { openApi } from "../../client/source/index.ts";
import { fromUtf8, record, writeJson } from "../../protocol/index.ts";
import { LAUNCHER } from "../built.ts";
import { Site } from "../client/trust/site.ts";
import { newFolder } from "../node/folder.ts";
import { until } from "./asking.ts";
import { builder } from "./claims.ts";
import { DAY, FIRST, PIN, ran, release } from "./trust-owner.ts";

const NETWORK = "trust-expired";
const says = { builders: [builder("alice")], network: NETWORK };

test(
  "it starts, follows and carries, says so once, and gets well by itself when its owners sign anew",
  { timeout: 60_000 },
  async () => {
    const site = await Site.open();
    await site.put({ root: 1 }, FIRST);
    await release(site, 1, { ...says, expires: Date.now() - DAY });
    const home = await newFolder();
    await ran(home, 3, "trust", "add", PIN, "--from", site.folder);
    const dataDir = join(home, "data/samebits");
    const own = openApi({ socket: join(dataDir, "api.sock") }, { trusted: true, dataDir, network: NETWORK });
    const isShown = (what: RegExp) => async (): Promise<boolean> => {
      const status = await own.get("/v1/status").catch(() => null);
      if (status === null) return false;
      return what.test(fromUtf8(writeJson(record(status, "status").member("domains").value)));
    };
    const env = {
      ...process.env,
      XDG_CONFIG_HOME: join(home, "config"),
      XDG_DATA_HOME: join(home, "data"),
    };
    const words = [LAUNCHER, "node", "--listen", "none", "--api-listen", "none"];
    const node = spawn(process.execPath, words, { env, stdio: ["ignore", "ignore", "pipe"] });
    const ended = once(node, "exit") as Promise<[number | null]>;
    const said = text(node.stderr);
    try {
      await until("its problem", isShown(/"targets":1,.*"trust\/expired"/));
      const status = await ran(home, 0, "status", "--network", NETWORK);
      assert.match(status.out, /domain .*…, root 1, targets 1: SAYS NOTHING, .*samebits trust update/);
      const [sha256, purl] = ["ab".repeat(32), "pkg:deb/debian/hello@1?arch=all"];
      await ran(home, 3, "verify", "--sha256", sha256, "--purl", purl, "--name", "hello_1_all.deb");
      await release(site, 2, says);
      await until("that it speaks", isShown(/"targets":2,.*"problem":null/));
    } finally {
      node.kill("SIGTERM");
    }
    const [code] = await ended;
    const err = await said;
    assert.equal(code, 0, err);
    assert.equal(err.match(/"trust\/expired"/g)?.length, 1, err);
  },
);
