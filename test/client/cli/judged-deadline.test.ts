/** What a package manager waits for is one time, however many there are who speak for a transaction's packages. */
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { test } from "node:test";
import { judgeByAll } from "../../../client/cli/judged.ts";
import type { Policies, PolicyFile } from "../../../client/policy-file.ts";
import { debTarget, LAST_ASKED_MS, readPolicy } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { owner } from "../../protocol/trust/domains.ts";
import { policyText } from "../trust/rig.ts";

const DEADLINE_MS = 1_000;
const text = policyText(owner(1));

/** As many policies as packages. */
function policies(): Policies {
  const of = (purl: string | null): PolicyFile => ({
    path: purl ?? "",
    policy: readPolicy(text, "policy.toml"),
    text,
    domain: null,
  });
  return { of, all: [], domain: null, places: null, warnings: [], problem: null };
}

test("a node that does not answer is waited for once", async () => {
  const files = ["a1", "a2", "a3", "a4"].map((name) => {
    const target = debTarget({ namespace: "debian", name, version: "1", arch: "all" });
    return {
      path: null,
      artifact: { sha256: new Uint8Array(32), name, target, inside: target },
      unfit: null,
    };
  });
  const given: number[] = [];
  const silent = {
    name: "a node",
    holdsFeeds: true,
    trusted: true,
    find: async (_: unknown, { deadlineMs }: { readonly deadlineMs: number }) => {
      given.push(deadlineMs);
      await wait(deadlineMs);
      throw new Error("no answer in time");
    },
    close: () => Promise.resolve(),
  };
  const { judged, nobodyAsked } = await judgeByAll(files, policies(), {
    network: "main",
    dataDir: await newFolder(),
    source: silent,
    isNear: true,
    bundles: [],
    mirrors: null,
    mirrorsMs: DEADLINE_MS,
    deadlineMs: DEADLINE_MS,
    now: Date.now(),
  });
  assert.deepEqual([judged.length, nobodyAsked], [4, true]);
  const all = given.reduce((sum, ms) => sum + ms, 0);
  assert.ok(given.length === 4 && all <= DEADLINE_MS + 3 * LAST_ASKED_MS, given.join(" "));
});
