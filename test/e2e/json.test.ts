/**
 * The whole outside contract in JSON, on a node in a process of its own: every command that prints JSON, and every route, is held
 * against its schema here at least once. A row of the table in `protocol/spec/README.md` that nothing here shows is a failure.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { originHash, parseTarget, toBase64, toHex } from "../../protocol/index.ts";
import { LAUNCHER } from "../built.ts";
import { runCommand } from "../client/cli/run.ts";
import type { Ran } from "../client/cli/run.ts";
import { assertAnswered, assertFits, assertLine, DESCRIBED, ROWS, SEEN } from "../json-schemas.ts";
import type { Answered } from "../json-schemas.ts";
import { newFolder } from "../node/folder.ts";
import { until } from "./asking.ts";

const LIMIT = { timeout: 120_000 };
const PURL = "pkg:generic/tool@1.0";
/** Shown elsewhere: what others are made of, TOML (policy/read.test.ts), imports (client/cli/import.test.ts), trust domains (client/cli/trust-pin.test.ts), the demo (demo.test.ts), a recovery (recover.test.ts), apt (apt.test.ts, apt-hold.test.ts), work lists (client/rebuild/list.test.ts), links of the old form (client/attest/legacy-link.test.ts), layouts (client/layout/commands.test.ts), notes of git (client/cli/git-sign.test.ts), the checkout's own (scripts/json.test.ts). */
const ELSEWHERE: readonly string[] = [
  "parts imported signed-sums certificate worked rebuilt legacy-link trust-domain",
  "trust-document trust-exported trust-archive trust-removed removed-key alert-digest",
  "noted policy config config-checked config-setting demo figure simulated",
  "feed-recovered apt-transaction apt-held apt-allowed apt-hook-removed git-verified layout-shown",
  "normal-form normal-tree git-noted git-note",
].flatMap((some) => some.split(" "));
/** Asked elsewhere: of a node that is a witness (witness.test.ts, test/node/api/feeds.test.ts), or whose dashboard is built. */
const ASKED_ELSEWHERE = [
  "GET /v1/findings/{id}/ack",
  "GET /assets/{name}",
  "GET /verify.html",
  "POST /witness/add-checkpoint",
  "GET /feeds/{hash}/cosigned",
  "GET /feeds/{hash}/cosigned-past",
];

let folder = "";
let node: ChildProcess;
const children: ChildProcess[] = [];
const at = (name: string): string => join(folder, name);
after(() => {
  for (const child of children) child.kill("SIGKILL");
});

/** Runs a command with --json; `assertPrinted` looks at all that it prints. */
async function json(code: number, ...argv: readonly string[]): Promise<Ran["objects"]> {
  const common = ["--json", "--data", at("data"), "--network", "test"];
  const ran = await runCommand([...argv, ...common], folder);
  assert.equal(ran.code, code, `samebits ${argv.join(" ")}: ${ran.out}${ran.err}`);
  return ran.objects;
}

/** Starts a command that goes on, and resolves to its first line. */
async function start(
  ...argv: readonly string[]
): Promise<{ readonly child: ChildProcess; readonly line: string }> {
  const child = spawn(process.execPath, [LAUNCHER, ...argv, "--data", at("data"), "--network", "test"], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, XDG_CONFIG_HOME: at("config") },
  });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  assertLine(argv[0] ?? "", line);
  return { child, line };
}

before(async () => {
  folder = await newFolder();
  await writeFile(at("tool.bin"), "one");
  await json(0, "keygen", "tu", "--out", folder);
  await json(0, "keygen", "uni", "--out", folder);
  await writeFile(at("policy.toml"), await policy());
  await json(0, "feed", "init", "--key", at("tu.key"));
  const follow = ["--publish-key", at("tu.key"), "--policy", at("policy.toml")];
  const started = await start("node", ...follow, "--listen", "/ip4/127.0.0.1/tcp/0", "--api-listen", "none");
  node = started.child;
});

async function policy(): Promise<string> {
  const builders = await Promise.all(
    ["tu", "uni"].map(async (name) => {
      const pem = await readFile(at(`${name}.pub`), "utf8");
      return `[builders.${name}]\nkey = ${JSON.stringify(pem)}\nroles = ["rebuilder"]\n`;
    }),
  );
  return `version = 1\n${builders.join("")}[[rules]]\nname = "tools"\nmatch = "pkg:generic/*"\nrequire = { k = 2, of = "role:rebuilder" }\n`;
}

/** One request over the node's socket. Of a stream only the first event is read. */
async function ask(method: "GET" | "POST", path: string, body?: string): Promise<Answered> {
  const headers = {
    authorization: `Bearer ${(await readFile(at("data/token"), "utf8")).trim()}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const sent = request({ socketPath: at("data/api.sock"), method, path, headers }, (response) => {
    const type = response.headers["content-type"] ?? "";
    let text = "";
    const end = (): void => resolve({ status: response.statusCode ?? 0, type, text });
    response.on("data", (part) => {
      text += String(part);
      if (!type.startsWith("text/event-stream") || !/^data: [^]*\n\n/m.test(text)) return;
      end();
      response.destroy();
    });
    response.on("end", end);
    response.on("error", reject);
  });
  sent.on("error", reject);
  sent.end(body);
  const answer = await promise;
  assertAnswered(method, path, answer);
  return answer;
}

async function post(path: string, schema: string, body: object): Promise<Answered> {
  assertFits([schema], body, `the body of POST ${path}`);
  return ask("POST", path, JSON.stringify(body));
}

function only(objects: Ran["objects"]): Record<string, unknown> {
  const [first, ...more] = objects;
  assert.equal(more.length, 0);
  return first ?? assert.fail("nothing was printed");
}

const textOf = (object: Record<string, unknown>, name: string): string => {
  const value = object[name];
  return typeof value === "string" ? value : assert.fail(`${name} is no text: ${JSON.stringify(object)}`);
};

test("what is signed and published, and what comes of it", LIMIT, async () => {
  const what = [at("tool.bin"), "--purl", PURL];
  const attested = only(await json(0, "attest", ...what, "--key", at("tu.key"), "--publish"));
  assert.notEqual(attested["published"], null);
  await writeFile(at("tool.bin"), "two");
  const other = textOf(
    only(await json(0, "attest", ...what, "--key", at("uni.key"), "-o", at("uni"))),
    "envelope",
  );
  await json(0, "publish", other);
  await json(0, "attest", ...what, "--step", "test", "--key", at("uni.pub"), "--emit-unsigned");
  await json(0, "attest", ...what, "--step", "sign", "--key", at("uni.key"), "-o", "-");
  await json(
    0,
    "attest",
    "--failed",
    "no space",
    "--purl",
    PURL,
    "--name",
    "x",
    "--key",
    at("uni.key"),
    "-o",
    folder,
  );
  const judged = ["--policy", at("policy.toml"), "--purl", PURL];
  const verdict = only(await json(1, "verify", at("tool.bin"), ...judged));
  assert.equal((verdict["evidence"] as unknown[]).length, 1);
  await json(1, "verify", at("tool.bin"), ...judged, "--vsa", at("vsa"), "--key", at("tu.key"));
  const bundle = textOf(only(await json(1, "bundle", at("tool.bin"), ...judged, "-o", at("b"))), "bundle");
  const then = ["--offline", "--bundle", bundle, "--against", at("vsa")];
  const checked = only(await json(1, "verify", at("tool.bin"), ...judged, ...then));
  assert.equal(checked["follows"], true, JSON.stringify(checked));
  const digest = textOf(verdict, "sha256");
  const sums = `${digest}  tool.bin\n${digest}  twice\n${"00".repeat(32)}  twice\n`;
  await writeFile(at("SHA256SUMS"), sums);
  const counted = (await json(1, "verify", "--manifest", at("SHA256SUMS"), ...judged)).at(-1);
  assert.deepEqual([counted?.["checked"], counted?.["contradicted"], counted?.["listed"]], [1, 1, 3]);
  const { child, line } = await start("watch", "--since", "0", "--policy", at("policy.toml"));
  child.kill("SIGTERM");
  const { evidence } = JSON.parse(line) as { evidence: object };
  assertFits(["evidence"], evidence, "an alert");
  await writeFile(at("evidence"), JSON.stringify(evidence));
  assert.equal(only(await json(0, "evidence", "check", at("evidence")))["kind"], "disagreement");
  const head = only(await json(0, "feed", "head"));
  await writeFile(at("checkpoint"), textOf(head, "checkpoint"));
  const entries = await json(0, "feed", "entries", "--policy", at("policy.toml"));
  assert.deepEqual(
    entries.map(({ index, state, own }) => [index, state, own]),
    [
      [0, "good", true],
      [1, "good", false],
    ],
  );
  const origin = textOf(head, "origin");
  await json(0, "feed", "prove", origin, "0", "-o", at("proof"));
  await json(0, "feed", "export", at("static"));
  await json(0, "feed", "check", at("static"));
  assert.equal(only(await json(0, "feed", "prove", origin, other))["index"], 1);
  await json(66, "feed", "prove", origin, "2");
  const files = [textOf(attested, "envelope"), bundle, at("evidence"), at("checkpoint"), at("proof")];
  const shown = await json(0, "show", ...files);
  assert.deepEqual(
    shown.map(({ kind }) => kind),
    ["attestation", "bundle", "evidence", "checkpoint", "proof"],
  );
  await json(0, "retract", other, "--key", at("uni.key"), "--reason", "a mistake", "--publish");
});

test("what is said of policies, of the node, and of what went wrong", LIMIT, async () => {
  const policy = ["--policy", at("policy.toml")];
  await json(0, "policy", "new", "debian");
  await json(0, "policy", "check", at("policy.toml"));
  await json(0, "policy", "explain", ...policy);
  await json(0, "policy", "explain", PURL, ...policy);
  await json(3, "policy", "explain", "pkg:deb/debian/hello@1?arch=all", ...policy);
  await json(0, "feed", "list");
  await json(0, "status");
  await json(0, "peers");
  await json(0, "doctor", ...policy);
  await json(1, "doctor", "--policy", at("nothing.toml"));
  await json(66, "show", at("nothing"));
  await json(64, "verify");
  await json(64, "verify", "--nonsense");
  await json(64, "audit", "--installed", "rpm");
  await json(64, "feed");
  await json(69, "status", "--api", at("nothing.sock"));
  await json(3, "verify", at("tool.bin"), "--policy", at("tool.bin"));
});

test("what the HTTP interface gives, and that it takes what its schemas say", LIMIT, async () => {
  const { keyHex } = parseTarget(PURL, "tool.bin");
  const shown = ["policies", "picture", "matrix", "traffic"];
  for (const path of ["status", "peers", "feeds", ...shown, "targets?q=tool", "evidence", "openapi.json"])
    await ask("GET", `/v1/${path}`);
  await ask("GET", "/");
  const claims = await ask("GET", `/v1/targets?purl=${encodeURIComponent(PURL)}&file=tool.bin`);
  assert.match(claims.text, /"kind":"positive"/);
  await ask("GET", `/v1/targets?sha256=${"00".repeat(32)}`);
  const found = await post("/v1/query", "query", {
    targets: [keyHex, { purl: PURL, file: "tool.bin" }],
    network: true,
    deadline_ms: 1_000,
  });
  assert.match(found.text, /"found":\[{/);
  await post("/v1/query", "query", {});
  const [file = ""] = await readdir(at("uni"));
  const envelope = await readFile(join(at("uni"), file));
  await post("/v1/attestations", "envelopes", {
    envelopes: [toBase64(new Uint8Array(envelope).slice(0, -1))],
  });
  assert.match((await ask("GET", "/v1/findings")).text, /"kind":"contradiction"/);
  const { text } = await ask("GET", "/v1/events?since=0");
  const finding = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? "") as { id: string };
  assertFits(["finding"], finding, "an event");
  await post(`/v1/findings/${finding.id}/ack`, "acknowledgement", { note: "seen" });
  const { origin } = only(await json(0, "feed", "head"));
  const feed = `/feeds/${toHex(originHash(String(origin)))}`;
  for (const path of [
    `${feed}/checkpoint`,
    `${feed}/timed`,
    `${feed}/tile/0/000.p/1`,
    `${feed}/tile/entries/000.p/1`,
  ])
    await ask("GET", path);
  for (const path of ["/metrics", "/healthz", "/healthz/live"]) await ask("GET", path);
  assert.equal((await ask("GET", "/v1/nothing")).status, 404);
});

test("every schema and every route was seen, and the node ends well", LIMIT, async () => {
  await json(0, "feed", "freeze", "--key", at("tu.key"), "--reason", "the end");
  const rows = ROWS.filter(({ name }) => !ELSEWHERE.includes(name));
  const unseen = rows.filter(({ name, by }) => ![name, ...by].some((each) => SEEN.has(each)));
  assert.deepEqual(unseen, []);
  const unasked = DESCRIBED.filter((route) => !ASKED_ELSEWHERE.includes(route) && !SEEN.has(route));
  assert.deepEqual(unasked, []);
  const exited = once(node, "exit");
  node.kill("SIGTERM");
  assert.equal((await exited)[0], 0);
  await until("its children end", async () =>
    children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null),
  );
});
