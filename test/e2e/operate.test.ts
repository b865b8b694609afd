/** `samebits node` as its operator meets it: what it says, what it leaves, and with which status it ends (RULES R31). */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { record } from "../../protocol/index.ts";
import { LAUNCHER } from "../built.ts";
import { schemaOf } from "../json-schemas.ts";
import { newFolder } from "../node/folder.ts";
import { heldOf, until } from "./asking.ts";
import { builder, claim } from "./claims.ts";
import { startPeer } from "./processes.ts";

const LIMIT = { timeout: 180_000 };
const alice = builder("alice");

let home = "";
/** A port that somebody listens on. */
let taken = 0;
const listener = createServer();
const running = new Set<ChildProcess>();

before(async () => {
  home = await newFolder();
  await writeFile(join(home, "alice.key"), alice.pem, { mode: 0o600 });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  taken = (listener.address() as AddressInfo).port;
});
after(() => {
  for (const child of running) child.kill("SIGKILL");
  listener.close();
});

interface Running {
  readonly child: ChildProcess;
  /** The first line on stdout; null if it ended without one. */
  readonly ready: Promise<string | null>;
  /** Its status (null: by a signal) and what it said to stderr. */
  readonly ended: Promise<{ readonly status: number | null; readonly err: string }>;
}

/** Starts `samebits node` in the network of the end-to-end tests, on its unix socket alone unless told otherwise. */
function node(...args: readonly string[]): Running {
  const words = ["node", "--network", "e2e", "--quiet", "--json", ...args];
  if (!args.includes("--listen")) words.push("--listen", "none");
  if (!args.includes("--api-listen")) words.push("--api-listen", "none");
  const env = { ...process.env, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
  const child = spawn(process.execPath, [LAUNCHER, ...words], { env, cwd: home });
  running.add(child);
  let err = "";
  child.stderr.on("data", (part: Buffer) => (err += part.toString()));
  const ended = once(child, "close").then(([status]: unknown[]) => {
    running.delete(child);
    return { status: typeof status === "number" ? status : null, err };
  });
  const line = once(createInterface({ input: child.stdout }), "line").then(([text]) => String(text));
  return { child, ready: Promise.race([line, ended.then(() => null)]), ended };
}

/** Asserts that it does not start: the status, and one line that holds the words. */
async function refuses(status: number, words: RegExp, ...args: readonly string[]): Promise<void> {
  const { ended } = node(...args);
  const { status: actual, err } = await ended;
  assert.equal(actual, status, err);
  assert.match(err, words);
  assert.doesNotMatch(err, /internal error|\n {4}at /);
  assert.equal(err.trim().split("\n").length, 1, err);
}

test("what a node cannot start with is said in one line, with the status of its kind", LIMIT, async () => {
  const data = await newFolder();
  const busy = `127.0.0.1:${taken}`;
  await refuses(64, /listen on 127.*in use.*--api-listen/, "--data", data, "--api-listen", busy);
  await refuses(64, /HOST:PORT/, "--data", data, "--api-listen", "7717");
  const address = `/ip4/127.0.0.1/tcp/${taken}`;
  await refuses(64, /EADDRINUSE.*--listen/, "--data", data, "--listen", address);
  await refuses(64, /EADDRINUSE/, "--data", data, "--listen", address, "/ip4/127.0.0.1/tcp/0/ws");
  await refuses(64, /not a multiaddr such as/, "--data", data, "--listen", "127.0.0.1:1");
  await refuses(64, /--bootstrap.*not a multiaddr/, "--data", data, "--bootstrap", "example.org");
  await refuses(64, /--first.*--publish-key/, "--data", data, "--first");
  await refuses(64, /--follow nobody/, "--data", data, "--follow", "nobody");
  await refuses(64, /--max-store/, "--data", data, "--max-store", "many");
  await refuses(66, /no-such\.key/, "--data", data, "--publish-key", "no-such.key");
  await writeFile(join(home, "bad.key"), "not a key\n");
  await refuses(66, /bad\.key/, "--data", data, "--publish-key", "bad.key");
  await refuses(73, /cannot be made .*--data/, "--data", join(home, "alice.key"));
  await refuses(64, /at most 107 octets.*--data/, "--data", join(data, "x".repeat(100)));
});

test("one node has the folder; another is told so, and the first is in peace", LIMIT, async () => {
  const data = await newFolder();
  const first = node("--data", data);
  assert.notEqual(await first.ready, null);
  await refuses(73, /store\/locked.*another samebits node has .*--api/, "--data", data);
  assert.equal((await stat(join(data, "api.sock"))).isSocket(), true);
  first.child.kill("SIGTERM");
  assert.equal((await first.ended).status, 0);
});

test("a node whose feed was never begun says so, and what follows from it", LIMIT, async () => {
  const data = await newFolder();
  const one = node("--data", data, "--publish-key", "alice.key");
  assert.notEqual(await one.ready, null);
  one.child.kill("SIGTERM");
  assert.match((await one.ended).err, /not begun here, nothing can be published: see --first/);
});

test(
  "a feed is begun once; after kill -9 the same folder starts again, with the same names",
  LIMIT,
  async () => {
    const data = await newFolder();
    const own = ["--data", data, "--publish-key", "alice.key"];
    const first = node(...own, "--first");
    const ready: unknown = JSON.parse((await first.ready) ?? "null");
    assert.ok(schemaOf("ready")(ready));
    first.child.kill("SIGKILL");
    await first.ended;
    assert.equal((await stat(join(data, "api.sock"))).isSocket(), true);
    await refuses(73, /begun here before.*--first/, ...own, "--first");
    const again = node(...own);
    assert.deepEqual(JSON.parse((await again.ready) ?? "null"), ready);
    for (const [name, mode] of [
      ["api.sock", 0o600],
      ["token", 0o600],
      ["peer.key", 0o600],
      ["own-head", 0o700],
    ] as const) {
      assert.equal((await stat(join(data, name))).mode & 0o777, mode, name);
    }
    again.child.kill("SIGINT");
    assert.equal((await again.ended).status, 0);
  },
);

test(
  "SIGTERM ends a node within its time while it synchronises, serves and gossips, and loses nothing",
  LIMIT,
  async () => {
    const publisher = await startPeer({ publishKey: alice.pem, first: true });
    const many = Array.from({ length: 900 }, (_, i) => claim(alice, `p${i}`, "bits", "x".repeat(800)));
    for (let at = 0; at < many.length; at += 300) {
      assert.equal((await publisher.publish(...many.slice(at, at + 300))).status, 200);
    }
    const data = await newFolder();
    const own = ["--data", data, "--bootstrap", ...publisher.listen, "--follow", publisher.origin];
    for (let round = 0; round < 3; round++) {
      const follower = node(...own, "--listen", "/ip4/127.0.0.1/tcp/0");
      const ready = JSON.parse((await follower.ready) ?? "null") as { listen: string[] };
      // Others that have it all to fetch, from the one that is about to stop.
      const others = await Promise.all(
        Array.from({ length: 4 }, () =>
          startPeer({ bootstrap: ready.listen, followOrigins: [publisher.origin] }),
        ),
      );
      const publishing = publisher.publish(claim(alice, `busy${round}`, "bits"));
      follower.child.kill("SIGTERM");
      // Not done in time, it would end with 70.
      assert.equal((await follower.ended).status, 0);
      assert.equal((await publishing).status, 200);
      for (const other of others) assert.equal(await other.end("SIGTERM"), 0);
    }
    const last = await startPeer({
      dataDir: data,
      bootstrap: publisher.listen,
      followOrigins: [publisher.origin],
    });
    await until("the whole feed", async () => (await heldOf(last, publisher.origin)) === many.length + 3);
    const { body } = await last.get("/v1/findings?since=0");
    assert.equal(record(body, "findings").list("findings", 9).length, 0);
  },
);

test("a node that is told to stop while it starts, stops", LIMIT, async () => {
  for (const ms of [50, 400, 800]) {
    const starting = node("--data", await newFolder());
    await new Promise((resolve) => setTimeout(resolve, ms));
    starting.child.kill("SIGTERM");
    const { status, err } = await starting.ended;
    assert.ok(status === 0 || status === 143 || status === null, `${status}: ${err}`);
  }
});
