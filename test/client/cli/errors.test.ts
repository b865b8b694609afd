/** Codes of what is asked, read and written, each provoked by a command that people could type. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { newFolder } from "../../node/folder.ts";
import { Bench, errorIn, fails } from "./failing.ts";
import { runCommand, setVariable } from "./run.ts";
import type { Ran } from "./run.ts";
import { member, policyText, PURL } from "./stage.ts";

let bench: Bench;
before(async () => {
  bench = await Bench.open();
});

test("usage/bad-option: a command line that can't be read, and where to read how it is written", async () => {
  const code = "usage/bad-option";
  const hint = /unknown option '--polcy' \(Did you mean --policy\?\); see samebits help verify$/;
  await fails(64, code, hint, "verify", "--polcy");
  await fails(64, code, /unknown command 'verif' .*samebits help$/, "verif");
  await fails(64, code, /missing required argument 'name'/, "keygen");
  await fails(64, code, /required option '--key <key>'/, "attest", bench.at("tool.bin"));
});

test("usage/bad-option: values that an option can't have", async () => {
  const code = "usage/bad-option";
  const data = ["--data", bench.at("data")];
  await fails(64, code, /"a b" is no name/, ...bench.keygen("a b"));
  await fails(64, code, /--max-store 5X: write it like 500M/, "node", "--max-store", "5X", ...data);
  await fails(64, code, /--follow everybody: use policy, all, or/, "node", "--follow", "everybody", ...data);
  await fails(64, code, /network "No Such": no such name/, "status", "--network", "No Such");
  await fails(64, code, /--api ftp:\/\/x: use http/, "status", "--api", "ftp://x");
  await fails(64, code, /--since soon: /, "watch", "--since", "soon");
  const multiaddr = /--bootstrap foo: it is no multiaddr: use one such as/;
  const judged = ["verify", bench.at("tool.bin"), "--policy", bench.at("policy.toml"), "--purl", PURL];
  await fails(64, code, multiaddr, ...judged, "--bootstrap", "foo", ...data);
  await fails(64, code, multiaddr, "watch", "--bootstrap", "foo", ...data);
  await fails(64, code, multiaddr, "trust", "add", "ab".repeat(20), "--bootstrap", "foo", ...data);
  const anchor = /--anchor foo: a peer \(.*\) or a mirror \(.*\) is expected/;
  await fails(64, code, anchor, "node", "--anchor", "foo", ...data);
  await bench.write("installed", `${PURL}\nnot a purl\n`);
  const installed = ["--installed", bench.at("installed"), "--network", "test"];
  await fails(64, code, /installed: line 2: /, "watch", ...installed);
  const explain = ["policy", "explain", bench.at("tool.bin"), "--policy", bench.at("policy.toml")];
  await fails(64, code, /tool\.bin does not say what it is/, ...explain);
});

test("usage/bad-option: what no attestation can say", async () => {
  const code = "usage/bad-option";
  await fails(64, code, /--how guessed: use built or compared/, ...bench.attest("--how", "guessed"));
  await fails(64, code, /--purl tool@1\.0: .*\(target\/bad-purl\)/, ...bench.attest("--purl", "tool@1.0"));
  const ends = /cannot be attested: .*control character.*\(json\/not-canonical\)/;
  await fails(64, code, ends, ...bench.attest("--step", "a\u0007b"));
  await fails(64, code, /--git 0{40}: git knows no such commit/, ...bench.attest("--git", "0".repeat(40)));
  const failed = ["attest", "--failed", "no space", "--purl", PURL, ...bench.signing()];
  await fails(64, code, /\(target\/bad-file-name\)/, ...failed, "--name", "a/b");
  await bench.write("SUMS", `${"ab".repeat(32)}  a.bin\n${"cd".repeat(32)}  a.bin\n`);
  const sums = ["attest", "--sums", bench.at("SUMS"), "--purl", PURL, ...bench.signing()];
  await fails(64, code, /"a\.bin" is listed twice/, ...sums);
});

test("usage/nothing-to-do: nothing was named", async () => {
  const code = "usage/nothing-to-do";
  await fails(64, code, /no FILE to check: name one/, "verify", "--policy", bench.at("policy.toml"));
  await fails(64, code, /name files, or --sums/, "attest", ...bench.signing());
  const swallowed = ["attest", ...bench.signing(), "--git", "v1.0", bench.at("a.bin")];
  await fails(64, code, /files stand before --git, which takes all after it/, ...swallowed);
  await bench.write("empty", "\n");
  await fails(64, code, /empty: it is empty/, "publish", bench.at("empty"));
  const feed = await runCommand(["feed"]);
  assert.equal(feed.code, 64);
  assert.match(feed.err, /^Usage: samebits feed/);
  assert.match(feed.err, /feed does nothing by itself: name one of its commands \[usage\/nothing-to-do\]\n$/);
  const nothing = await runCommand([]);
  assert.deepEqual([nothing.code, nothing.out], [64, ""]);
  assert.match(nothing.err, /Start here:/);
});

test("help and version are what was asked for, and no failure", async () => {
  for (const argv of [["help"], ["--help"], ["help", "verify"], ["verify", "--help"], ["--version"]]) {
    const { code, out, err } = await runCommand(argv);
    assert.deepEqual([code, err, out !== ""], [0, "", true], argv.join(" "));
  }
});

test("help on a part of a command is that part's, and on what there is not it is no help", async () => {
  for (const [argv, usage] of [
    [["help", "import", "sums"], "samebits import sums [options] <dir>"],
    [["help", "rebuild", "debian"], "samebits rebuild debian "],
    [["help", "import"], "samebits import [options] [command]"],
    [["help", "--quiet", "verify"], "samebits verify [options]"],
    [["help", "help"], "samebits [options] [command]"],
  ] as const) {
    const { code, out, err } = await runCommand(argv);
    assert.deepEqual([code, err], [0, ""], argv.join(" "));
    assert.ok(out.startsWith(`Usage: ${usage}`), out);
  }
  const part = await runCommand(["import", "sums", "--help"]);
  assert.equal((await runCommand(["help", "import", "sums"])).out, part.out);
  const code = "usage/bad-option";
  await fails(64, code, /unknown command 'import nope'; see samebits help import$/, "help", "import", "nope");
  await fails(64, code, /unknown command 'verify x'; see samebits help verify$/, "help", "verify", "x");
  await fails(64, code, /unknown command 'nope'; see samebits help$/, "help", "nope");
});

test("config/bad-file, config/no-policy: by file, line and column", async () => {
  const code = "config/bad-file";
  await bench.write("bad.toml", policyText([member(1), member(2)], [], 2).replace('"tools"', "3"));
  const words = /bad\.toml:\d+:\d+: .*\(shape\/wrong-type\)/;
  await fails(3, code, words, "policy", "check", bench.at("bad.toml"));
  await bench.write("config.toml", 'netwrok = "main"\n');
  await fails(3, code, /config\.toml:1:\d+: /, "status", "--config", bench.at("config.toml"));
  const verify = ["verify", bench.at("tool.bin"), "--offline"];
  await fails(3, "config/no-policy", /name one with --policy/, ...verify);
});

test("input/missing, input/unreadable: which file", async () => {
  const policy = ["--offline", "--policy", bench.at("policy.toml")];
  await fails(66, "input/missing", /\/no\/such\/file: no such file/, "verify", "/no/such/file", ...policy);
  await fails(66, "input/missing", /tool\.bin\/x: no such/, "evidence", "check", bench.at("tool.bin/x"));
  await fails(66, "input/unreadable", /it is a folder; name a file/, "verify", bench.folder, ...policy);
  await fails(66, "input/unreadable", /it is a folder/, ...bench.attest("--key", bench.folder));
});

test("input/too-big: nothing is read for ever", async () => {
  const code = "input/too-big";
  await bench.write("long.key", "k".repeat(100_000));
  const words = /long\.key: it has more than the 16384 octets/;
  await fails(66, code, words, ...bench.attest("--key", bench.at("long.key")));
  for (const argv of [
    ["policy", "check", "/dev/zero"],
    ["evidence", "check", "/dev/zero"],
    ["status", "--config", "/dev/zero"],
    ["show", bench.at("tool.bin"), "--key", "/dev/zero"],
  ]) {
    await fails(66, code, /\/dev\/zero: it has more than/, ...argv);
  }
});

test("output/exists, output/cannot-write: nothing is overwritten, and why it can't be written", async () => {
  const before = await readFile(bench.at("tu.key"));
  await fails(73, "output/exists", /tu\.key is there already; move it away/, ...bench.keygen("tu"));
  assert.deepEqual(await readFile(bench.at("tu.key")), before);
  const code = "output/cannot-write";
  const file = bench.at("tool.bin");
  await fails(73, code, /a file stands where the folder should/, "keygen", "x", "--out", file);
  await fails(73, code, /a part of the path is no folder/, "keygen", "x", "--out", `${file}/y`);
  await fails(73, code, /a part of the path is no folder/, ...bench.attest("-o", `${file}/y`));
  // Node's own way to make folders never ends here.
  await fails(73, code, /\/proc\/x: /, "keygen", "x", "--out", "/proc/x");
});

test("what can't be remembered is no reason to fail, and is said", async () => {
  for (const data of [bench.at("tool.bin/y"), "/proc/x"]) {
    const attested = await runCommand(bench.attest("--data", data, "-o", bench.at("envelopes")));
    assert.equal(attested.code, 0, attested.err);
    assert.match(attested.err, /cannot remember what was attested/);
    const verified = await runCommand(bench.verify("--data", data));
    assert.match(verified.err, /is not remembered/);
  }
});

test("demo/unexpected: a command of the demo that ends otherwise than it must", async () => {
  // One of the processes that the demo starts ends before it has done anything.
  await bench.write("broken.cjs", 'if (process.argv[2] === "keygen") process.exit(5);');
  const broken = `--require ${bench.at("broken.cjs")}`;
  const { code, err } = await withVariable("NODE_OPTIONS", broken, "demo", "--json");
  const told = errorIn(err);
  assert.deepEqual([code, told.code], [1, "demo/unexpected"]);
  assert.match(told.message, /keygen ended with 5/);
});

test("demo: without a temporary folder it says so", async () => {
  const { code, err } = await withVariable("TMPDIR", "/no/such/folder", "demo");
  assert.equal(code, 73);
  assert.match(err, /\/no\/such\/folder: no temporary folder .* \[output\/cannot-write\]\n$/);
});

/** Runs a command with a variable of the environment set. */
async function withVariable(name: string, value: string, ...argv: string[]): Promise<Ran> {
  const home = await newFolder();
  const undo = setVariable(name, value);
  try {
    return await runCommand(argv, home);
  } finally {
    undo();
  }
}
