/** What a policy expects is looked for as long as a watch goes on, whatever failed for a while. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { DEFAULT_RELEASE, expectBy } from "../../../client/cli/expecting.ts";
import { openPrinter } from "../../../client/cli/print.ts";
import { Watched } from "../../../client/cli/watched.ts";
import { openConfig } from "../../../client/cli/options.ts";
import { openApi } from "../../../client/source/index.ts";
import { newFolder } from "../../node/folder.ts";

const AGAIN_MS = 50;

test("a book that can't be written for a while is opened again, and that is told once", async () => {
  const data = await newFolder();
  const books = join(data, "expected");
  await writeFile(books, "a file where a folder should be");
  const config = await openConfig({ data, network: "test" });
  const printer = openPrinter({ quiet: true });
  const told: unknown[] = [];
  const failure = (error: unknown): void => void told.push(error);
  const watched = new Watched(() => Promise.resolve(null), null, { ...printer, failure });
  const api = openApi({ socket: join(data, "none.sock") }, { trusted: true, dataDir: data, network: "test" });
  const stop = new AbortController();
  const offer = (): Promise<void> => Promise.resolve();
  const telling = { config, watched, printer, installed: null, offer, signal: stop.signal };
  const expecting = expectBy(api, { unexpectedRelease: DEFAULT_RELEASE }, telling, AGAIN_MS);
  await sleep(5 * AGAIN_MS);
  assert.equal(told.length, 1);
  await rm(books);
  for (let tries = 0; !existsSync(books) || readdirSync(books).length === 0; tries++) {
    assert.ok(tries < 200, "it does not begin again");
    await sleep(AGAIN_MS);
  }
  stop.abort();
  await expecting;
});
