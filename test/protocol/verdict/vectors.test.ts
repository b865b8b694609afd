import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { judgeOffline } from "./offline.ts";
import type { OfflineCase } from "./offline.ts";

interface Vectors {
  readonly network: string;
  readonly now: number;
  readonly cases: readonly (OfflineCase & { readonly verdict: unknown })[];
}

const FILE = new URL("../../vectors/verdict/verdicts.json", import.meta.url);
const { network, now, cases } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

for (const { verdict, ...one } of cases) {
  test(`our vectors: ${one.about}`, async () => {
    assert.deepEqual(await judgeOffline(one, network, now), verdict);
  });
}
