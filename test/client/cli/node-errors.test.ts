/** Codes of asking a node: one that is real, one that talks nonsense, and none at all. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import type { Node } from "../../../node/index.ts";
import { newFolder } from "../../node/folder.ts";
import { startTestNode } from "../../node/test-node.ts";
import { serveHttp } from "../../servers.ts";
import { Bench, errorIn, fails } from "./failing.ts";
import { runCommand } from "./run.ts";
import { envelopes, keyOf, member, SAME, TOOL } from "./stage.ts";

let bench: Bench;
let node: Node;
let dataDir = "";
let socket = "";

before(async () => {
  bench = await Bench.open();
  dataDir = await newFolder();
  const api = { listen: null, public: false, hosts: [] };
  node = await startTestNode({ dataDir, api });
  socket = join(dataDir, "api.sock");
  await bench.write("ours.jsonl", envelopes(keyOf(member(1)).link(TOOL, SAME)));
});

/** Something that gives one answer to everything. */
async function answering(status: number, body: string): Promise<string[]> {
  const url = await serveHttp((_, response) => void response.writeHead(status).end(body));
  return ["--api", url, "--network", "test"];
}

test("api/unauthorized: the node's token is not at hand, or is another's", async () => {
  const publish = ["publish", bench.at("ours.jsonl"), "--network", "test", "--api", socket];
  const missing = /token cannot be read: run as the node's user, and name its data/;
  await fails(69, "api/unauthorized", missing, ...publish, "--data", bench.at("nobody"));
  await bench.write("token", `${"0".repeat(64)}\n`);
  await fails(
    69,
    "api/unauthorized",
    /answers 401: .*\(http\/no-token\)$/,
    ...publish,
    "--data",
    bench.folder,
  );
  const published = await runCommand([...publish, "--data", dataDir]);
  assert.equal(published.code, 0, published.err);
});

test("api/refused: a node of another network, and one that says no, in its own words", async () => {
  const other = ["--api", socket, "--network", "other"];
  await fails(
    69,
    "api/refused",
    /is of network test, this command of other: give --network/,
    "status",
    ...other,
  );
  const problem = JSON.stringify({ code: "peer/not-ready", detail: "wait \u001b[2J a moment" });
  const busy = await answering(409, problem);
  await fails(69, "api/refused", /answers 409: wait \?\[2J a moment \(peer\/not-ready\)$/, "status", ...busy);
});

test("api/bad-answer: what answers is no samebits node", async () => {
  const code = "api/bad-answer";
  for (const body of ["hello", "{}", "[1,", '{"samebits":1,"own":7}', `"${"x".repeat(5_000)}"`]) {
    const api = await answering(200, body);
    const words = /127\.0\.0\.1:\d+: its answer cannot be read: .*is it a samebits node/;
    for (const command of ["status", "peers"]) await fails(69, code, words, command, ...api);
    await fails(69, code, words, "feed", "list", ...api);
    await fails(69, code, words, "publish", bench.at("ours.jsonl"), ...api);
    await fails(69, code, words, "watch", ...api);
  }
});

test("api/unreachable: nobody listens where the user says that a node is", async () => {
  const nowhere = ["--api", "/no/such/socket"];
  const code = "api/unreachable";
  await fails(69, code, /no node answers at \/no\/such\/socket: .*samebits node/, "status", ...nowhere);
  const nobody = ["--network", "nobody-here", "--data", bench.at("data")];
  await fails(69, code, /no node of network nobody-here runs here .*samebits node/, "peers", ...nobody);
  await fails(69, code, /leave --publish; nothing was signed/, ...bench.attest(...nobody, "--publish"));
});

test("source/none: nobody to ask, and the verdict is printed all the same", async () => {
  const json = await runCommand(bench.verify("--json"));
  const [verdict] = json.objects;
  assert.deepEqual([json.code, verdict?.["verdict"], errorIn(json.err).code], [69, "pending", "source/none"]);
  const plain = await runCommand(bench.verify("--quiet"));
  assert.equal(plain.code, 69);
  assert.match(plain.out, /1 pending/);
  assert.match(plain.err, /nobody could be asked: .* \[source\/none\]\n$/);
  const policy = ["--policy", bench.at("policy.toml"), "--data", bench.at("data")];
  const asking = ["verify", bench.at("tool.bin"), "--purl", TOOL.purl, ...policy, "--json"];
  const dead = await runCommand([...asking, "--api", "/no/such/socket"]);
  assert.deepEqual([dead.code, dead.objects.length, errorIn(dead.err).code], [69, 1, "source/none"]);
  assert.match(dead.err, /^samebits: no node answers at \/no\/such\/socket: .* \[api\/unreachable\]\n/);
});

test("source/none: nothing to watch by, and no such feed", async () => {
  const nobody = ["--network", "nobody-here", "--data", bench.at("data")];
  await fails(69, "source/none", /give --bootstrap/, "watch", ...nobody);
  const origin = `samebits/test/${"ab".repeat(32)}`;
  const api = ["--api", socket, "--network", "test"];
  await fails(69, "source/none", /holds no head of it; have it follow/, "feed", "head", origin, ...api);
});

test("feed/no-such-entry: above the feed's end, or not in it", async () => {
  const published = [
    "publish",
    bench.at("ours.jsonl"),
    "--network",
    "test",
    "--api",
    socket,
    "--data",
    dataDir,
  ];
  assert.equal((await runCommand(published)).code, 0);
  const api = ["--api", socket, "--network", "test"];
  const origin = node.origin ?? "";
  const code = "feed/no-such-entry";
  await fails(66, code, /has 1 entry, the first is 0/, "feed", "entries", "--from", "7", ...api);
  await fails(66, code, /7: .* has 1 entry,/, "feed", "prove", origin, "7", ...api);
  await bench.write("other.jsonl", envelopes(keyOf(member(2)).link(TOOL, SAME)));
  const other = ["feed", "prove", origin, bench.at("other.jsonl"), ...api];
  await fails(66, code, /has 1 entry, none with exactly these octets; publish it first/, ...other);
});

test("a node that cannot start says why, with the status of what is wrong", async () => {
  const start = ["node", "--network", "test", "--api-listen", "none", "--quiet"];
  const none = [...start, "--listen", "none"];
  const data = ["--data", bench.at("n")];
  await fails(73, "store/locked", /another samebits node has .* open/, ...none, "--data", dataDir);
  await fails(73, "data/unusable", /choose another with --data/, ...none, "--data", "/proc/x/y");
  const nowhere = [...start, "--listen", "nowhere", ...data];
  await fails(64, "config/bad-address", /--listen "nowhere" is not a multiaddr/, ...nowhere);
  await fails(
    64,
    "config/out-of-range",
    /--first begins the feed of --publish-key/,
    ...none,
    ...data,
    "--first",
  );
});
