/** Feeds read for what a policy expects, of a node that lies or holds junk: bounded, and nothing is told of what does not hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openApi, parseAddress } from "../../../client/source/index.ts";
import { watchExpected } from "../../../client/watch/expected/expected.ts";
import { ExpectedJournal, journalPath } from "../../../client/watch/expected/journal.ts";
import type { ExpectedReport } from "../../../client/watch/index.ts";
import type { Policies } from "../../../client/policy-file.ts";
import { readPolicy, toVkey } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";
import { filesOf, serveFeed } from "../source/feed-server.ts";
import type { Files } from "../source/feed-server.ts";

const SEED = 91;
const archive = new Builder(SEED);
const [stranger, other] = [new Builder(92), new Builder(93)];
const TEXT = `version = 1
[builders.archive]
key = "${toVkey("archive", archive.key.raw)}"
roles = ["publisher"]
[[rules]]
name = "debian"
match = "pkg:deb/debian/*"
require = { k = 1, of = "archive" }
rebuilt_within = "7d"
`;
const policy = readPolicy(TEXT);
const FILE = { path: "policy.toml", text: TEXT, policy, domain: null };
const POLICIES: Policies = {
  of: () => FILE,
  all: [FILE],
  domain: null,
  places: null,
  warnings: [],
  problem: null,
};

interface Ran {
  readonly reports: readonly ExpectedReport[];
  readonly codes: readonly string[];
  readonly journal: ExpectedJournal;
}

/** Watches until `enough` says so, and reads what is remembered then. */
async function run(
  files: Files,
  feed: MemoryFeed,
  enough: (seen: Pick<Ran, "reports" | "codes"> & { readonly asked: readonly string[] }) => boolean,
  dataDir?: string,
): Promise<Ran> {
  const folder = dataDir ?? (await newFolder());
  const { url, asked } = await serveFeed(feed, files);
  const api = openApi(parseAddress(url), { trusted: true, dataDir: folder, network: "test" });
  const stop = new AbortController();
  const [reports, codes]: [ExpectedReport[], string[]] = [[], []];
  const look = setInterval(() => {
    if (enough({ reports, codes, asked })) stop.abort();
  }, 20);
  const patience = { rebuiltMs: null, statedMs: 1 };
  const failed = (error: unknown): void => {
    codes.push(error instanceof Error && "code" in error ? String(error.code) : String(error));
  };
  const options = { api, network: "test", dataDir: folder, name: "test", patience, failed };
  try {
    await watchExpected({ ...options, policies: () => POLICIES, signal: stop.signal }, async (report) => {
      reports.push(report);
    });
  } finally {
    clearInterval(look);
  }
  return { reports, codes, journal: await ExpectedJournal.open(journalPath(folder, "test")) };
}

const link = (number: number): Uint8Array => archive.link(packageNumber(number), "bits", { step: "publish" });

test(
  "what is listed waits, whatever stands between, and is not read again after a restart",
  { timeout: 60_000 },
  async () => {
    const feed = new MemoryFeed(SEED).append(
      ...Array.from({ length: 600 }, (_, i) =>
        i % 3 === 0 ? link(i) : i % 3 === 1 ? `junk ${i}` : stranger.link(packageNumber(i), "x"),
      ),
      "x".repeat(60_000),
      archive.links(
        Array.from({ length: 64 }, (_, i) => [packageNumber(1_000 + i), "many"] as const),
        { step: "publish" },
      ),
    );
    const folder = await newFolder();
    const first = await run(filesOf(feed), feed, ({ reports }) => reports.length > 0, folder);
    assert.deepEqual(first.codes, []);
    assert.deepEqual(
      first.reports.map(({ kind, keys, proof }) => [kind, keys.length, proof?.index]),
      [["unknown-key", 1, 2]],
      "200 envelopes of one key are one matter",
    );
    assert.equal(first.journal.book.count, 200 + 64);
    assert.equal(first.journal.book.cursor(feed.origin)?.next, 602);

    feed.append(link(2_000), other.link(packageNumber(3), "y"));
    const again = await run(filesOf(feed), feed, ({ reports }) => reports.length > 0, folder);
    assert.deepEqual(
      again.reports.map(({ kind, proof }) => [kind, proof?.index]),
      [["unknown-key", 603]],
      "nothing is told twice",
    );
    assert.equal(again.journal.book.count, 265);
  },
);

test(
  "a node that hands out another entry than the feed signed is believed nothing from there on",
  { timeout: 60_000 },
  async () => {
    const feed = new MemoryFeed(SEED).append(...Array.from({ length: 300 }, (_, i) => link(i)));
    const lies = new MemoryFeed(SEED).append(
      ...feed.entries.slice(0, 280),
      ...Array.from({ length: 20 }, (_, i) => link(900 + i)),
    );
    const honest = filesOf(feed);
    const files: Files = (path) => (path.startsWith("tile/entries/") ? filesOf(lies)(path) : honest(path));
    const { codes, reports, journal } = await run(files, feed, (seen) => seen.codes.length > 0);
    assert.deepEqual([codes[0], reports.length], ["api/bad-answer", 0]);
    assert.equal(journal.book.cursor(feed.origin)?.next, 280);
    assert.equal(journal.book.count, 280);
  },
);

test(
  "a smaller head than was read is no reason to read again, nor a feed that the node does not hold",
  { timeout: 60_000 },
  async () => {
    const feed = new MemoryFeed(SEED).append(link(1), link(2));
    const folder = await newFolder();
    await run(filesOf(feed), feed, ({ asked }) => asked.length > 2, folder);
    const less = feed.branch(1);
    const { codes, journal } = await run(filesOf(less), less, ({ asked }) => asked.length > 0, folder);
    assert.deepEqual([codes, journal.book.cursor(feed.origin)?.next, journal.book.count], [[], 2, 2]);
    const none = await run(
      () => null,
      feed,
      ({ asked }) => asked.length > 0,
    );
    assert.deepEqual([none.codes, none.journal.book.count], [[], 0]);
  },
);

test("two watches by one policy do not tell the same twice at a time", { timeout: 60_000 }, async () => {
  const feed = new MemoryFeed(SEED).append(link(1));
  const folder = await newFolder();
  const refused = Promise.withResolvers<string>();
  let isOver = false;
  let isAsked = false;
  void refused.promise.then(() => (isOver = true));
  const first = run(
    filesOf(feed),
    feed,
    ({ asked }) => {
      if (asked.length > 0 && !isAsked) refused.resolve(codeOfSecond(feed, folder));
      isAsked ||= asked.length > 0;
      return isOver;
    },
    folder,
  );
  assert.equal(await refused.promise, "watch/busy");
  await first;
});

async function codeOfSecond(feed: MemoryFeed, folder: string): Promise<string> {
  try {
    await run(filesOf(feed), feed, () => false, folder);
    return "it ran";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}
