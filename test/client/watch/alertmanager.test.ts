/** The real Alertmanager of Debian: what it shows of what it is told. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { alertmanagerSink } from "../../../client/watch/sinks/index.ts";
import { atEnd } from "../../at-end.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";
import { startReceiver } from "./receiver.ts";
import { aTold } from "./told.ts";

const { signal } = new AbortController();

interface Shown {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function startAlertmanager(): Promise<URL> {
  const folder = await newFolder();
  const config = join(folder, "alertmanager.yml");
  await writeFile(config, "route:\n  receiver: none\nreceivers:\n  - name: none\n");
  const url = new URL(`http://127.0.0.1:${await freePort()}/`);
  const child = spawn(
    "prometheus-alertmanager",
    [
      `--config.file=${config}`,
      `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=${url.host}`,
      "--cluster.listen-address=",
    ],
    { stdio: "ignore" },
  );
  atEnd(() => void child.kill("SIGKILL"));
  for (let tries = 0; tries < 300; tries++) {
    const ready = await fetch(new URL("-/ready", url)).catch(() => null);
    if (ready?.ok === true) return url;
    await sleep(100);
  }
  return assert.fail("Alertmanager does not start");
}

test(
  "alertmanager: what is open fires, what changed its severity fires as that alone, what is acknowledged or over ends",
  {
    skip: lacks("prometheus-alertmanager"),
    timeout: 60_000,
  },
  async () => {
    const url = await startAlertmanager();
    const sink = alertmanagerSink({ url, allowPrivate: false });
    const active = async (): Promise<readonly Shown[]> =>
      (await (await fetch(new URL("api/v2/alerts?active=true", url))).json()) as readonly Shown[];
    const told = aTold();
    await sink.deliver(told, signal);
    const [shown, ...more] = await active();
    assert.equal(more.length, 0);
    assert.deepEqual(shown?.labels, {
      alertname: "Samebits",
      kind: "contradiction",
      severity: "warning",
      matter: told.matter,
      package: "pkg:deb/debian/hello@1.0-1",
    });
    assert.equal(shown.annotations["summary"], told.headline);
    assert.equal(shown.annotations["builders"], "alice, bob");
    await sink.deliver(aTold({ severity: "critical", change: "worse" }), signal);
    assert.deepEqual(
      (await active()).map(({ labels }) => labels["severity"]),
      ["critical"],
    );
    await sink.deliver(
      aTold({ severity: "critical", change: "acknowledged", state: "acknowledged" }),
      signal,
    );
    assert.deepEqual(await active(), []);
    await sink.repeat?.say([aTold({ matter: "33".repeat(32) }), aTold({ matter: "44".repeat(32) })], signal);
    assert.equal((await active()).length, 2);
    await sink.deliver(aTold({ matter: "33".repeat(32), change: "ended", state: "resolved" }), signal);
    await sink.deliver(
      aTold({ event: "digest", kind: "digest", matter: "55".repeat(32), change: null }),
      signal,
    );
    assert.deepEqual(
      (await active()).map(({ labels }) => labels["kind"] ?? "").toSorted((a, b) => (a < b ? -1 : 1)),
      ["contradiction", "digest"],
    );
  },
);

test("alertmanager: many are said in requests of a hundred, below the path that was named", async () => {
  const { url, received } = await startReceiver();
  const sink = alertmanagerSink({ url: new URL("/am/", url), allowPrivate: false });
  const open = Array.from({ length: 250 }, (_, i) => aTold({ matter: i.toString(16).padStart(64, "0") }));
  await sink.repeat?.say(open, signal);
  assert.deepEqual(
    received.map(({ path, body }) => [path, (JSON.parse(body) as readonly unknown[]).length]),
    [100, 100, 50].map((count) => ["/am/api/v2/alerts", count]),
  );
});
