/** `verify` and `watch` against real peers in processes of their own, over real TCP. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ed25519Key, toSpkiPem } from "../../protocol/index.ts";
import { chainOf, signedProgram } from "../client/cli/release-stage.ts";
import { runCommand } from "../client/cli/run.ts";
import type { Ran } from "../client/cli/run.ts";
import { assertLine } from "../json-schemas.ts";
import { newFolder } from "../node/folder.ts";
import { held, recordsAt, until } from "./asking.ts";
import { builder, claim, packageTarget } from "./claims.ts";
import type { TestBuilder } from "./claims.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";
import { watch } from "./watcher.ts";

const LIMIT = { timeout: 120_000 };
const [alice, bob, carol] = [builder("alice"), builder("bob"), builder("carol")];

async function policyFor(members: readonly TestBuilder[], k: number): Promise<string> {
  const path = join(await newFolder(), "policy.toml");
  const builders = members.map(
    ({ raw }, i) =>
      `[builders.b${i}]\nkey = ${JSON.stringify(toSpkiPem(ed25519Key(raw)))}\nroles = ["rebuilder"]\n`,
  );
  const rule = `[[rules]]\nname = "debian"\nmatch = "pkg:deb/debian/*"\nrequire = { k = ${k}, of = "role:rebuilder" }\n`;
  await writeFile(path, `version = 1\n${builders.join("")}${rule}`);
  return path;
}

/** Verifies a digest: what stands in the package plays no part here. */
async function verify(name: string, content: string, ...options: readonly string[]): Promise<Ran> {
  const { purl, file } = packageTarget(name);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(content));
  const what = ["--sha256", Buffer.from(digest).toString("hex"), "--purl", purl, "--name", file];
  return runCommand(["verify", ...what, "--network", "e2e", "--json", ...options]);
}

const votesOf = ({ objects }: Ran): string =>
  ((objects[0]?.["votes"] ?? []) as { vote: string }[]).map(({ vote }) => vote).join(" ");

test("a light peer and a running node come to the same verdicts", LIMIT, async () => {
  const a = await startPeer({ publishKey: alice.pem, first: true });
  const b = await startPeer({
    publishKey: bob.pem,
    first: true,
    bootstrap: a.listen,
    followOrigins: [a.origin],
    followBuilders: [alice.hex, bob.hex],
  });
  const policy = ["--policy", await policyFor([alice, bob, carol], 2)];
  await a.publish(
    claim(alice, "hello", "bits"),
    claim(alice, "split", "these"),
    claim(alice, "lonely", "bits"),
  );
  await b.publish(claim(bob, "hello", "bits"), claim(bob, "split", "those"));
  await until("all of a at b", async () => (await held(b, alice, "lonely")) === 1);
  // Who meets a alone finds what b says by the DHT: a keeps each of its two targets under both keys.
  await until("all of b in the DHT", async () => (await recordsAt(a)) >= 4);
  const node = [...policy, "--data", b.dataDir];
  const light = [
    ...policy,
    "--bootstrap",
    ...a.listen,
    "--data",
    await newFolder(),
    "--api",
    "/no/such/socket",
  ];
  const fresh = [...policy, "--data", await newFolder(), "--bootstrap", ...a.listen];
  assert.equal(
    (await verify("hello", "bits", ...light)).code,
    69,
    "an --api that is not there is not replaced",
  );
  for (const how of [node, fresh]) {
    const agreed = await verify("hello", "bits", ...how);
    assert.deepEqual([agreed.code, votesOf(agreed)], [0, "agrees agrees silent"]);
    const other = await verify("hello", "other bits", ...how);
    assert.deepEqual([other.code, other.objects[0]?.["contradiction"]], [1, "file"]);
    const split = await verify("split", "these", ...how);
    assert.deepEqual([split.code, votesOf(split)], [1, "agrees contradicts silent"]);
    const pending = await verify("lonely", "bits", ...how);
    assert.deepEqual([pending.code, pending.objects[0]?.["agreeing"]], [2, 1]);
    const unknown = await verify("unheard-of", "bits", ...how);
    assert.deepEqual([unknown.code, unknown.objects[0]?.["agreeing"]], [2, 0]);
  }
  await chainBy(a, ["--data", b.dataDir], ["--data", await newFolder(), "--bootstrap", ...a.listen]);
});

/** A signed file: what was said of the unsigned one is asked for by its normal form, and found. */
async function chainBy(publisher: PeerProcess, ...ways: readonly (readonly string[])[]): Promise<void> {
  const { release, signed, envelopes } = await signedProgram();
  await publisher.publish(...envelopes);
  for (const how of ways) {
    const judge = (): Promise<Ran> => runCommand([...release.judging(signed), "--network", "e2e", ...how]);
    await until("all steps there", async () => (await judge()).code === 0);
    assert.deepEqual(chainOf(await judge()), [
      "build program.efi.unsigned reproduced",
      "sign program.efi reproduced",
    ]);
  }
}

test(
  "watch tells of a contradiction, with its evidence, from a node and as a peer of its own",
  LIMIT,
  async () => {
    const a = await startPeer({ publishKey: alice.pem, first: true });
    const b = await startPeer({
      publishKey: bob.pem,
      first: true,
      bootstrap: a.listen,
      followOrigins: [a.origin],
      followBuilders: [alice.hex, bob.hex],
    });
    await a.publish(claim(alice, "hello", "bits"));
    await until("the first claim at b", async () => (await held(b, alice, "hello")) === 1);
    const policy = ["--policy", await policyFor([alice, bob], 2), "--network", "e2e", "--since", "0"];
    const own = ["--data", await newFolder(), "--bootstrap", ...b.listen];
    const watchers = [await watch([...policy, "--data", b.dataDir]), await watch([...policy, ...own])];
    await b.publish(claim(bob, "hello", "other bits"));
    for (const { line, child } of watchers) {
      assertLine("watch", await line);
      const alert = JSON.parse(await line) as { kind: string; builders: string[]; evidence: object };
      assert.deepEqual([alert.kind, alert.builders.toSorted()], ["disagreement", ["b0", "b1"]]);
      const path = join(await newFolder(), "evidence.json");
      await writeFile(path, JSON.stringify(alert.evidence));
      assert.equal((await runCommand(["evidence", "check", path])).code, 0);
      child.kill("SIGTERM");
      const [code] = (await once(child, "exit")) as [number | null];
      assert.equal(code, 0);
    }
  },
);

test("watch tells of a fork and of a self-contradiction, with evidence that holds", LIMIT, async () => {
  // One key on two machines that know nothing of each other: each begins its feed, and signs another first entry.
  const [one, other] = [
    await startPeer({ publishKey: alice.pem, first: true }),
    await startPeer({ publishKey: alice.pem, first: true }),
  ];
  await one.publish(claim(alice, "hello", "bits"));
  await other.publish(claim(alice, "world", "bits"));
  const liar = await startPeer({ publishKey: bob.pem, first: true });
  const policy = ["--policy", await policyFor([alice, bob], 2), "--network", "e2e", "--since", "0"];
  const bootstrap = [one, other, liar].flatMap(({ listen }) => listen);
  const { lines, child } = await watch([...policy, "--data", await newFolder(), "--bootstrap", ...bootstrap]);
  await liar.publish(claim(bob, "split", "these bits"), claim(bob, "split", "those bits"));
  await until("both alerts", async () => lines.length >= 2);
  for (const line of lines) assertLine("watch", line);
  const alerts = lines.map(
    (line) => JSON.parse(line) as { kind: string; builders: string[]; evidence: object },
  );
  assert.deepEqual(alerts.map(({ kind, builders }) => `${kind} of ${builders.join(", ")}`).toSorted(), [
    "fork of b0",
    "self-contradiction of b1",
  ]);
  const proofs = join(await newFolder(), "evidence.jsonl");
  for (const { evidence } of alerts) {
    await writeFile(proofs, JSON.stringify(evidence));
    assert.equal((await runCommand(["evidence", "check", proofs])).code, 0);
  }
  child.kill("SIGTERM");
  await once(child, "exit");
});
