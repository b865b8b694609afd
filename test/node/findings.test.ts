import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsAfter } from "../../node/findings.ts";
import { memoryStore } from "../../node/store/index.ts";
import { MAX_FINDINGS_LOOKED_AT, MAX_FINDINGS_PAGE } from "../../protocol/limits.ts";
import { writeFinding } from "../../protocol/peer/finding-row.ts";
import type { StoreOp } from "../../protocol/peer/index.ts";
import { evidenceKey, findingKey } from "../../protocol/peer/rows.ts";
import { testFinding } from "./finding.ts";

const PROOF = new TextEncoder().encode("{}");

/** A store whose findings are observations, but for those numbers that `isProven` names: these have evidence. */
async function storeOf(count: number, isProven: (number: number) => boolean): Promise<Reader> {
  const store = memoryStore();
  const ops = Array.from({ length: count }, (_, i) => opsOf(i + 1, isProven(i + 1)));
  await store.apply(ops.flat(), false);
  return store;
}

type Reader = Parameters<typeof findingsAfter>[0];

function opsOf(number: number, isProven: boolean): StoreOp[] {
  const finding = testFinding(number, { kind: isProven ? "fork" : "silent" });
  return [
    { op: "put", key: findingKey(number), value: writeFinding(finding) },
    { op: "put", key: evidenceKey(finding.id), value: isProven ? PROOF : new Uint8Array(0) },
  ];
}

/** Numbers of each page, asked for as a caller is told to: from `next` on, until there is no more. */
async function pagesOf(store: Reader, onlyProven: boolean): Promise<number[][]> {
  const pages: number[][] = [];
  for (let since = 0, more = true; more;) {
    const page = await findingsAfter(store, since, { limit: MAX_FINDINGS_PAGE, onlyProven });
    pages.push(page.findings.map(({ number }) => number));
    assert.ok(page.next > since || !page.more, "no page leaves its caller where he was");
    ({ next: since, more } = page);
  }
  return pages;
}

const numbers = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

test("findings: evidence behind more observations than fill a page is in the first page", async () => {
  const store = await storeOf(3 * MAX_FINDINGS_PAGE, (number) => number > 3 * MAX_FINDINGS_PAGE - 2);
  assert.deepEqual(await pagesOf(store, true), [numbers(3 * MAX_FINDINGS_PAGE - 1, 3 * MAX_FINDINGS_PAGE)]);
});

test("findings: a page of evidence is full while there is more, however thinly it is sown", async () => {
  const store = await storeOf(5 * (MAX_FINDINGS_PAGE + 7), (number) => number % 5 === 0);
  const [first, ...rest] = await pagesOf(store, true);
  assert.deepEqual(first, numbers(5, 5 * MAX_FINDINGS_PAGE, 5));
  assert.deepEqual(rest, [numbers(5 * (MAX_FINDINGS_PAGE + 1), 5 * (MAX_FINDINGS_PAGE + 7), 5)]);
});

test("findings: one request looks through so many and no more, and says where to go on", async () => {
  const last = MAX_FINDINGS_LOOKED_AT + 1;
  const store = await storeOf(last, (number) => number === last);
  assert.deepEqual(await pagesOf(store, true), [[], [last]]);
  const none = await storeOf(MAX_FINDINGS_LOOKED_AT, () => false);
  assert.deepEqual(await findingsAfter(none, 0, { limit: 1, onlyProven: true }), {
    findings: [],
    next: MAX_FINDINGS_LOOKED_AT,
    more: false,
  });
});

test("findings: pages of all of them fit together, and the end is said", async () => {
  const store = await storeOf(2 * MAX_FINDINGS_PAGE, (number) => number % 2 === 0);
  assert.deepEqual(await pagesOf(store, false), [
    numbers(1, MAX_FINDINGS_PAGE),
    numbers(MAX_FINDINGS_PAGE + 1, 2 * MAX_FINDINGS_PAGE),
  ]);
  const { findings, ...rest } = await findingsAfter(store, 2 * MAX_FINDINGS_PAGE, {
    limit: 5,
    onlyProven: false,
  });
  assert.deepEqual([findings, rest], [[], { next: 2 * MAX_FINDINGS_PAGE, more: false }]);
});
