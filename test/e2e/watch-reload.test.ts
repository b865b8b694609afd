/** A watch that is told to read its configuration again: whom it tells then, and that a bad one changes nothing. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startReceiver } from "../client/watch/receiver.ts";
import { newFolder } from "../node/folder.ts";
import { until } from "./asking.ts";
import { builder, claim, packageTarget } from "./claims.ts";
import { startPeer } from "./processes.ts";
import { watch } from "./watcher.ts";

const [alice, bob] = [builder("alice"), builder("bob")];

test("watch: a hang-up has it tell where the configuration says now", { timeout: 60_000 }, async () => {
  const peer = await startPeer({
    publishKey: alice.pem,
    first: true,
    followBuilders: [alice.hex, bob.hex],
  });
  const config = join(await newFolder(), "config.toml");
  const [one, other] = [await startReceiver(), await startReceiver()];
  const configure = (url: URL, more = ""): Promise<void> =>
    writeFile(config, `[watch]\nwebhook = "${url.href}"\n${more}`);
  const told = ({ received }: typeof one, name: string): boolean =>
    received.some(({ body }) => body.includes(packageTarget(name).file));
  const contradict = async (name: string): Promise<void> => {
    assert.equal((await peer.publish(claim(alice, name, "these"), claim(bob, name, "those"))).status, 200);
  };

  await configure(one.url);
  const { child, notes } = await watch(["--config", config, "--network", "e2e", "--data", peer.dataDir]);
  const says = (words: string): Promise<void> =>
    until(words, async () => Promise.resolve(notes.some((note) => note.includes(words))));
  await contradict("first");
  await until("the first place is told", async () => Promise.resolve(told(one, "first")));

  await configure(other.url);
  child.kill("SIGHUP");
  await says("the configuration was read again");
  await contradict("second");
  await until("the other place is told", async () => Promise.resolve(told(other, "second")));
  assert.ok(!told(one, "second"), "and the first no more");

  await configure(one.url, 'severity = "loud"\n');
  child.kill("SIGHUP");
  await says("goes on with what it had");
  assert.ok(
    notes.some((note) => note.includes("loud")),
    notes.join("\n"),
  );
  await contradict("third");
  await until("it is the other place still", async () => Promise.resolve(told(other, "third")));
  assert.equal(child.exitCode, null);
});
