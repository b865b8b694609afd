/** The contract's exit codes, each by a real command as a shell starts it: launcher, Node, command. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import type { TestContext } from "node:test";
import { Bench, errorIn } from "./failing.ts";
import { envelopes, keyOf, member, OTHER, SAME, TOOL } from "./stage.ts";

const LAUNCHER = join(import.meta.dirname, "../../../client/cli/samebits.sh");
const [one, two] = [member(1), member(2)];

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

let bench: Bench;
before(async () => {
  bench = await Bench.open();
  await bench.write("tool.tar.gz", SAME);
  await bench.write("agree.jsonl", envelopes(keyOf(one).link(TOOL, SAME), keyOf(two).link(TOOL, SAME)));
  await bench.write("dissent.jsonl", envelopes(keyOf(one).link(TOOL, OTHER), keyOf(two).link(TOOL, OTHER)));
  await bench.write("one.jsonl", envelopes(keyOf(one).link(TOOL, SAME)));
});

/** Of the contract: this Node first on the path, and no configuration of this machine. */
function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const path = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  return {
    ...process.env,
    PATH: path,
    XDG_CONFIG_HOME: bench.at("c"),
    XDG_DATA_HOME: bench.at("d"),
    ...extra,
  };
}

function samebits(argv: readonly string[], extra: Readonly<Record<string, string>> = {}): Ended {
  const { status, stdout, stderr } = spawnSync(LAUNCHER, argv, { encoding: "utf8", env: environment(extra) });
  return { status, out: stdout, err: stderr };
}

/** `verify` of what the builders speak of, by these files of envelopes. */
function verify(...bundles: string[]): string[] {
  const policy = ["--policy", bench.at("policy.toml"), "--network", "test", "--offline", "--json"];
  const named = bundles.length === 0 ? [] : ["--bundle", ...bundles.map((name) => bench.at(name))];
  return ["verify", bench.at("tool.tar.gz"), "--purl", TOOL.purl, ...policy, ...named];
}

const verdictIn = (out: string): unknown => (JSON.parse(out) as Record<string, unknown>)["verdict"];

test("exit codes 0, 1, 2: the verdict", () => {
  for (const [status, verdict, bundle] of [
    [0, "reproduced", "agree.jsonl"],
    [1, "contradicted", "dissent.jsonl"],
    [2, "pending", "one.jsonl"],
  ] as const) {
    const ended = samebits(verify(bundle));
    assert.deepEqual([ended.status, verdictIn(ended.out)], [status, verdict], ended.err);
  }
});

/** `verify --manifest` of these files, by name, all with the digest that builders speak of. */
async function manifest(bundle: string, ...names: string[]): Promise<string[]> {
  const [, , ...options] = verify(bundle);
  const sha256 = createHash("sha256").update(SAME).digest("hex");
  await bench.write("SHA256SUMS", names.map((name) => `${sha256}  ${name}\n`).join(""));
  return ["verify", "--manifest", bench.at("SHA256SUMS"), ...options];
}

test("exit codes of a manifest: the worst of its entries, as it says itself", async () => {
  for (const [status, bundle, ...names] of [
    [0, "agree.jsonl", "tool.tar.gz"],
    [1, "dissent.jsonl", "tool.tar.gz", "other", "wrong "],
    [2, "agree.jsonl", "tool.tar.gz", "other"],
    [3, "agree.jsonl", "tool.tar.gz", "other", "wrong "],
  ] as const) {
    const ended = samebits(await manifest(bundle, ...names));
    const last = JSON.parse(ended.out.trimEnd().split("\n").at(-1) ?? "") as { exit: number };
    assert.deepEqual([ended.status, last.exit], [status, status], ended.err);
  }
});

test("exit codes 3, 4, 64, 66, 73: what the user named", () => {
  const [, , ...options] = verify("agree.jsonl");
  const listed = ["verify", "--manifest", bench.at("tool.tar.gz"), ...options];
  for (const [status, code, argv] of [
    [66, "input/bad-manifest", listed],
    [3, "config/bad-file", ["policy", "check", bench.at("tool.bin")]],
    [4, "bundle/bad-file", verify("tool.bin")],
    [64, "usage/bad-option", [...verify(), "--no-such-option"]],
    [66, "input/missing", ["verify", bench.at("nothing"), ...options]],
    [73, "output/cannot-write", ["bundle", ...verify("agree.jsonl").slice(1), "-o", bench.at("tool.bin/x")]],
  ] as const) {
    const ended = samebits([...argv, "--json"]);
    assert.deepEqual([ended.status, ended.out, errorIn(ended.err).code], [status, "", code], ended.err);
  }
  // No rule is for it: that is an answer, not an error.
  const none = samebits(["verify", bench.at("tool.bin"), ...options.slice(2)]);
  assert.deepEqual([none.status, verdictIn(none.out)], [3, "pending"], none.err);
});

test("exit code 69: nobody could be asked, and the JSON is printed all the same", () => {
  const ended = samebits(verify());
  const code = errorIn(ended.err).code;
  assert.deepEqual([ended.status, verdictIn(ended.out), code], [69, "pending", "source/none"], ended.err);
});

/** What Node runs before the launcher, to break something in it. */
function preload(name: string, body: string, ...options: string[]): Record<string, string> {
  writeFileSync(bench.at(name), body);
  return { NODE_OPTIONS: [...options, "--require", bench.at(name)].join(" ") };
}

test("exit code 70: an exception that nobody expected says where it happened", () => {
  const broken = "process.stdout.write = () => { throw new TypeError('bang'); };";
  const ended = samebits(verify("agree.jsonl"), preload("write.cjs", broken));
  assert.equal(ended.status, 70, ended.err);
  const told = errorIn(ended.err);
  assert.equal(told.code, "internal/impossible");
  assert.match(told.message, /please report it: TypeError: bang\n +at /);
});

test("exit code 70: what only the launcher sees (RULES R31)", () => {
  const resolve =
    "(name, context, next) => { if (name === './verify.ts') name = './gone.ts'; return next(name, context); }";
  const missing = `require('node:module').registerHooks({ resolve: ${resolve} });`;
  const node = ["node", "--listen", "none", "--api-listen", "none", "--data", bench.at("node")];
  for (const [name, argv, body, says] of [
    ["missing", verify("agree.jsonl"), missing, /gone\.ts/],
    ["thrown", node, "setTimeout(() => { throw new Error('bang'); });", /bang/],
    ["rejected", node, "setTimeout(() => Promise.reject(new Error('bang')));", /bang/],
  ] as const) {
    const ended = samebits(argv, preload(`${name}.cjs`, body));
    assert.equal(ended.status, 70, `${name}: ${ended.err}`);
    assert.match(ended.err, says, name);
    assert.match(ended.err, /internal error.* \[internal\/impossible\]\n/, name);
  }
});

test("exit code 70: out of memory", () => {
  const filling =
    "const all = []; setTimeout(function more() { all.push(Array(1e5).fill(all)); setImmediate(more); });";
  const node = ["node", "--listen", "none", "--api-listen", "none", "--data", bench.at("node")];
  const ended = samebits(node, preload("full.cjs", filling, "--max-old-space-size=60"));
  assert.equal(ended.status, 70, ended.err);
  assert.match(ended.err, /internal error: ended with status 134 \[internal\/impossible\]\n$/);
});

test("exit code 73: a full disk leaves nothing half-written", (context: TestContext) => {
  const mount =
    'mount -t tmpfs -o size=64k tmpfs "$1" && head -c 1000000 /dev/zero >"$1/filler" 2>/dev/null;';
  const script = `${mount} shift; "$@"; status=$?; ls "$folder" >&2; exit $status`;
  const options = { encoding: "utf8", env: environment({ folder: bench.at("full") }) } as const;
  spawnSync("mkdir", [bench.at("full")]);
  const unshared = ["--mount", "--map-root-user", "sh", "-c", script, "sh", bench.at("full")];
  if (spawnSync("unshare", [...unshared, "test", "-e", bench.at("full/filler")], options).status !== 0) {
    return context.skip("no file system can be mounted here");
  }
  const argv = [...unshared, LAUNCHER, "keygen", "x", "--out", bench.at("full")];
  const { status, stdout, stderr } = spawnSync("unshare", argv, options);
  assert.deepEqual([status, stdout], [73, ""], stderr);
  assert.match(stderr, /the disk is full: make room \[output\/cannot-write\]\nfiller\n$/);
});
