/** A web server that is not ours: nginx serves what `feed export` wrote, and a node has nothing else. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { atEnd } from "../../at-end.ts";
import { runCommand } from "../../client/cli/run.ts";
import { serveFeed } from "../../client/source/feed-server.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { newFolder } from "../folder.ts";
import { until } from "../mesh/peers.ts";
import { startTestNode } from "../test-node.ts";

const NGINX = ["nginx", "/usr/sbin/nginx"].find((path) => spawnSync(path, ["-v"]).status === 0);
const skip = NGINX === undefined ? "no nginx here: scripts/debian.sh installs it" : false;
const feed = new MemoryFeed(1).append(...Array.from({ length: 700 }, (_, i) => `entry ${i}`));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

/** Serves a folder as a web site; the port, and the log of what was asked. */
async function startNginx(root: string): Promise<{ readonly port: number; readonly log: string }> {
  const [folder, port] = [await newFolder(), await freePort()];
  await mkdir(join(folder, "logs"));
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const log = join(folder, "access.log");
  await writeFile(
    join(folder, "nginx.conf"),
    // the folder is this user's alone
    `${process.getuid?.() === 0 ? "user root;" : ""} daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http { access_log ${log}; ${paths.join(" ")} server { listen 127.0.0.1:${port}; root ${root}; } }
`,
  );
  const nginx = spawn(NGINX ?? "nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: "ignore",
  });
  atEnd(() => nginx.kill("SIGQUIT"));
  await until("nginx", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    return answer !== null;
  });
  return { port, log };
}

test("a feed that nginx serves is synchronised by a node that knows nobody else", { skip }, async () => {
  const site = await newFolder();
  const { url } = await serveFeed(feed);
  const exported = await runCommand([
    "feed",
    "export",
    join(site, "feeds/one"),
    feed.origin,
    "--api",
    url,
    "--network",
    "test",
  ]);
  assert.equal(exported.code, 0, exported.err);
  const { port, log } = await startNginx(site);
  const node = await startTestNode({
    follow: { all: false, origins: [feed.origin], builders: [] },
    mirrors: [`http://127.0.0.1:${port}/feeds/one`],
  });
  await until("all of it", async () => (await node.status()).feeds.some(({ held }) => held === 700));
  assert.match(await readFile(log, "utf8"), /GET \/feeds\/one\/tile\/entries\/002\.p\/188 HTTP\/1\.1" 200/);
});
