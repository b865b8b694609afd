/** `watch --webhook` and `samebits alert` with real processes: what is found while the watch is dead is told later, and what is acknowledged no more. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { toVkey } from "../../protocol/index.ts";
import { runCommand } from "../client/cli/run.ts";
import { startReceiver } from "../client/watch/receiver.ts";
import { assertFits } from "../json-schemas.ts";
import { newFolder } from "../node/folder.ts";
import { until } from "./asking.ts";
import { builder, claim, packageTarget } from "./claims.ts";
import { startPeer } from "./processes.ts";
import { watch } from "./watcher.ts";

const [alice, bob, carol] = [builder("alice"), builder("bob"), builder("carol")];
const BUILDERS = [alice, bob, carol];
const POLICY = `version = 1
${["alice", "bob", "carol"].map((name, i) => `[builders.${name}]\nkey = "${toVkey(name, BUILDERS[i]?.raw ?? new Uint8Array())}"\n`).join("")}
[[rules]]
name = "all"
match = "pkg:*/*/*"
require = { k = 2, of = ["alice", "bob", "carol"] }
`;

test(
  "watch --webhook, killed and started again; alert list, show and ack",
  { timeout: 120_000 },
  async () => {
    const peer = await startPeer({
      publishKey: alice.pem,
      first: true,
      followBuilders: BUILDERS.map(({ hex }) => hex),
    });
    const folder = await newFolder();
    const policy = join(folder, "policy.toml");
    await writeFile(policy, POLICY);
    const options = ["--policy", policy, "--network", "e2e", "--data", peer.dataDir];
    const { url, received } = await startReceiver();
    const told = (): readonly string[] =>
      received.map(({ body }) => (JSON.parse(body) as { target: { file: string } }).target.file);
    const contradict = async (name: string): Promise<void> => {
      assert.equal((await peer.publish(claim(alice, name, "these"), claim(bob, name, "those"))).status, 200);
    };
    const [first, second] = [packageTarget("first").file, packageTarget("second").file];

    const watching = ["--since", "0", "--webhook", url.href, ...options];
    const before = await watch(watching);
    await contradict("first");
    await until("the first alert", async () => Promise.resolve(told().length > 0));
    before.child.kill("SIGKILL");
    await once(before.child, "exit");
    await contradict("second");
    // The same place, named by the configuration.
    const config = join(folder, "config.toml");
    await writeFile(config, `[watch]\nwebhook = "${url.href}"\n`);
    const after = await watch(["--since", "0", "--config", config, ...options]);
    await until("the second alert", async () => Promise.resolve(told().includes(second)));
    assert.deepEqual([...new Set(told())], [first, second]);
    assert.ok(told().length <= 3, "at most what was under way at the kill comes twice");
    for (const { body } of received) assertFits(["alert"], JSON.parse(body) as object, "webhook");

    const listed = await runCommand(["alert", "list", "--json", ...options]);
    assert.equal(listed.code, 0, listed.err);
    const alerts = listed.objects as readonly {
      readonly id: string;
      readonly matter: string;
      readonly headline: string;
    }[];
    assert.equal(alerts.length, 2);
    for (const [i, name] of [first, second].entries())
      assert.match(
        alerts[i]?.headline ?? "",
        new RegExp(`^(alice and bob|bob and alice) got different bits for ${name}`),
      );
    const [alert] = alerts;
    assert.ok(alert);
    assert.ok(
      received.some(({ body }) => body.includes(alert.matter)),
      "the same alert has the same id everywhere",
    );

    const shown = await runCommand(["alert", "show", alert.id.slice(0, 8), ...options]);
    assert.match(shown.out, /^warning: .* got different bits/);
    assert.match(shown.out, /Check it yourself: samebits alert show/);
    const proof = await runCommand(["alert", "show", alert.id, "--evidence", ...options]);
    const file = join(folder, "evidence.json");
    await writeFile(file, proof.out);
    assert.equal((await runCommand(["evidence", "check", file])).code, 0);

    const noted = await runCommand([
      "alert",
      "ack",
      alert.id,
      "--note",
      "asked bob",
      "--json",
      ...options.slice(2),
    ]);
    assert.equal(noted.code, 0, noted.err);
    assert.equal((await peer.get(`/v1/findings/${alert.id}/ack`)).status, 200);
    // Another result of a third builder joins the first: whoever has seen to it is not told.
    assert.equal((await peer.publish(claim(carol, "first", "others"))).status, 200);
    assert.equal((await peer.publish(claim(carol, "second", "others"))).status, 200);
    await until("who joined the second", async () =>
      Promise.resolve(told().at(-1) === second && told().length > 2),
    );
    assert.equal(told().filter((name) => name === first).length <= 2, true);
    assert.ok(!received.some(({ body }) => body.includes(first) && body.includes('"joined"')));
    const open = await runCommand(["alert", "list", "--json", ...options]);
    assert.equal(open.objects.length, 1);
    const all = await runCommand(["alert", "list", "--all", ...options]);
    assert.match(all.out, /acknowledged/);
    after.child.kill("SIGTERM");

    for (const [code, ...argv] of [
      [66, "show", "00000000"],
      [64, "show", "short"],
      [64, "ack", "00000000"],
      [66, "ack", "00000000", "--note", "x"],
      [64, "list", "--since", "x"],
    ] as const) {
      assert.equal(
        (await runCommand(["alert", ...argv, ...options.slice(argv[0] === "ack" ? 2 : 0)])).code,
        code,
        argv.join(" "),
      );
    }
  },
);

test("watch: options of sinks that make no sense are usage errors", async () => {
  const secret = join(await newFolder(), "secret");
  await writeFile(secret, "short\n");
  for (const argv of [
    ["--webhook", "ftp://example.org/"],
    ["--webhook", "http://user@example.org/"],
    ["--webhook", "http://127.0.0.1/", "--webhook-secret", secret],
    ["--webhook-secret", secret],
    ["--alertmanager", "localhost"],
    ["--exec", " "],
    ["--severity", "fatal"],
  ]) {
    assert.equal((await runCommand(["watch", ...argv])).code, 64, argv.join(" "));
  }
});
