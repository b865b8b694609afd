/** A node that answers whatever it likes: its answers may fail a verdict, never make one, and never end the process. */
import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { fromUtf8, toBase64, toHex } from "../../../protocol/index.ts";
import type { FoundEntry } from "../../../protocol/index.ts";
import { serveHttp } from "../../servers.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";
import { keyOf, member, MemoryFeed, OTHER, PURL, SAME, stage, timedNote, TOOL } from "./stage.ts";

const [one, two] = [member(1), member(2)];
const feeds = [one, two].map((who, i) => new MemoryFeed(i + 1).append(keyOf(who).link(TOOL, SAME)));

async function verifyAt(api: string): Promise<Ran> {
  const { path, folder } = await stage([one, two]);
  const common = ["--purl", PURL, "--policy", `${folder}/policy.toml`, "--network", "test", "--json"];
  return runCommand(["verify", path, ...common, "--api", api], folder);
}

const foundIn = (feed: MemoryFeed): FoundEntry[] =>
  feed.entries.map((entry, index) => ({
    entry,
    signer: feed.head().key,
    index,
    path: feed.inclusion(index),
    checkpoint: feed.note(),
  }));

const jsonFound = (found: FoundEntry): object => ({
  envelope: toBase64(found.entry),
  signer: toHex(found.signer),
  index: found.index,
  path: found.path.map(toHex),
  checkpoint: fromUtf8(found.checkpoint),
});

const GOOD = {
  samebits: 1,
  network: "test",
  found: feeds.flatMap(foundIn).map(jsonFound),
  heads: feeds.map((feed) => ({
    origin: feed.origin,
    checkpoint: fromUtf8(feed.note()),
    size: 1,
    held: 1,
    indexed: 1,
    timed: fromUtf8(timedNote(feed, Date.now())),
    cosigned: [] as string[],
    state: "open",
    class: "followed",
  })),
  cosigned: [] as string[],
  joins: [] as string[],
  evidence: [] as string[],
  peers: { asked: 0, replied: 0 },
  dht: { asked: 0, replied: 0 },
  ended: true,
};

const always =
  (answer: unknown): RequestListener =>
  (_, response) =>
    void response.end(typeof answer === "string" ? answer : JSON.stringify(answer));

test("verify: a node's own store is asked once, and the view is complete", async () => {
  let asked = 0;
  const api = await serveHttp((request, response) => {
    asked++;
    always(GOOD)(request, response);
  });
  const { code, objects } = await verifyAt(api);
  assert.deepEqual([code, objects[0]?.["view"], asked], [0, "complete", 1]);
  assert.deepEqual(objects[0]?.["sources"], { local: 1, mirrors: 0, peers: 0, dht: 0 });
});

test("verify: for a builder of whom the node has nothing, the network is asked, for it alone", async () => {
  const questions: { network: boolean; builders: string[] }[] = [];
  const api = await serveHttp((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const question = JSON.parse(Buffer.concat(parts).toString()) as {
        network: boolean;
        builders: string[];
      };
      questions.push(question);
      const heads = GOOD.heads.slice(0, 1);
      const found = question.network ? GOOD.found.slice(1) : GOOD.found.slice(0, 1);
      response.end(JSON.stringify({ ...GOOD, heads, found, peers: { asked: 2, replied: 2 } }));
    });
  });
  const { code } = await verifyAt(api);
  assert.equal(code, 0);
  assert.deepEqual(
    questions.map(({ network, builders }) => [network, builders.length]),
    [
      [false, 2],
      [true, 1],
    ],
  );
});

test("verify: what a node's answer had no room for is no silence of its builder: the network is asked", async () => {
  const asked: boolean[] = [];
  const api = await serveHttp((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { network } = JSON.parse(Buffer.concat(parts).toString()) as { network: boolean };
      asked.push(network);
      const found = network ? GOOD.found : GOOD.found.slice(0, 1);
      response.end(JSON.stringify({ ...GOOD, found, ended: network }));
    });
  });
  const { code } = await verifyAt(api);
  assert.deepEqual([code, asked], [0, [false, true]]);
});

test("verify: answers that are no answers decide nothing and end nothing", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const [first] = GOOD.found;
  const answers: readonly unknown[] = [
    "",
    "not json",
    "null",
    "[]",
    deep,
    { ...GOOD, samebits: 2 },
    { ...GOOD, found: null },
    { ...GOOD, found: [null] },
    { ...GOOD, found: [{ ...first, envelope: "!" }] },
    { ...GOOD, found: [{ ...first, index: -1 }] },
    { ...GOOD, found: [{ ...first, index: 1e300 }] },
    { ...GOOD, found: [{ ...first, path: ["00"] }] },
    { ...GOOD, heads: [{ ...GOOD.heads[0], state: "__proto__" }] },
    { ...GOOD, evidence: [7] },
    { ...GOOD, ended: "yes" },
  ];
  for (const answer of answers) {
    const { code, objects, err } = await verifyAt(await serveHttp(always(answer)));
    assert.deepEqual([code, objects[0]?.["verdict"]], [69, "pending"], JSON.stringify(answer).slice(0, 80));
    assert.match(err, /127\.0\.0\.1/);
  }
});

test("verify: well-formed lies are dropped one by one", async () => {
  const stranger = new MemoryFeed(9).append(keyOf(member(9)).link(TOOL, SAME));
  const [first, second] = GOOD.found;
  const lies: readonly object[] = [
    { found: [{ ...first, envelope: toBase64(keyOf(member(9)).link(TOOL, SAME)) }, second] },
    {
      found: [
        ...foundIn(stranger).map((found) => jsonFound({ ...found, signer: keyOf(one).key.raw })),
        second,
      ],
    },
    { found: [{ ...first, envelope: toBase64(new TextEncoder().encode("{}")) }, second] },
    { found: Array.from({ length: 50 }, () => second) },
  ];
  for (const lie of lies) {
    const { code, objects } = await verifyAt(await serveHttp(always({ ...GOOD, heads: [], ...lie })));
    assert.deepEqual([code, objects[0]?.["verdict"], objects[0]?.["agreeing"]], [2, "pending", 1]);
  }
  const forged = await verifyAt(
    await serveHttp(always({ ...GOOD, evidence: [toBase64(new TextEncoder().encode("{}"))] })),
  );
  assert.equal(forged.code, 0);
  // The proof of inclusion does not hold, but the envelope proves itself (RULES R16).
  const unproven = await verifyAt(
    await serveHttp(always({ ...GOOD, found: [{ ...first, index: 0, path: [], checkpoint: "x" }, second] })),
  );
  assert.equal(unproven.code, 0);
});

test("verify: a node can hide dissent, and that is said; what it shows of it counts", async () => {
  const dissent = new MemoryFeed(2).append(keyOf(two).link(TOOL, OTHER));
  const found = [...GOOD.found.slice(0, 1), ...foundIn(dissent).map(jsonFound)];
  const shown = await verifyAt(await serveHttp(always({ ...GOOD, heads: [], found })));
  assert.equal(shown.code, 1);
  const hidden = await verifyAt(await serveHttp(always({ ...GOOD, heads: [] })));
  assert.deepEqual([hidden.code, hidden.objects[0]?.["view"]], [0, "partial"]);
});

test("verify: an answer without an end, without a body, of the wrong kind, or too big, is cut off", async () => {
  const cases: readonly RequestListener[] = [
    (_, response) => void response.writeHead(500).end("no"),
    (_, response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    (_, response) => void response.socket?.destroy(),
    (_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{");
      response.socket?.end();
    },
  ];
  for (const answer of cases) {
    const { code, objects } = await verifyAt(await serveHttp(answer));
    assert.deepEqual([code, objects[0]?.["verdict"]], [69, "pending"]);
  }
  const endless = await serveHttp((_, response) => {
    const part = Buffer.alloc(1024 * 1024, "[");
    const more = (): void => {
      while (!response.destroyed && response.write(part));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  const { code, err } = await verifyAt(endless);
  assert.equal(code, 69);
  // By its size; by the deadline where this machine is too busy to read so much before.
  assert.match(err, /octets|no answer in time/);
});

test("verify: a node of another network is not believed, and is named", async () => {
  const other = await verifyAt(await serveHttp(always({ ...GOOD, network: "other" })));
  assert.equal(other.code, 69);
  assert.match(other.err, /is of network other, this command of test/);
});
