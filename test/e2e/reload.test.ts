/** A node that is told to read its configuration again: what it takes, what it says, and that a bad one changes nothing. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { ed25519Key, fromHex, toSpkiPem } from "../../protocol/index.ts";
import { LAUNCHER } from "../built.ts";
import { newFolder } from "../node/folder.ts";
import { until } from "./asking.ts";
import { builder } from "./claims.ts";
import { askSocket } from "./socket.ts";

type Line = Record<string, unknown>;

const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** A node as a service has it: without a terminal, by its configuration alone. */
class Service {
  readonly child: ChildProcess;
  readonly log: Line[] = [];
  readonly ready: Line[] = [];
  readonly ended: Promise<number | null>;

  constructor(folder: string) {
    const env = { ...process.env, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
    const words = [LAUNCHER, "node", "--config", join(folder, "config.toml")];
    this.child = spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", "pipe"] });
    running.add(this.child);
    const { stdout, stderr } = this.child;
    assert.ok(stdout !== null && stderr !== null);
    createInterface({ input: stdout }).on("line", (line) => this.ready.push(JSON.parse(line) as Line));
    createInterface({ input: stderr }).on("line", (line) => this.log.push(JSON.parse(line) as Line));
    this.ended = once(this.child, "exit").then(([code]: unknown[]) => {
      running.delete(this.child);
      return typeof code === "number" ? code : null;
    });
  }

  /** Tells it to read its configuration again; the line that it writes of that. */
  async reload(): Promise<Line> {
    const before = this.log.length;
    this.child.kill("SIGHUP");
    const said = (): Line | undefined =>
      this.log.slice(before).find(({ event }) => event === "config-read" || event === "config-refused");
    await until("it says what it did", async () => said() !== undefined);
    return said() ?? {};
  }
}

const policyOf = (...names: readonly string[]): string =>
  [
    "version = 1",
    ...names.map(
      (name) =>
        `[builders.${name}]\nkey = ${JSON.stringify(toSpkiPem(ed25519Key(fromHex(builder(name).hex))))}`,
    ),
    `[[rules]]\nname = "all"\nmatch = "pkg:generic/*"\nrequire = { k = 1, of = ${JSON.stringify(names)} }\n`,
  ].join("\n");

test(
  "SIGHUP: what is sound is taken, the rest is named, and what is bad changes nothing",
  { timeout: 120_000 },
  async () => {
    const folder = await newFolder();
    const configure = (...lines: readonly string[]): Promise<void> =>
      writeFile(join(folder, "config.toml"), ['data = "data"', 'network = "e2e"', ...lines, ""].join("\n"));
    const policy = (...names: readonly string[]): Promise<void> =>
      writeFile(join(folder, "policy.toml"), policyOf(...names));
    const quiet = ["[node]", 'listen = ["none"]', 'api_listen = "none"'];
    await configure(...quiet);
    await policy("alice");
    const node = new Service(folder);
    await until("it is ready", async () => node.ready.length === 1);
    const isWell = async (): Promise<boolean> =>
      (await askSocket(join(folder, "data", "api.sock"), "GET", "/healthz", "", null)).status === 200;
    assert.ok(await isWell());

    assert.equal((await node.reload())["msg"], "nothing has changed");

    await configure(...quiet, 'log = "debug"');
    assert.deepEqual((await node.reload())["now"], ['log: "info" -> "debug"']);
    assert.equal(node.ready.length, 1, "for that it goes on as it is");

    await policy("alice", "bob");
    const more = await node.reload();
    assert.match(String(more["anew"]), /^follow: \+ builders /);
    assert.deepEqual([more["restart"], more["level"]], [[], "warn"]);
    await until("it starts anew in its process", async () => node.ready.length === 2);
    assert.ok(await isWell());

    await configure(...quiet, 'max_stroe = "8G"');
    const refused = await node.reload();
    assert.deepEqual([refused["event"], refused["code"]], ["config-refused", "config/bad-file"]);
    assert.match(String(refused["error"]), /config\.toml:6:1: .*max_stroe/);
    assert.ok(await isWell());

    await writeFile(
      join(folder, "config.toml"),
      'network = "other"\n[node]\nlisten = ["none"]\napi_listen = "none"\nmax_store = "8G"\n',
    );
    const some = await node.reload();
    assert.match(String(some["restart"]), /network: "e2e" -> "other".*|dataDir/);
    assert.match(String(some["anew"]), /maxStoreBytes: 4294967296 -> 8589934592/);
    await until("it starts anew with what it takes", async () => node.ready.length === 3);
    const status = await askSocket(join(folder, "data", "api.sock"), "GET", "/v1/status", "", null);
    assert.equal((JSON.parse(status.text) as Line)["network"], "e2e");

    const listener = createServer();
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    await configure("[node]", 'listen = ["none"]', `api_listen = "127.0.0.1:${port}"`, 'max_store = "8G"');
    await node.reload();
    await until("it goes on with what it had", async () => node.ready.length === 4);
    const failed = node.log.findLast(({ event }) => event === "config-refused");
    assert.equal(failed?.["code"], "config/bad-address");
    assert.ok(await isWell());
    listener.close();

    for (const line of node.log) {
      assert.match(String(line["time"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      for (const name of ["level", "event", "msg"])
        assert.equal(typeof line[name], "string", JSON.stringify(line));
    }
    node.child.kill("SIGTERM");
    assert.equal(await node.ended, 0);
  },
);
