/** `samebits import rebuilderd` and `import in-toto`: recorded answers of real instances through a real HTTP server, and real links. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import {
  canonicalJson,
  jsonObject,
  keyIdKha,
  ed25519Key,
  publicFromSeed,
  signDomain,
  toHex,
  toRebuilderdPem,
} from "../../../protocol/index.ts";
import { every } from "../../../client/import/every.ts";
import { newFolder } from "../../node/folder.ts";
import { startTestNode } from "../../node/test-node.ts";
import { serveHttp } from "../../servers.ts";
import { runCommand } from "./run.ts";
import type { Ran } from "./run.ts";

const VECTORS = join(import.meta.dirname, "../../vectors");
const RECORDED = join(VECTORS, "rebuilderd/api-0.28.0");
const seed = new Uint8Array(32).fill(9);
const key = ed25519Key(publicFromSeed(seed));

/** A link as rebuilderd makes it, signed by the instance of this test. */
function linkOf(file: string): string {
  const digest = new Map([["sha256", "ab".repeat(32)]]);
  const signed = jsonObject({
    _type: "link",
    name: `rebuild ${file}`,
    materials: jsonObject({}),
    products: new Map([[file, digest]]),
    environment: null,
    byproducts: jsonObject({}),
    command: [],
  });
  const text = new TextDecoder().decode(canonicalJson(signed));
  const sig = toHex(signDomain(seed, canonicalJson(signed)));
  return `{"signatures":[{"keyid":"${keyIdKha(key)}","sig":"${sig}"}],"signed":${text}}`;
}

interface Listed {
  readonly name: string;
  readonly version: string;
  readonly distribution?: string;
  readonly architecture?: string;
  readonly status?: string;
  /** What its link is about; none for a package without. */
  readonly file?: string;
}

/** An instance with the newer interface, which gives two packages a page. */
class Fake {
  readonly asked: string[] = [];
  readonly packages: Listed[];
  broken = false;
  /** The key that it says is its own. */
  shown = key;

  constructor(packages: Listed[]) {
    this.packages = packages;
  }

  readonly answer = ({ url = "" }: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(url, "http://fake");
    this.asked.push(url);
    const body = this.broken ? undefined : this.#body(pathname, Number(searchParams.get("after") ?? 0));
    response.statusCode = this.broken ? 503 : body === undefined ? 404 : 200;
    response.end(body);
  };

  #body(path: string, after: number): string | undefined {
    if (path === "/api/v1/meta/public-keys")
      return JSON.stringify({ current: [toRebuilderdPem(this.shown)] });
    if (path === "/api/v1/packages/binary") {
      const records = this.packages.map((one, at) => recordOf(one, at + 1)).slice(after, after + 2);
      return JSON.stringify({ total: this.packages.length, records });
    }
    const build = /^\/api\/v1\/builds\/([0-9]+)\/artifacts\/[0-9]+\/attestation$/.exec(path)?.[1];
    const file = this.packages[Number(build) - 1]?.file;
    return file === undefined ? undefined : linkOf(file);
  }
}

function recordOf({ name, version, status, distribution, architecture, file }: Listed, id: number): object {
  const there = file === undefined ? null : id;
  return {
    id,
    name,
    version,
    distribution: distribution ?? "debian",
    release: "sid",
    component: "main",
    architecture: architecture ?? "amd64",
    url: "http://localhost/",
    status: status ?? "GOOD",
    build_id: id,
    artifact_id: id,
    diffoscope_log_id: null,
    attestation_log_id: there,
    last_seen: "2026-11-21T02:12:15.985376128",
    seen_in_last_sync: true,
  };
}

const imported = (ran: Ran): unknown[] =>
  ran.objects.filter(({ event }) => event === "imported").map(({ source, known }) => [source, known]);

test("import rebuilderd: recorded answers, from a folder and from a server, of both interfaces", async () => {
  const names: Record<string, string[]> = {
    v1: ["v1_meta_public-keys", "v1_packages_binary", "v1_builds_1_artifacts_1_attestation"],
    v0: ["v0_public-keys", "v0_pkgs_list", "v0_builds_1_attestation"],
  };
  for (const [version, there] of Object.entries(names)) {
    const url = await serveHttp((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
      const name = pathname.replace("/api/", "").replaceAll("/", "_");
      const isThere = there.includes(name) && !searchParams.has("after");
      response.statusCode = isThere ? 200 : 404;
      void (isThere ? readFile(join(RECORDED, `${name}.json`)) : Promise.resolve("")).then((body) =>
        response.end(body),
      );
    });
    const out = join(await newFolder(), "links.jsonl");
    const ran = await runCommand(["import", "rebuilderd", url, "-o", out, "--json"]);
    assert.equal(ran.code, 0, ran.err);
    const path = version === "v1" ? "builds/1/artifacts/1" : "builds/1";
    assert.deepEqual(imported(ran), [[`${url}/api/${version}/${path}/attestation`, null]]);
    const instance = ran.objects.find(({ event }) => event === "instance");
    assert.deepEqual(
      [instance?.["api"], (instance?.["workers"] as string[] | undefined)?.length],
      [version, 1],
    );
    const recorded = await readFile(join(RECORDED, `${there[2]}.json`), "utf8");
    assert.equal(await readFile(out, "utf8"), `${recorded.trimEnd()}\n`, "octet for octet");
  }
  const folder = await runCommand(["import", "rebuilderd", RECORDED, "-o", "-"]);
  assert.match(folder.out, /"name":"rebuild hello-att_1.0-1_all.deb"/);
});

test("import rebuilderd: a link that no key of the instance signed is asked for again when its keys change, and only then", async () => {
  const fake = new Fake([{ name: "hello", version: "2.10-3", file: "hello_2.10-3_amd64.deb" }]);
  fake.shown = ed25519Key(publicFromSeed(new Uint8Array(32).fill(10)));
  const url = await serveHttp(fake.answer);
  const dataDir = await newFolder();
  const node = await startTestNode({ dataDir, api: { listen: "127.0.0.1:0", public: false, hosts: [] } });
  const at = ["--api", node.api ?? "", "--data", dataDir, "--network", "test", "--json"];
  const round = async (): Promise<readonly [number, unknown[]]> => {
    const before = fake.asked.length;
    const ran = await runCommand(["import", "rebuilderd", url, ...at]);
    return [fake.asked.slice(before).filter((one) => one.endsWith("/attestation")).length, imported(ran)];
  };
  assert.deepEqual(await round(), [1, []]);
  assert.deepEqual(await round(), [0, []]);
  fake.shown = key;
  assert.deepEqual(await round(), [1, [[`${url}/api/v1/builds/1/artifacts/1/attestation`, false]]]);
  assert.deepEqual(await round(), [0, []]);
});

test("import rebuilderd: pages, epochs, binNMUs; what is listed under another package stays out, and BAD is hearsay", async () => {
  const fake = new Fake([
    { name: "hello", version: "2.10-3", file: "hello_2.10-3_amd64.deb" },
    { name: "woff", version: "1:2.0-1+b2", file: "woff_2.0-1+b2_amd64.deb" },
    {
      name: "filesystem",
      version: "1:2025-1",
      distribution: "archlinux",
      architecture: "any",
      file: "filesystem-1:2025-1-any.pkg.tar.zst",
    },
    { name: "curl", version: "8.0-1", file: "hello_2.10-3_amd64.deb" },
    { name: "late", version: "1.0-1+b1", file: "late_1.0-1_amd64.deb" },
    { name: "differs", version: "1.0-1", status: "BAD" },
  ]);
  const url = await serveHttp(fake.answer);
  const dataDir = await newFolder();
  const node = await startTestNode({ dataDir, api: { listen: "127.0.0.1:0", public: false, hosts: [] } });
  const argv = [
    "import",
    "rebuilderd",
    url,
    "--api",
    node.api ?? "",
    "--data",
    dataDir,
    "--network",
    "test",
    "--json",
  ];
  const first = await runCommand(argv);
  assert.equal(first.code, 0, first.err);
  const at = (build: number): string => `${url}/api/v1/builds/${build}/artifacts/${build}/attestation`;
  assert.deepEqual(
    imported(first),
    [1, 2, 3].map((build) => [at(build), false]),
  );
  const leftOut = first.objects.filter(({ event }) => event === "left-out");
  assert.deepEqual(
    leftOut.map(({ source, code }) => [source, code]),
    [4, 5].map((build) => [at(build), "import/unbound"]),
  );
  const hearsay = first.objects.filter(({ event }) => event === "hearsay");
  assert.deepEqual(
    hearsay.map(({ name, status }) => [name, status]),
    [["differs", "BAD"]],
  );
  assert.equal((await node.status()).own?.size, 3, "hearsay is not published");
  assert.equal(fake.asked.filter((path) => path.includes("/packages/binary")).length, 4);

  // The second round lists again, and fetches what is new alone.
  fake.asked.length = 0;
  fake.packages.push({ name: "more", version: "1", file: "more_1_amd64.deb" });
  const second = await runCommand(argv);
  assert.deepEqual(imported(second), [[at(7), false]]);
  assert.deepEqual(
    fake.asked.filter((path) => path.endsWith("/attestation")),
    [new URL(at(7)).pathname],
  );
});

test("import rebuilderd: an instance that fails, sends elsewhere or answers nonsense is told of, and nothing is brought in", async () => {
  const ends = async (place: string, ...more: string[]): Promise<unknown[]> => {
    const { code, err } = await runCommand(["import", "rebuilderd", place, "-o", "-", "--json", ...more]);
    return [code, (JSON.parse(err.trim().split("\n").at(-1) ?? "{}") as { code: string }).code];
  };
  const fake = new Fake([]);
  fake.broken = true;
  assert.deepEqual(await ends(await serveHttp(fake.answer)), [69, "rebuilderd/unreachable"]);
  const elsewhere = await serveHttp((_, response) =>
    response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  );
  assert.deepEqual(await ends(elsewhere), [69, "rebuilderd/unreachable"]);
  const nothing = await serveHttp((_, response) => response.writeHead(404).end());
  assert.deepEqual(await ends(nothing), [69, "rebuilderd/bad-answer"]);
  const nonsense = await serveHttp((_, response) => response.end("<html>"));
  assert.deepEqual(await ends(nonsense), [69, "rebuilderd/bad-answer"]);
  // Records whose ids do not grow would come for ever.
  const loop = await serveHttp(({ url }, response) =>
    response.end(
      JSON.stringify(
        url?.includes("public-keys")
          ? { current: [] }
          : { total: 1, records: [recordOf({ name: "x", version: "1" }, 1)] },
      ),
    ),
  );
  assert.deepEqual(await ends(loop), [69, "rebuilderd/bad-answer"]);
  assert.deepEqual(await ends("nowhere"), [64, "usage/bad-option"]);
  assert.deepEqual(await ends(RECORDED, "--every", "1s"), [64, "usage/bad-option"]);
});

test("a bridge goes on after failures, waits twice as long after each in a row, and ends when it is told to", async () => {
  const stop = new AbortController();
  const waits: number[] = [];
  const outcomes = [true, false, false, false, true, true];
  let rounds = 0;
  let failures = 0;
  await every({
    round: () => (outcomes[rounds++] === false ? Promise.reject(new Error("down")) : Promise.resolve()),
    everyMs: 10,
    maxWaitMs: 60,
    failed: () => void failures++,
    wait: (ms) => {
      waits.push(ms);
      if (waits.length === outcomes.length) stop.abort();
      return Promise.resolve();
    },
    signal: stop.signal,
  });
  assert.deepEqual([waits, failures, rounds], [[10, 20, 40, 60, 10, 10], 3, 6]);
});

test("import in-toto: links and envelopes of others, one a line, in any order, each once", async () => {
  const folder = await newFolder();
  const link = await readFile(join(VECTORS, "rebuilderd/filesystem-2025.10.12-1-any.in-toto.link"), "utf8");
  const recorded = await readFile(join(RECORDED, "v1_builds_1_artifacts_1_attestation.json"), "utf8");
  const lines = join(folder, "x.intoto.jsonl");
  await writeFile(lines, `${recorded.trim()}\n\n${link.trim()}\n${recorded.trim()}\n`);
  const archKey = join(VECTORS, "rebuilderd/reproducible-archlinux.pub");
  const keyFile = join(folder, "arch.pub");
  await writeFile(
    keyFile,
    await readFile(join(VECTORS, "keys/reproducible-archlinux.pub")).catch(() => readFile(archKey)),
  );
  const out = join(folder, "out.jsonl");
  const ran = await runCommand(["import", "in-toto", lines, "--key", keyFile, "-o", out, "--json"]);
  assert.equal(ran.code, 0, ran.err);
  assert.deepEqual(
    ran.objects.map(({ signer }) => (signer as { name: string } | null)?.name ?? null),
    [null, "arch.pub"],
  );
  assert.equal(await readFile(out, "utf8"), `${recorded.trim()}\n${link.trim()}\n`);
  await writeFile(lines, `${recorded.trim()}\n{"no":"attestation"}\n`);
  const bad = await runCommand(["import", "in-toto", lines, "-o", out]);
  assert.deepEqual([bad.code, /jsonl:2: .*bundle\/bad-file/.test(bad.err)], [4, true]);
});
