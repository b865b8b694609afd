import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ClientError } from "../../../client/errors.ts";
import { alertObject, follow, InstalledNow, installedPackages } from "../../../client/watch/index.ts";
import type { Alert, FollowOptions } from "../../../client/watch/index.ts";
import {
  checkEvidence,
  equalBytes,
  FINDING_KINDS,
  proveContradiction,
  proveFork,
  NOTE_COSIGNATURE,
  readPolicy,
  toSpkiPem,
  toVkey,
  writeEvidence,
} from "../../../protocol/index.ts";
import type { Evidence, Finding } from "../../../protocol/index.ts";
import { assertFits } from "../../json-schemas.ts";
import { testFinding } from "../../node/finding.ts";
import { newFolder } from "../../node/folder.ts";
import { Builder, packageNumber } from "../../sim/builder.ts";
import { MemoryFeed } from "../../sim/memory-feed.ts";

const [one, two, three] = [new Builder(1), new Builder(2), new Builder(3)];
const target = packageNumber(1);
const NOW = Date.UTC(2026, 10, 21);

function proofOf(left: Builder, right: Builder): Evidence {
  const [a, b] = [left.verified(left.link(target, "left")), right.verified(right.link(target, "right"))];
  return proveContradiction(a, b, target.key, []) ?? assert.fail("no contradiction");
}

const fork = proveFork(
  new MemoryFeed(3).append("a").head(),
  new MemoryFeed(3).append("b").head(),
  null,
  null,
);
assert.ok(fork !== null);

let number = 0;
function finding(evidence: Evidence | Uint8Array | null, changes: Partial<Finding> = {}): Finding {
  const octets = evidence === null || evidence instanceof Uint8Array ? evidence : writeEvidence(evidence);
  const kind = "contradiction";
  return testFinding(++number, { kind, id: "00".repeat(32), evidence: octets, time: 1_000, ...changes });
}

async function alertsOf(
  findings: readonly Finding[],
  changes: Partial<FollowOptions> = {},
): Promise<Alert[]> {
  const options = {
    policies: () => null,
    installed: null,
    afterNumber: 0,
    fromTime: 0,
    signal: new AbortController().signal,
    refused: (): void => undefined,
    ...changes,
  };
  async function* all(): AsyncGenerator<Finding> {
    yield* findings;
  }
  const alerts: Alert[] = [];
  for await (const alert of follow({ findings: all }, options)) alerts.push(alert);
  return alerts;
}

const policyOf = (...builders: readonly Builder[]): ReturnType<typeof readPolicy> =>
  readPolicy(
    `version = 1\n${builders
      .map(({ key }, i) => `[builders.b${i}]\nkey = ${JSON.stringify(toSpkiPem(key))}\nroles = ["r"]\n`)
      .join("")}[[rules]]\nname = "all"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = "role:r" }\n`,
  );

test("follow: an alert says what its evidence proves, not what the node says of it", async () => {
  const [alert] = await alertsOf([
    finding(proofOf(one, one), { kind: "fork", purl: "pkg:generic/lie@1", keys: [two.key.raw] }),
  ]);
  assert.deepEqual(
    [alert?.kind, alert?.target?.purl, alert?.keys],
    ["self-contradiction", target.purl, [one.key.raw]],
  );
});

test("follow: what does not hold is left out and told of; what a node merely observed has no evidence", async () => {
  const refused: number[] = [];
  const octets = writeEvidence(proofOf(one, two));
  const changed = octets.slice();
  changed[octets.length >> 1] = (changed[octets.length >> 1] ?? 0) ^ 1;
  const bad = [finding(changed), finding(new Uint8Array()), finding(null), finding(null, { kind: "fork" })];
  const alerts = await alertsOf(
    [...bad, finding(null, { kind: "silent" }), finding(null, { kind: "withheld" })],
    {
      refused: (which) => refused.push(which),
    },
  );
  assert.deepEqual(
    alerts.map(({ kind, evidence }) => [kind, evidence]),
    [
      ["silent", null],
      ["withheld", null],
    ],
  );
  assert.deepEqual(
    refused,
    bad.map((one) => one.number),
  );
});

test("follow: whatever a node observed is said in plain words, and fits its schema", async () => {
  const observed = FINDING_KINDS.slice(4);
  const alerts = await alertsOf(observed.map((kind) => finding(null, { kind, keys: [one.key.raw] })));
  assert.deepEqual(
    alerts.map(({ kind }) => kind),
    observed,
  );
  for (const alert of alerts) {
    assertFits(["alert"], alertObject(alert, policyOf(one), NOW), alert.kind);
    assert.match(alert.text[0] ?? "", /^[A-Z ]+: .*\.$/, alert.kind);
  }
  assert.equal(new Set(alerts.map(({ text }) => text[0])).size, observed.length);
});

test("follow: a policy leaves in what concerns its builders, and names them", async () => {
  const findings = [finding(proofOf(one, two)), finding(proofOf(two, two)), finding(fork)];
  const policy = policyOf(one, three);
  const alerts = await alertsOf(findings, { policies: () => [policy] });
  assert.deepEqual(
    alerts.map(({ kind }) => kind),
    ["disagreement", "fork"],
  );
  const object = alertObject(alerts[0] ?? assert.fail(), policy, NOW) as {
    builders: unknown[];
    rule: unknown;
  };
  assert.deepEqual(new Set(object.builders), new Set(["b0", null]));
  assert.equal(object.rule, "all");
});

test("follow: only from a time on, and only what is installed, but feeds concern everybody", async () => {
  const findings = [finding(proofOf(one, two), { time: 500 }), finding(proofOf(one, two)), finding(fork)];
  assert.equal((await alertsOf(findings, { fromTime: 1_000 })).length, 2);
  const other = new Set([packageNumber(2).purl]);
  assert.deepEqual(
    (await alertsOf(findings, { installed: () => Promise.resolve(other) })).map(({ kind }) => kind),
    ["fork"],
  );
  const times: number[] = [];
  const installed = (time: number): Promise<ReadonlySet<string>> => {
    times.push(time);
    return Promise.resolve(new Set([target.purl]));
  };
  assert.equal((await alertsOf(findings, { installed })).length, 3);
  assert.deepEqual(times, [500, 1_000, 1_000]);
});

test("InstalledNow: it is read again for what was found later, and what was known stays where that fails", async () => {
  const sets = [new Set(["a"]), new Set(["b"])] as const;
  let reads = 0;
  const read = async (): Promise<ReadonlySet<string>> => {
    if (++reads === 1) return Promise.resolve(sets[1]);
    throw new Error("no list");
  };
  const failures: unknown[] = [];
  const has = new InstalledNow(read, { known: sets[0], readAt: 1_000 }, (error) => failures.push(error));
  assert.deepEqual([await has.at(999), reads], [sets[0], 0]);
  assert.deepEqual([await has.at(1_000), reads], [sets[1], 1]);
  assert.deepEqual([await has.at(2_000), reads], [sets[1], 1], "read after that");
  const later = Date.now() + 60_000;
  assert.deepEqual([await has.at(later), reads, failures.length], [sets[1], 2, 1]);
});

test("alertObject: every line is as its schema says", async () => {
  const policy = policyOf(one, three);
  const found = [finding(proofOf(one, two)), finding(fork), finding(null, { kind: "silent" })];
  for (const alert of await alertsOf(found)) {
    for (const object of [alertObject(alert, null, NOW), alertObject(alert, policy, NOW)]) {
      assertFits(["alert"], object, "alertObject");
    }
  }
});

test("alertObject: of a key that is revoked by now it says so, and what that makes of the alert", async () => {
  const witness = toVkey("w.example/w", three.key.raw, NOTE_COSIGNATURE);
  const text = (by: string): string =>
    `version = 1\n[builders.b0]\nkeys = [{ key = ${JSON.stringify(toSpkiPem(one.key))}, revoked = "2026-11-21"${by} }]\n[builders.b1]\nkey = ${JSON.stringify(toSpkiPem(two.key))}\n`;
  const rest = `[[rules]]\nname = "all"\nmatch = "pkg:deb/debian/*"\nrequire = { k = 1, of = ["b0", "b1"] }\n`;
  const policy = readPolicy(text("") + rest);
  const [alert] = await alertsOf([finding(proofOf(one, two))]);
  assert.ok(alert);
  const told = (of: Alert, by: typeof policy, now: number): { revoked: unknown[]; text: string[] } => {
    const object = alertObject(of, by, now) as { revoked: unknown[]; text: string[] };
    assertFits(["alert"], object, "alertObject");
    return { revoked: object.revoked, text: object.text.slice(of.text.length) };
  };
  const places = alert.keys.map((key) => equalBytes(key, one.key.raw));
  for (const before of [NOW - 1, NOW - 1_000])
    assert.deepEqual(told(alert, policy, before), { revoked: [null, null], text: [] });
  for (const after of [NOW, NOW + 1_000]) {
    const { revoked, text: lines } = told(alert, policy, after);
    assert.deepEqual(
      revoked,
      places.map((is) => (is ? "2026-11-21T00:00:00Z" : null)),
    );
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? "",
      /^The key [0-9a-f]{8}… of b0 is revoked as of 2026-11-21: .* neither for nor against\.$/,
    );
  }
  const seen = readPolicy(`${text(", witnesses = { k = 1 }")}${rest}[witnesses.w]\nkey = "${witness}"\n`);
  assert.match(told(alert, seen, NOW).text[0] ?? "", /but for what 1 of w had seen in a feed before/);
  const forked = { ...alert, kind: "fork" };
  assert.match(told(forked, policy, NOW).text[0] ?? "", /it is held against nobody/);
  const silent = { ...alert, kind: "silent" };
  assert.match(told(silent, policy, NOW).text[0] ?? "", /this says nothing of b0/);
});

test("alertObject: the evidence in a line is a file that anybody can check", async () => {
  const [alert] = await alertsOf([finding(proofOf(one, two))]);
  const line = JSON.stringify(alertObject(alert ?? assert.fail(), null, NOW));
  const { evidence } = JSON.parse(line) as { evidence: object };
  const checked = await checkEvidence(new TextEncoder().encode(`${JSON.stringify(evidence)}\n`));
  assert.equal(checked.kind, "disagreement");
});

test("installedPackages: a list of purls; anything else is a usage error", async () => {
  const list = join(await newFolder(), "list");
  await writeFile(list, `# mine\n${target.purl}\n\n`);
  assert.deepEqual(await installedPackages(list, "debian"), new Set([target.purl]));
  await writeFile(list, "curl 7.88\n");
  const isUsage = (error: unknown): boolean =>
    error instanceof ClientError && error.code === "usage/bad-option";
  await assert.rejects(installedPackages(list, "debian"), isUsage);
  await assert.rejects(installedPackages("/no/such/list", "debian"), { code: "input/missing" });
});
