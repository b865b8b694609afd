/** `samebits rebuild --loop`: a work list worked off by the real command, with a real node, whatever ends it in between. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { build, prepare } from "../../../client/rebuild/index.ts";
import { startTestNode } from "../../node/test-node.ts";
import type { Ran } from "../cli/run.ts";
import { isEnded, Shop, until } from "./shop.ts";
import { API, Yard } from "./yard.ts";

const LIST = ["# what to rebuild", "", "pkg:generic/a@1", "pkg:generic/b@1.0 # twice", "pkg:generic/c@2"];

test("a list is worked off and published package by package; a second run does nothing, --retry what failed alone", async () => {
  const yard = await Yard.open(...LIST, "pkg:generic/b@1.0");
  await writeFile(yard.shop.at("broken"), "b\n");
  const first = await yard.run("--json", "--quiet");
  assert.equal(first.code, 1, first.err);
  const jobs = first.objects.filter(({ event }) => event === "job");
  assert.deepEqual(
    jobs.map(({ job, state, why }) => [job, state, why]),
    [
      ["pkg:generic/a@1", "done", null],
      ["pkg:generic/b@1.0", "failed", "exit status 3"],
      ["pkg:generic/c@2", "done", null],
    ],
  );
  assert.deepEqual(yard.built, ["a", "b", "c"]);
  assert.equal(await yard.published(), 3);
  assert.deepEqual(
    [...yard.shop.said("signed")].map(([file, [said]]) => `${file} ${said?.claims[0]?.kind}`).toSorted(),
    ["a-1.tar positive", "b-1.0.tar failed", "c-2.tar positive"],
  );
  const second = await yard.run();
  assert.equal(second.code, 1);
  assert.match(second.out, /^waits {3}pkg:generic\/b@1\.0: exit status 3; again from \d/);
  assert.match(second.err, /3 packages: 0 done, 2 done before, 1 wait/);
  await writeFile(yard.shop.at("broken"), "");
  const third = await yard.run("--retry");
  assert.equal(third.code, 0, third.err);
  assert.deepEqual(yard.built, ["a", "b", "c", "b"]);
  assert.equal(await yard.published(), 4);
  assert.equal((await yard.run()).code, 0);
  await yard.node.close();
});

test("after kill -9 in the middle the next run goes on: what was done is neither built nor published again", async () => {
  const yard = await Yard.open(...LIST);
  const child = await yard.begin("b");
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  // Nobody can end what outlives a process that was ended like that.
  process.kill(-yard.pid("b"), "SIGKILL");
  await yard.go("b");
  const { code, err } = await yard.run();
  assert.equal(code, 0, err);
  assert.deepEqual(yard.built, ["a", "b", "b", "c"]);
  assert.equal(await yard.published(), 3);
  await yard.node.close();
});

test("a node that is away when a result is signed: the run ends, and the next one publishes that result without building it again", async () => {
  const yard = await Yard.open(...LIST);
  await writeFile(yard.shop.at("broken"), "b\n");
  for (const name of ["a", "b"]) {
    const child = await yard.begin(name);
    const ended = once(child, "exit");
    await yard.node.close();
    await yard.go(name);
    assert.deepEqual(await ended, [69, null]);
    yard.node = await startTestNode({ dataDir: yard.shop.at("node"), api: API });
  }
  const { code, out, err } = await yard.run();
  assert.equal(code, 1, err);
  assert.deepEqual(yard.built, ["a", "b", "c"]);
  assert.match(err, /1 attestation that an interrupted run signed: published/);
  assert.match(out, /failed {2}pkg:generic\/b@1\.0: exit status 3/);
  assert.equal(await yard.published(), 3);
  await yard.node.close();
});

test("what is delivered late is what was signed last, whatever failed before it", async () => {
  const yard = await Yard.open("pkg:generic/b@1.0");
  await writeFile(yard.shop.at("broken"), "b\n");
  assert.equal((await yard.run()).code, 1);
  await writeFile(yard.shop.at("broken"), "");
  const child = await yard.begin("b", "--retry");
  const ended = once(child, "exit");
  await yard.node.close();
  await yard.go("b");
  assert.deepEqual(await ended, [69, null]);
  yard.node = await startTestNode({ dataDir: yard.shop.at("node"), api: API });
  const { code, out, err } = await yard.run();
  assert.equal(code, 0, out + err);
  assert.deepEqual([yard.built, await yard.published()], [["b", "b"], 2]);
  await yard.node.close();
});

for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  test(`told to stop by ${signal}, it ends the command and all that this began, and remembers no failure`, async () => {
    const yard = await Yard.open(...LIST);
    const child = await yard.begin("b");
    const ended = once(child, "exit");
    child.kill(signal);
    assert.deepEqual(await ended, [1, null]);
    assert.ok(await isEnded(yard.pid("b")));
    assert.equal(await yard.published(), 1);
    await yard.go("b");
    assert.equal((await yard.run()).code, 0);
    assert.deepEqual(yard.built, ["a", "b", "b", "c"]);
    await yard.node.close();
  });
}

test("a single command that is stopped signs nothing", async () => {
  const shop = await Shop.open();
  const stop = new AbortController();
  await shop.program("build", `touch ${shop.at("began")}`, "exec sleep 1000");
  const plan = {
    argv: [shop.at("build")],
    materials: [],
    products: [shop.at("x")],
    git: null,
    buildinfo: null,
    timeoutMs: null,
    signal: stop.signal,
    show: () => Promise.resolve(),
    record: false,
    asStep: null,
  };
  const building = build(plan, await prepare(plan));
  await until(() => existsSync(shop.at("began")));
  stop.abort();
  await assert.rejects(building, { code: "rebuild/interrupted" });
  await assert.rejects(build(plan, await prepare(plan)), { code: "rebuild/interrupted" });
});

test("--every reads the list again until it is stopped, which is no failure", async () => {
  const yard = await Yard.open("pkg:generic/a@1");
  const child = await yard.begin("a", "--every", "1s");
  const ended = once(child, "exit");
  await yard.go("a");
  await writeFile(yard.shop.at("list"), "pkg:generic/a@1\npkg:generic/d@4\n");
  await until(() => yard.shop.said("signed").has("d-4.tar"));
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
  assert.deepEqual(yard.built, ["a", "d"]);
  await yard.node.close();
});

test("a list that has a fault is told with its line before anything is built; options that make no sense are refused", async () => {
  const shop = await Shop.open();
  const ran = shop.at("ran");
  const loop = (text: string, ...options: readonly string[]): Promise<Ran> =>
    writeFile(shop.at("list"), text).then(() =>
      shop.rebuild("--loop", shop.at("list"), "--product", ran, ...options, "--", "touch", ran),
    );
  for (const text of [
    "pkg:generic/a@1\nhello\n",
    "pkg:generic/a@1\npkg:deb/debian/x@1 2\n",
    "\u0000",
    "x".repeat(2_000),
  ]) {
    const { code, err } = await loop(text);
    assert.equal(code, 66, err);
    assert.match(err, /list:\d: .*\[input\/bad-list\]/);
  }
  assert.ok(!existsSync(ran));
  // Of one package alone: the others go on.
  const dangerous = await loop("pkg:generic/-rf@1\npkg:generic/.a@1\npkg:generic/a@1\n");
  assert.equal(dangerous.code, 1);
  assert.match(dangerous.out, /failed {2}pkg:generic\/-rf@1: .*take it for an option/);
  assert.match(dangerous.out, /done {4}pkg:generic\/a@1/);
  for (const options of [
    ["--purl", "pkg:generic/a@1"],
    ["-o", "-"],
    ["--every", "0s"],
    ["--retry", "--every", "1h"],
  ])
    assert.equal((await loop("pkg:generic/a@1\n", ...options)).code, 64, options.join(" "));
  assert.equal((await shop.rebuild("--every", "1h", "--product", ran, "--", "true")).code, 64);
});

test("placeholders that are not known, or stand for nothing there, are refused before anything is built, and no failure is remembered", async () => {
  const shop = await Shop.open();
  const ran = shop.at("ran");
  await shop.program("make", `date +%N > ${ran}`);
  await writeFile(shop.at("list"), "pkg:deb/debian/aa@1-1?arch=all\npkg:generic/b@1\n");
  const loop = (options: readonly string[], ...argv: readonly string[]): Promise<Ran> =>
    shop.rebuild("--loop", shop.at("list"), "--product", ran, ...options, "--", shop.at("make"), ...argv);
  const named = /pkg:generic\/b@1 do not say how their file is called.*\[usage\/bad-option\]/;
  const unknown = /\{nope\}: .*\{purl\} \{name\} \{version\} \{arch\} \{file\}.*\[usage\/bad-option\]/;
  const notHere = /--step \{name\}: .*\[usage\/bad-option\]/;
  for (const [options, argv, why] of [
    [["--product", shop.at("{file}")], [], named],
    [["--material", shop.at("{file}")], [], named],
    [["--output", shop.at("{file}")], [], named],
    [[], ["x-{file}"], named],
    [["--every", "1h"], ["{file}"], named],
    [[], ["{nope}"], unknown],
    [["--product", shop.at("{nope}-{version}")], [], unknown],
    [["--buildinfo", "{nope}.buildinfo"], [], unknown],
    [["--git", "v{nope}"], [], unknown],
    [["--step", "{name}"], [], notHere],
  ] as const) {
    const { code, err, out } = await loop(options, ...argv);
    assert.deepEqual([code, out], [64, ""], `${options.join(" ")} ${argv.join(" ")}: ${err}`);
    assert.match(err, why);
  }
  assert.ok(!existsSync(ran));
  // Nothing waits; and what is no placeholder is the command's own: a shell's braces, JSON's, those of numbers.
  const { code, out, err } = await loop(
    ["--json", "-o", shop.folder],
    "${nope}",
    '{"a":{}}',
    "{1}",
    "{a,b}",
    "{ }",
  );
  assert.equal(code, 1, err);
  assert.ok(out.includes('"state":"done"') && !out.includes('"state":"waits"'), out);
});
