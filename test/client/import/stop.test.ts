import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { atEnd } from "../../at-end.ts";
import { LAUNCHER } from "../../built.ts";
import { newFolder } from "../../node/folder.ts";
import { serveHttp } from "../../servers.ts";

test("a bridge that is told to stop waits for no answer, and ends as it should", async () => {
  const asked = Promise.withResolvers<void>();
  const url = await serveHttp(() => asked.resolve());
  const words = [LAUNCHER, "import", "rebuilderd", url, "--every", "10m", "--data", await newFolder()];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"] });
  atEnd(() => child.kill("SIGKILL"));
  const said = text(child.stderr);
  const ended = once(child, "close");
  await asked.promise;
  child.kill("SIGTERM");
  assert.deepEqual([await ended, await said], [[0, null], ""]);
});
