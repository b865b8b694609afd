/** `samebits node --rebuilderd-api` as people start it: the policy's builders are its hosts. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { ed25519Key, toSpkiPem } from "../../protocol/index.ts";
import { LAUNCHER } from "../built.ts";
import { runCommand } from "../client/cli/run.ts";
import { linkOf } from "../links.ts";
import { ask } from "../node/api/rebuilderd/rig.ts";
import { newFolder } from "../node/folder.ts";
import { builder } from "./claims.ts";

const [alice, worker, bob] = [builder("alice"), builder("worker"), builder("bob")];
const pem = ({ raw }: typeof alice): string => JSON.stringify(toSpkiPem(ed25519Key(raw)));
const POLICY = `version = 1
[builders.tu-example]
keys = [ ${pem(alice)}, { key = ${pem(worker)}, revoked = "2026-01-01" } ]
roles = ["rebuilder"]
[builders.uni-other]
key = ${pem(bob)}
[[rules]]
name = "debian"
match = "pkg:deb/*/*"
require = { k = 1, of = "role:rebuilder" }
`;

test("node --rebuilderd-api: hosts from the policy, without its revoked keys; .deb files are of the configured distribution", async () => {
  const home = await newFolder();
  const policy = join(home, "policy.toml");
  await writeFile(policy, POLICY);
  const config = join(home, "config.toml");
  await writeFile(config, 'deb_namespace = "ubuntu"\n');
  const common = ["--network", "e2e", "--data", home];
  const words = ["node", ...common, "--config", config, "--policy", policy, "--listen", "none", "--quiet"];
  const doors = ["--api-listen", "none", "--rebuilderd-api", "127.0.0.1:0"];
  const child = spawn(process.execPath, [LAUNCHER, ...words, ...doors], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { rebuilderd } = JSON.parse(line) as { rebuilderd: string };
    assert.match(rebuilderd, /^http:\/\/127\.0\.0\.1:[0-9]+$/);
    const files = join(home, "links.jsonl");
    const links = [linkOf(alice, "hello_2.10-3_amd64.deb"), linkOf(worker, "late_1.0-1_amd64.deb")];
    await writeFile(files, links.map((link) => `${new TextDecoder().decode(link)}\n`).join(""));
    const published = await runCommand(["publish", files, ...common]);
    assert.equal(published.code, 0, published.err);
    const { headers, body } = await ask({ rebuilderd }, "tu-example.localhost", "/api/v1/packages/binary");
    const { records } = JSON.parse(body) as { records: { name: string; distribution: string }[] };
    assert.deepEqual(
      records.map(({ name, distribution }) => [name, distribution]),
      [["hello", "ubuntu"]],
    );
    assert.equal(headers["samebits-left-out"], "revoked=1");
    const directory = await ask({ rebuilderd }, "localhost", "/");
    assert.match(directory.body, /^127\.0\.0\.1 tu-example\.localhost\n127\.0\.0\.1 uni-other\.localhost$/m);
  } finally {
    child.kill("SIGTERM");
    await once(child, "close");
  }
});
