import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startApi } from "../../../node/api/index.ts";
import type { ApiNode } from "../../../node/api/index.ts";
import type { Node } from "../../../node/index.ts";
import { silent } from "../../../node/log.ts";
import { MAX_CLAIMS_SHOWN, MAX_TARGETS_SHOWN, sha256, toHex, utf8 } from "../../../protocol/index.ts";
import { atEnd } from "../../at-end.ts";
import { builder, claim } from "../../e2e/claims.ts";
import { assertAnswered } from "../../json-schemas.ts";
import { startTestNode } from "../test-node.ts";

const alice = builder("alice");
let node: Node;

before(async () => {
  node = await startTestNode({ publishKey: alice.pem, first: true });
  const names = Array.from({ length: MAX_TARGETS_SHOWN }, (_, i) => `many-${i}`);
  await node.publish(["many", ...names].map((name) => claim(alice, name, "these bits")));
});

interface Shown {
  readonly targets?: readonly unknown[];
  readonly claims?: readonly unknown[];
  readonly more: boolean;
}

async function ask(query: string, changes: Partial<ApiNode> = {}): Promise<Shown> {
  const options = { socket: null, token: "", apiPublic: false, hosts: [], log: silent };
  const api = await startApi({ ...node, ...changes }, { ...options, listen: "127.0.0.1:0" });
  atEnd(() => api.close());
  const path = `/v1/targets?${query}`;
  const answer = await fetch(`${api.url}${path}`);
  const text = await answer.text();
  const type = answer.headers.get("content-type") ?? "";
  assertAnswered("GET", path, { status: answer.status, type, text });
  return JSON.parse(text) as Shown;
}

test("targets: what a search finds beyond a page is said", async () => {
  const all = await ask("q=MANY");
  assert.deepEqual([all.targets?.length, all.more], [MAX_TARGETS_SHOWN, true]);
  const one = await ask("q=many-99");
  assert.deepEqual([one.targets?.length, one.more], [1, false]);
});

test("targets: claims that an answer leaves out are said", async () => {
  const digest = `sha256=${toHex(sha256(utf8("these bits")))}`;
  const { claims, more } = await ask(digest);
  assert.deepEqual([claims?.length, more], [MAX_TARGETS_SHOWN + 1, false]);
  const query: ApiNode["query"] = async (...args) => {
    const result = await node.query(...args);
    const [first] = result.found;
    assert.ok(first !== undefined);
    return { ...result, found: Array.from({ length: MAX_CLAIMS_SHOWN + 1 }, () => first) };
  };
  const cut = await ask(digest, { query });
  assert.deepEqual([cut.claims?.length, cut.more], [MAX_CLAIMS_SHOWN, true]);
  const unfinished = await ask(digest, {
    query: async (...args) => ({ ...(await node.query(...args)), ended: false }),
  });
  assert.equal(unfinished.more, true);
});
