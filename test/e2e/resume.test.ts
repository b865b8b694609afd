/** `kill -9` in the midst of a long synchronisation: the next life goes on where the store ends. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { record } from "../../protocol/index.ts";
import { runCommand } from "../client/cli/run.ts";
import { newFolder } from "../node/folder.ts";
import { held, heldOf, until } from "./asking.ts";
import { builder, claim } from "./claims.ts";
import { startPeer } from "./processes.ts";
import type { PeerProcess } from "./processes.ts";

const LIMIT = { timeout: 600_000 };
/** Half a dozen answers of the stream `tiles`: there is a midst. */
const ENTRIES = 8_000;
/** Envelopes of one request: its body has at most 1 MB. */
const PORTION = 800;
const alice = builder("alice");

/** Entries that this process has fetched since its start. */
async function fetched(peer: PeerProcess): Promise<number> {
  const status = record((await peer.get("/v1/status")).body, "status");
  return (
    status
      .member("counters")
      .record()
      .optional("entries-from-sync")
      ?.integer(0, 2 ** 40) ?? 0
  );
}

test(
  "killed in the midst of a feed of thousands, a node fetches what it lacks and nothing that it had",
  LIMIT,
  async () => {
    const a = await startPeer({ publishKey: alice.pem, first: true });
    for (let i = 0; i < ENTRIES; i += PORTION) {
      const some = Array.from({ length: PORTION }, (_, n) => claim(alice, `p${i + n}`, "bits"));
      assert.equal((await a.publish(...some)).status, 200);
    }
    const follow = { bootstrap: a.listen, followOrigins: [a.origin], followBuilders: [alice.hex] };
    const first = await startPeer(follow);
    let before = 0;
    while (before === 0) before = await heldOf(first, a.origin);
    await first.end("SIGKILL");
    assert.ok(before < ENTRIES, "all of it was here before the kill: the feed is too short");
    const second = await startPeer({ ...follow, dataDir: first.dataDir });
    // What was shown is in the store, and the kill takes nothing of that (a crash of the machine may).
    const after = await heldOf(second, a.origin);
    assert.ok(after >= before, `${after} after the kill, ${before} before`);
    await until("all of it", async () => (await heldOf(second, a.origin)) === ENTRIES);
    const again = await fetched(second);
    assert.ok(again > 0 && again <= ENTRIES - before, `${again} fetched, of which ${before} were here`);
    for (const name of ["p0", `p${before - 1}`, `p${before}`, `p${ENTRIES - 1}`])
      await until(name, async () => (await held(second, alice, name)) === 1);
    const folder = join(await newFolder(), "feed");
    const common = ["--data", second.dataDir, "--network", "e2e"];
    const exported = await runCommand(["feed", "export", folder, a.origin, "--json", ...common]);
    assert.equal(exported.code, 0, exported.err);
    const checked = await runCommand(["feed", "check", folder, "--json"]);
    assert.equal(checked.code, 0, checked.err);
    assert.deepEqual([checked.objects[0]?.["size"], checked.objects[0]?.["origin"]], [ENTRIES, a.origin]);
  },
);
