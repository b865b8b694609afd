/** `feed entries` and `feed prove`: what a feed holds, read from a node that is not believed. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readTlogProof, toHex, toSpkiPem, verifyEntry } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { Builder } from "../../sim/builder.ts";
import { filesOf, serveFeed, viewOf } from "../source/feed-server.ts";
import type { Files } from "../source/feed-server.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";
import { envelopes, MemoryFeed, NETWORK, OTHER, SAME, timedNote, TOOL } from "./stage.ts";

const [own, other] = [new Builder(1), new Builder(2)];
/** The feed's own key id over a signature that another key made. */
const forged = other.link(TOOL, OTHER, { keyid: keyIdOf(own) });
const claim = own.link(TOOL, SAME);
const feed = new MemoryFeed(1).append(
  claim,
  own.failed(TOOL, "no space left"),
  own.retraction(TOOL, [own.verified(claim).id]),
  other.link(TOOL, SAME),
  forged,
  "no attestation",
  own.seal(
    new TextEncoder().encode(
      '{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"' +
        "ab".repeat(32) +
        '"}}],"predicateType":"https://example.org/x","predicate":{}}',
    ),
  ),
);

function keyIdOf(builder: Builder): string {
  const { signatures } = JSON.parse(new TextDecoder().decode(builder.link(TOOL, SAME))) as {
    signatures: { keyid: string }[];
  };
  return signatures[0]?.keyid ?? "";
}

interface Asking {
  readonly files?: Files;
  readonly folder?: string;
  /** What the node says of all feeds. */
  readonly feeds?: readonly object[];
}

async function samebits(argv: readonly string[], { files, folder, feeds }: Asking = {}): Promise<Ran> {
  const { url } = await serveFeed(feed, files, feeds);
  return runCommand([...argv, "--api", url, "--network", NETWORK], folder);
}

test("feed entries: one line a leaf, with what can be said of it by the keys at hand", async () => {
  const { code, out, objects } = await samebits(["feed", "entries", "--json"]);
  assert.equal(code, 0, out);
  const told = objects.map(({ index, state, own, claims }) => [
    index,
    state,
    own,
    (claims as { kind: string }[])[0]?.kind,
  ]);
  assert.deepEqual(told, [
    [0, "good", true, "positive"],
    [1, "good", true, "failed"],
    [2, "good", true, "retraction"],
    [3, "unchecked", false, "positive"],
    [4, "bad", false, "positive"],
    [5, "unreadable", false, undefined],
    [6, "good", true, undefined],
  ]);
  assert.deepEqual([objects[0]?.["id"], objects[0]?.["keyid"]], [own.verified(claim).id, keyIdOf(own)]);
  assert.deepEqual([objects[3]?.["keyid"], objects[3]?.["hints"]], [null, [keyIdOf(other)]]);
  assert.match(String(objects[5]?.["reason"]), /json\/bad-syntax/);
  const key = join(await newFolder(), "other.pub");
  await writeFile(key, toSpkiPem(other.key));
  const known = await samebits([
    "feed",
    "entries",
    feed.origin,
    "--from",
    "3",
    "--count",
    "2",
    "--json",
    "--key",
    key,
  ]);
  assert.deepEqual(
    known.objects.map(({ state, own, keyid }) => [state, own, keyid]),
    [
      ["good", false, keyIdOf(other)],
      // Whoever made the signature: the envelope says that the feed's key did.
      ["bad", false, null],
    ],
  );
});

test("feed entries: words, and which part is shown", async () => {
  const all = await samebits(["feed", "entries"]);
  const lines = all.out.trimEnd().split("\n");
  assert.equal(lines.length, 7);
  assert.match(
    lines[0] ?? "",
    /^ {5}0 {2}good {8}positive {4}[0-9a-f]{16} {3}rebuild [0-9a-f]{64} {2}pkg:generic\/tool@1\.0 tool\.tar\.gz$/,
  );
  assert.match(lines[1] ?? "", /failed .*rebuild "no space left" {2}pkg:/);
  assert.match(lines[2] ?? "", /retraction .*takes back [0-9a-f]{64}/);
  assert.match(lines[3] ?? "", /unchecked .*[0-9a-f]{16}\? /);
  assert.match(lines[5] ?? "", /unreadable .*json\/bad-syntax/);
  assert.match(lines[6] ?? "", /unknown .*https:\/\/example\.org\/x/);
  assert.match(all.err, /entries 0 to 6 of 7, proven/);
  const indexes = async (...argv: string[]): Promise<unknown[]> =>
    (await samebits(["feed", "entries", "--json", ...argv])).objects.map(({ index }) => index);
  assert.deepEqual(await indexes("--count", "2"), [5, 6]);
  assert.deepEqual(await indexes("--from", "5"), [5, 6]);
  assert.deepEqual(await indexes("--from", "1", "--count", "2"), [1, 2]);
  for (const [code, ...argv] of [
    [66, "--from", "7"],
    [64, "--from", "-1"],
    [64, "--count", "many"],
    [64, "samebits/test/nobody"],
    [69, `samebits/test/${"ab".repeat(32)}`],
  ] as const) {
    const ran = await samebits(["feed", "entries", ...argv, "--json"]);
    assert.deepEqual([ran.code, ran.out], [code, ""], argv.join(" "));
  }
});

test("feed prove: by index and by envelope, a file that show explains and anybody verifies", async () => {
  const folder = await newFolder();
  const byIndex = join(folder, "3.tlog-proof");
  const ran = await samebits(["feed", "prove", feed.origin, "3", "-o", byIndex, "--json"]);
  assert.deepEqual([ran.code, ran.objects[0]?.["index"], ran.objects[0]?.["size"]], [0, 3, 7], ran.err);
  const { index, extra, path, checkpoint } = readTlogProof(new Uint8Array(await readFile(byIndex)));
  assert.deepEqual(
    [index, toHex(extra ?? new Uint8Array())],
    [3, toHex(feed.entries[3] ?? new Uint8Array())],
  );
  const verified = verifyEntry({ entry: extra ?? assert.fail(), index, path, checkpoint }, NETWORK);
  assert.equal(toHex(verified.leafHash), ran.objects[0]?.["leaf"]);
  const shown = await runCommand(["show", byIndex]);
  assert.match(shown.out, /Proven: the entry in its extra line \(\d+ octets\) is number 3 of the feed/);
  assert.match(shown.out, /rebuild: built · pkg:generic\/tool@1\.0/);
  assert.match(shown.out, /Not proven: who signed it: the one key at hand made none of its signatures/);
  const envelope = join(folder, "claim.dsse.jsonl");
  await writeFile(envelope, envelopes(claim));
  const byEnvelope = await samebits(["feed", "prove", feed.origin, envelope]);
  assert.match(
    byEnvelope.out,
    /^entry 0 of 7 of samebits\/test\/.*\nwritten: .*claim\.dsse\.jsonl\.tlog-proof/,
  );
  const own = await runCommand(["show", `${envelope}.tlog-proof`]);
  assert.match(own.out, /Proven: the feed's own key signed exactly this/);
  const printed = await samebits(["feed", "prove", feed.origin, "0", "-o", "-"]);
  assert.equal(printed.out, await readFile(`${envelope}.tlog-proof`, "utf8"));
  const junk = join(folder, "junk.tlog-proof");
  assert.equal((await samebits(["feed", "prove", feed.origin, "5", "-o", junk])).code, 0);
  assert.match((await runCommand(["show", junk])).out, /the entry is no attestation/);
});

test("feed prove: what is not there, and what makes no sense, writes nothing", async () => {
  const folder = await newFolder();
  const [absent, two] = [join(folder, "absent"), join(folder, "two")];
  await writeFile(absent, envelopes(own.link(TOOL, OTHER)));
  await writeFile(two, envelopes(claim, other.link(TOOL, SAME)));
  const output = join(folder, "proof");
  for (const [code, entry] of [
    [66, "7"],
    [64, "99999999999999999999"],
    [66, absent],
    [66, join(folder, "nothing")],
    [4, two],
    [4, new URL(import.meta.url).pathname],
  ] as const) {
    const ran = await samebits(["feed", "prove", feed.origin, entry, "-o", output, "--json"]);
    assert.equal(ran.code, code, `${entry}: ${ran.err}`);
  }
  assert.equal((await samebits(["feed", "prove", feed.origin, "7"])).err.includes("7 entries"), true);
  assert.equal((await samebits(["feed", "prove", feed.origin, "0", "-o", "-", "--json"])).code, 64);
  const { err } = await samebits(["feed", "prove", feed.origin, absent, "--json"]);
  assert.equal((JSON.parse(err) as { code: string }).code, "feed/no-such-entry");
  await assert.rejects(readFile(output), { code: "ENOENT" });
});

test("feed: a node that lies is named, and nothing that it made up is shown or written", async () => {
  const good = filesOf(feed);
  const liar = filesOf(new MemoryFeed(1).append(...feed.entries.with(0, own.link(TOOL, OTHER))));
  const files: Files = (path) => (path === "checkpoint" ? good(path) : liar(path));
  const output = join(await newFolder(), "proof");
  for (const argv of [["entries"], ["prove", feed.origin, "0", "-o", output]]) {
    const { code, out, err } = await samebits(["feed", ...argv], { files });
    assert.deepEqual([code, out], [69, ""]);
    assert.match(
      err,
      /the node at http:\/\/127\.0\.0\.1:\d+ does not hand out what the feed signed: .*tree\/root-mismatch/,
    );
  }
  await assert.rejects(readFile(output), { code: "ENOENT" });
});

test("feed head: the head that a node gives is verified before it is shown", async () => {
  const { code, out, objects } = await samebits(["feed", "head", "--json"]);
  assert.deepEqual([code, objects[0]?.["size"]], [0, 7], out);
  const heads = [
    feed.note(6),
    new MemoryFeed(2).append("x").note(),
    feed.note().map((octet, i) => (i === 95 ? octet ^ 1 : octet)),
  ];
  for (const head of heads) {
    const ran = await samebits(["feed", "head", "--json"], { files: () => head });
    assert.deepEqual([ran.code, ran.out], [69, ""]);
    assert.match(ran.err, /"code":"api\/bad-answer"/);
  }
});

test("feed list: sizes are those that the feeds signed, the rest is said to be the node's word", async () => {
  const second = new MemoryFeed(2).append("a", "b");
  const timed = new TextDecoder().decode(timedNote(second, Date.UTC(2026, 0, 1)));
  const views = [viewOf(feed), { ...viewOf(second), timed, held: 1, state: "syncing", class: "followed" }];
  const { code, out, err } = await samebits(["feed", "list"], { feeds: views });
  assert.deepEqual(
    [code, out],
    [0, `${feed.origin}  7 of 7  own  open\n${second.origin}  1 of 2  followed  syncing\n`],
  );
  assert.match(
    err,
    /^samebits: each size is signed by the feed's own key; .* word of the node at http:.*\n$/,
  );
  assert.equal((await samebits(["feed", "list", "--quiet"], { feeds: views })).err, "");
  const { objects } = await samebits(["feed", "list", "--json"], { feeds: views });
  assert.deepEqual(
    objects.map(({ origin, size, timed: time }) => [origin, size, time]),
    [
      [feed.origin, 7, null],
      [second.origin, 2, timed],
    ],
  );
});

test("feed list and feed head: what became of feeds, in the node's words, and what their keys said at their end", async () => {
  const [gone, heir] = [new MemoryFeed(2).append("a", "b"), new MemoryFeed(3).append("c")];
  const ending = { successor: heir.origin, reason: "moved", time: "2026-01-01T00:00:00Z" };
  const views = [
    { ...viewOf(feed), lifecycle: "appending", ending: null },
    { ...viewOf(gone), lifecycle: "frozen", ending: { ...ending, origin: gone.origin, index: 0, after: 1 } },
    { ...viewOf(heir), lifecycle: "stale", ending: null },
  ];
  const { out, err } = await samebits(["feed", "list"], { feeds: views });
  assert.match(out, /7 of 7 {2}own {2}open {2}appending\n.*2 of 2 .* {2}frozen\n.*1 of 1 .* {2}stale\n$/);
  assert.match(err, /samebits: frozen: .* counts only where a policy lists it/);
  assert.match(err, /samebits: stale: nothing that its key has signed in the last four hours is here/);
  assert.doesNotMatch(err, /samebits: (ended|forked|withheld):/);
  const head = await samebits(["feed", "head", gone.origin], { feeds: views });
  assert.ok(head.err.includes(`in entry 0 of ${gone.origin}: "moved"; ${heir.origin} goes on in its stead`));
  assert.match(head.err, /1 entry stands behind that end all the same/);
  const { objects } = await samebits(["feed", "list", "--json"], { feeds: views });
  assert.deepEqual(
    objects.map(({ lifecycle }) => lifecycle),
    ["appending", "frozen", "stale"],
  );
});

test("feed list: a head that does not show what the node says is not shown, the others are, and the command fails", async () => {
  const second = new MemoryFeed(2).append("a", "b");
  const stranger = new MemoryFeed(3).append("a", "b");
  const text = (octets: Uint8Array): string => new TextDecoder().decode(octets);
  const good = viewOf(feed);
  const lies: readonly object[] = [
    { ...viewOf(second), size: 3, held: 3 },
    { ...viewOf(second), size: 1 },
    { ...viewOf(second), checkpoint: text(stranger.note()) },
    { ...viewOf(second), origin: stranger.origin },
    { ...viewOf(second), checkpoint: text(second.note()).replace("\n2\n", "\n3\n"), size: 3 },
    { ...viewOf(second), timed: text(second.note()) },
    { ...viewOf(second), timed: text(timedNote(stranger, Date.UTC(2026, 0, 1))) },
    { ...viewOf(second), timed: "2026-01-01" },
    { ...viewOf(second), cosigned: [text(second.note()), text(stranger.note())] },
    { ...viewOf(second), cosigned: [text(second.note()).replace("\n2\n", "\n3\n")] },
  ];
  for (const lie of lies) {
    const ran = await samebits(["feed", "list", "--json"], { feeds: [lie, good, lie] });
    assert.equal(ran.code, 69, JSON.stringify(lie));
    assert.deepEqual(
      ran.objects.map(({ origin }) => origin),
      [feed.origin],
    );
    assert.match(ran.err, /"code":"api\/bad-answer"/);
    assert.match(ran.err, /2 of 3 feeds/);
  }
  const { code, err } = await samebits(["feed", "list"], { feeds: [lies[0] ?? good] });
  assert.equal(code, 69);
  assert.match(err, /says 3 entries, and the head that it gives was signed for 2/);
});

test("feed list: what a node says reaches no terminal as it stands", async () => {
  const feeds = [{ ...viewOf(feed), state: "\u001b[2Jopen", class: "own\u0007" }];
  const { out } = await samebits(["feed", "list"], { feeds });
  assert.equal(out, `${feed.origin}  7 of 7  own?  ?[2Jopen\n`);
});
