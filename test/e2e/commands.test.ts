import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { defaultConfig, startNode } from "../../node/index.ts";
import type { Node } from "../../node/index.ts";
import { LAUNCHER } from "../built.ts";
import { assertPrinted } from "../json-schemas.ts";

const PURL = "pkg:generic/tool@1.0";
let folder = "";
let node: Node;

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function samebits(data: string, ...args: readonly string[]): Promise<Ran> {
  const ran = await launch(data, args);
  assertPrinted(args, { ...ran, code: ran.status });
  return ran;
}

async function launch(data: string, args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, XDG_CONFIG_HOME: folder, SAMEBITS_NETWORK: "test" };
  const line = [LAUNCHER, ...args, "--data", join(folder, data)];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, line, { env, cwd: folder });
    return { status: 0, out: stdout, err: stderr };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "stdout" in error && "stderr" in error)) throw error;
    return { status: Number(error.code), out: String(error.stdout), err: String(error.stderr) };
  }
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "commands-test-"));
  assert.equal((await samebits("none", "keygen", "tu")).status, 0);
  const begun = await samebits("data", "feed", "init", "--key", "tu.key");
  assert.equal(begun.status, 0, begun.err);
  node = await startNode({
    ...defaultConfig(join(folder, "data")),
    network: "test",
    publishKey: await readFile(join(folder, "tu.key"), "utf8"),
    log: "silent",
    api: { listen: null, public: false, hosts: [] },
  });
  await writeFile(join(folder, "tool.bin"), "one");
});
after(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test("a feed begins once", async () => {
  const again = await samebits("data2", "feed", "init", "--key", "tu.key");
  assert.equal(again.status, 0, again.err);
  assert.notEqual((await samebits("data2", "feed", "init", "--key", "tu.key")).status, 0);
});

test("publish is idempotent, and refuses a second digest for a target and step without its retraction (R13)", async () => {
  const attested = await samebits(
    "data",
    "attest",
    "tool.bin",
    "--purl",
    PURL,
    "--key",
    "tu.key",
    "-o",
    "one",
    "--publish",
    "--json",
  );
  assert.equal(attested.status, 0, attested.err);
  assert.match(attested.out, /"index":0,"known":false/);
  const [file = ""] = await readdir(join(folder, "one"));
  const known = await samebits("data", "publish", join("one", file), "--json");
  assert.match(known.out, /"index":0,"known":true/);
  await writeFile(join(folder, "tool.bin"), "changed");
  // Another data directory knows nothing of the first: the node's index does.
  const socket = join(folder, "data", "api.sock");
  const refused = await samebits(
    "data3",
    "attest",
    "tool.bin",
    "--purl",
    PURL,
    "--key",
    "tu.key",
    "--api",
    socket,
  );
  assert.equal(refused.status, 4, refused.err);
  const blind = await samebits("data3", "attest", "tool.bin", "--purl", PURL, "--key", "tu.key", "-o", "two");
  assert.equal(blind.status, 0, blind.err);
  assert.equal((await samebits("data", "publish", join("two", file))).status, 4);
  const replaced = await samebits(
    "data",
    "attest",
    "tool.bin",
    "--purl",
    PURL,
    "--key",
    "tu.key",
    "-o",
    "three",
    "--replace",
    "--publish",
  );
  assert.equal(replaced.status, 0, replaced.err);
  assert.match(replaced.out, /retracts/);
});

test("status, peers, feed and doctor tell of the node", async () => {
  assert.match((await samebits("data", "status", "--json")).out, /"samebits":1,"network":"test"/);
  assert.match((await samebits("data", "status")).out, /own feed {4}samebits\/test\//);
  assert.equal((await samebits("data", "peers", "--json")).status, 0);
  assert.match((await samebits("data", "feed", "head")).out, /^samebits\/test\/[0-9a-f]{64}\n3\n/);
  assert.match((await samebits("data", "feed", "list")).out, /3 of 3 {2}own/);
  const well = await samebits("data", "doctor");
  assert.equal(well.status, 0, well.out);
  assert.match(well.out, /ok {4}own feed/);
  const bad = await samebits("data", "doctor", "--policy", "tu.pub", "--json");
  assert.equal(bad.status, 1);
  assert.match(bad.out, /"check":"policy","result":"fail"/);
  assert.equal((await samebits("nowhere", "status")).status, 69);
});

test("feed freeze ends the node's feed for good, and says which one goes on", async () => {
  const successor = `samebits/test/${"ab".repeat(32)}`;
  const freeze = ["feed", "freeze", "--key", "tu.key", "--reason", "moved to a new key"];
  const itself = (await samebits("data", "feed", "list", "--json", "--quiet")).out;
  const { origin } = JSON.parse(itself.split("\n")[0] ?? "") as { readonly origin: string };
  assert.equal((await samebits("data", ...freeze, "--successor", origin)).status, 64);
  assert.equal((await samebits("data", ...freeze, "--successor", "the new one")).status, 64);
  assert.equal((await samebits("none", "keygen", "other")).status, 0);
  const others = await samebits("data", "feed", "freeze", "--key", "other.key", "--reason", "x");
  assert.equal(others.status, 64, "nobody but its key ends a feed");
  assert.match((await samebits("data", "feed", "list")).out, /3 of 3 {2}own {2}open {2}appending/);

  const frozen = await samebits("data", ...freeze, "--successor", successor, "--json");
  assert.equal(frozen.status, 0, frozen.err);
  assert.deepEqual(JSON.parse(frozen.out), {
    samebits: 1,
    origin,
    index: 3,
    successor,
    reason: "moved to a new key",
  });
  const head = await samebits("data", "feed", "head");
  assert.match(head.err, /open, frozen, 4 of 4 entries held/);
  assert.ok(head.err.includes(`"moved to a new key"; ${successor} goes on in its stead`), head.err);
  assert.match((await samebits("data", "feed", "list")).err, /frozen: its key has ended it/);
  assert.match((await samebits("data", "status")).out, /1 frozen {2}\(samebits feed list\)/);
  assert.match((await samebits("data", "status", "--json")).out, /"lifecycle":\{"frozen":1\}/);
  const refused = await samebits("data", ...freeze);
  assert.match(refused.err, /peer\/feed-ended/);
});
