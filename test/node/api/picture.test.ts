/** The routes behind the dashboard: the picture, the matrix, searches, traffic, how feeds grew. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Node } from "../../../node/index.ts";
import { ed25519Key, MAX_TARGETS_SHOWN } from "../../../protocol/index.ts";
import { builder, claim, claimOf, packageTarget } from "../../e2e/claims.ts";
import { assertAnswered } from "../../json-schemas.ts";
import { startTestNode } from "../test-node.ts";

const alice = builder("alice");
const bob = builder("bob");
const TARGETS = 130;
let node: Node;

before(async () => {
  const builders = [alice, bob].map(({ raw }) => ed25519Key(raw));
  node = await startTestNode({
    api: { listen: "127.0.0.1:0", public: false, hosts: [] },
    follow: { all: false, origins: [], builders },
  });
  const names = Array.from({ length: TARGETS }, (_, i) => `p${String(i).padStart(3, "0")}`);
  await node.publish(names.map((name) => claim(alice, name, "x")));
  await node.publish(names.slice(0, 120).map((name, i) => claim(bob, name, i % 10 === 0 ? "y" : "x")));
});

async function get<Body>(path: string, status = 200): Promise<Body> {
  const answer = await fetch(`${node.api}${path}`);
  const text = await answer.text();
  assertAnswered("GET", path, {
    status: answer.status,
    type: answer.headers.get("content-type") ?? "",
    text,
  });
  assert.equal(answer.status, status, text.slice(0, 200));
  return JSON.parse(text) as Body;
}

interface Matrix {
  readonly targets: readonly {
    readonly file: string;
    readonly agreement: string;
    readonly majority: string | null;
    readonly cells: readonly { readonly builder: string; readonly step: string; readonly count: number }[];
  }[];
  readonly next: string | null;
}

/** All pages. */
async function all(query: string): Promise<Matrix["targets"]> {
  const found: Matrix["targets"][number][] = [];
  for (let after: string | null = ""; after !== null;) {
    const page: Matrix = await get(`/v1/matrix?${query}${after === "" ? "" : `&after=${after}`}`);
    found.push(...page.targets);
    after = page.next;
  }
  return found;
}

test("matrix: pages of targets, of all, of those that disagree, of those that one has; before a look and after", async () => {
  for (const when of ["before", "after"]) {
    if (when === "after") await node.picture.look(1);
    const every = await all("limit=50");
    assert.equal(every.length, TARGETS, when);
    assert.deepEqual(
      every.map(({ file }) => file),
      every.map(({ file }) => file).toSorted(),
    );
    assert.equal(every[1]?.agreement, "same");
    assert.deepEqual(
      every[1]?.cells.map((cell) => [cell.step, cell.count]),
      [
        ["rebuild", 1],
        ["rebuild", 1],
      ],
    );
    assert.deepEqual(new Set(every[1]?.cells.map((cell) => cell.builder)), new Set([alice.hex, bob.hex]));
    const apart = await all("show=disagree&limit=5");
    assert.deepEqual(
      apart.map(({ file, agreement, majority }) => [file, agreement, majority]),
      Array.from({ length: 12 }, (_, i) => [
        `p${String(10 * i).padStart(3, "0")}_1.0-1_amd64.deb`,
        "different",
        null,
      ]),
      when,
    );
    assert.equal((await all("show=single&limit=3")).length, 10, when);
    assert.equal((await all("show=disagree&q=P00")).length, 1, when);
    assert.equal((await all("show=single&q=p00")).length, 0, when);
    assert.equal((await all("q=p01")).length, 10, when);
  }
});

test("matrix: a claim that came after the look is shown, under a good signature alone", async () => {
  await node.picture.look(1);
  await node.publish([claim(bob, "p129", "x")]);
  const [target] = (await get<Matrix>("/v1/matrix?q=p129")).targets;
  assert.equal(target?.agreement, "same");
});

test("matrix, search: what is no question is refused", async () => {
  for (const query of ["show=some", "limit=0", "limit=501", "limit=x", "after=zz", `q=${"x".repeat(256)}`]) {
    const { code } = await get<{ code: string }>(`/v1/matrix?${query}`, 400);
    assert.equal(code, "http/bad-query", query);
  }
  assert.equal((await get<{ code: string }>("/v1/matrix?after=72", 400)).code, "http/bad-query");
  for (const after of ["x71", "nzz", `n${"71".repeat(200)}`])
    assert.equal((await get<{ code: string }>(`/v1/targets?q=p&after=${after}`, 400)).code, "http/bad-query");
});

interface Found {
  readonly targets: readonly { readonly file: string }[];
  readonly more: boolean;
  readonly next: string | null;
}

test("search: by the package's name in pages, and by the file's", async () => {
  const first = await get<Found>("/v1/targets?q=P");
  assert.deepEqual([first.targets.length, first.more], [MAX_TARGETS_SHOWN, true]);
  const second = await get<Found>(`/v1/targets?q=P&after=${first.next}`);
  assert.deepEqual([second.targets.length, second.next], [TARGETS - MAX_TARGETS_SHOWN, null]);
  const file = await get<Found>("/v1/targets?q=p007_1.0");
  assert.deepEqual(
    file.targets.map((one) => one.file),
    ["p007_1.0-1_amd64.deb"],
  );
  assert.equal(file.next, null);
  const named = await get<Found>("/v1/targets?q=p007");
  assert.equal(named.targets.length, 1);
});

test("picture, feeds, traffic: as their schemas say", async () => {
  await node.picture.look(1);
  const picture = await get<{ time: string; targets: number; history: unknown[]; looking: boolean }>(
    "/v1/picture",
  );
  assert.deepEqual([picture.targets, picture.history.length > 0, picture.looking], [TARGETS, true, false]);
  const { feeds } = await get<{ feeds: { grown: { size: number }[] }[] }>("/v1/feeds");
  assert.equal(feeds[0]?.grown.at(-1)?.size, (await node.status()).own?.size);
  const { rounds } = await get<{ rounds: number }>("/v1/traffic");
  assert.equal(typeof rounds, "number");
  const page = await (await fetch(`${node.api}/`)).text();
  assert.match(page, /Nobody got the same as another<\/th>\s*<td>12<\/td>/);
  assert.match(page, /2 builders<\/th>\s*<td>121<\/td>/);
});

test("matrix: it is JSON, which no browser takes for a page", async () => {
  const target = packageTarget("hello");
  await node.publish([claimOf(alice, target, new Uint8Array(32).fill(7))]);
  const answer = await fetch(`${node.api}/v1/matrix?q=hello`);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
});
