/** Where what a command gives is wanted: pipes and devices are written into, links stay, `-` is stdout, and nothing of it is replaced by a file. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import {
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { LAUNCHER } from "../../built.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";
import { Bench } from "./failing.ts";
import { runCommand } from "./run.ts";

let bench: Bench;
let envelope: string;
before(async () => {
  bench = await Bench.open();
  const said = await runCommand(bench.attest("-o", bench.at("said")));
  assert.equal(said.code, 0, said.err);
  const [name = ""] = await readdir(bench.at("said"));
  envelope = join(bench.at("said"), name);
  const layout = ["layout", "new", "--step", "rebuild", "--key", bench.at("tu.pub")];
  const made = await runCommand([...layout, "-o", bench.at("root.layout")]);
  assert.equal(made.code, 0, made.err);
});

type Writes = (out: string) => readonly string[];

/** What ends with another status than 0 does so as nobody can be asked. */
const COMMANDS: readonly (readonly [what: string, argv: Writes, holds: RegExp, code?: 69])[] = [
  [
    "bundle",
    (out) => [...bench.verify().with(0, "bundle"), "-o", out],
    /^\{"samebits":1,"type":"bundle",[^\n]*\}\n$/,
    69,
  ],
  ["verify --vsa", (out) => bench.verify("--vsa", out), /^\{"_type":[^\n]*\}\n$/, 69],
  ["unsign", (out) => ["unsign", bench.at("tool.bin"), "-o", out], /^these bits$/],
  ["unsign --tree", (out) => ["unsign", "--tree", bench.at("said"), "-o", out], /^file [0-9a-f]{64} .*\n$/],
  ["policy new", (out) => ["policy", "new", "debian", "-o", out], /^version = 1$/m],
  [
    "layout new",
    (out) => ["layout", "new", "--step", "rebuild", "--key", bench.at("tu.pub"), "-o", out],
    /^\{"signatures":\[\],"signed":.*\}\n$/,
  ],
  [
    "layout sign",
    (out) => ["layout", "sign", bench.at("root.layout"), "--key", bench.at("tu.key"), "-o", out],
    /^\{"signatures":\[\{.*\}\n$/,
  ],
  [
    "layout sign --emit-unsigned",
    (out) => ["layout", "sign", bench.at("root.layout"), "--emit-unsigned", "-o", out],
    /^\{"_type":"layout".*\}$/,
  ],
  ["import in-toto", (out) => ["import", "in-toto", envelope, "-o", out], /^\{"payload[^\n]*\}\n$/],
];

for (const [what, argv, holds, code = 0] of COMMANDS) {
  test(`${what}: into a pipe`, { skip: lacks("mkfifo") }, async () => {
    const pipe = join(await newFolder(), "pipe");
    assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
    const reader = promisify(execFile)("timeout", ["20", "cat", pipe]);
    const ran = await runCommand(argv(pipe));
    assert.equal(ran.code, code, ran.err);
    assert.match((await reader).stdout, holds);
    assert.ok((await lstat(pipe)).isFIFO());
  });

  test(`${what}: through links to a file, and to one that is not there yet`, async () => {
    const folder = await newFolder();
    await mkdir(join(folder, "sub"));
    await symlink("sub/further", join(folder, "link"));
    await symlink("../file", join(folder, "sub/further"));
    for (const _ of ["new", "there already"]) {
      const ran = await runCommand(argv(join(folder, "link")));
      // What never overwrites says so of a link's file too.
      if (ran.code !== 73 || !["policy new", "layout new"].includes(what))
        assert.equal(ran.code, code, ran.err);
      else assert.match(ran.err, /file is there already.* \[output\/exists\]\n$/);
      assert.equal(await readlink(join(folder, "link")), "sub/further");
      assert.equal(await readlink(join(folder, "sub/further")), "../file");
      assert.match(await readFile(join(folder, "file"), "utf8"), holds);
      assert.deepEqual((await readdir(folder)).sort(), ["file", "link", "sub"]);
      assert.deepEqual(await readdir(join(folder, "sub")), ["further"]);
    }
  });

  test(`${what}: - is stdout, which has nothing else on it`, async () => {
    const folder = await newFolder();
    const env = { ...process.env, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
    const options = { cwd: folder, env, encoding: "utf8" } as const;
    const ran = spawnSync(process.execPath, [LAUNCHER, ...argv("-")], options);
    assert.equal(ran.status, code, ran.stderr);
    assert.match(ran.stdout, holds);
    assert.doesNotMatch(ran.stdout, /NOT ENOUGH|samebits: |written: |^layout {2}/m);
    assert.ok(!(await readdir(folder)).includes("-"));
  });

  test(`${what}: no folder, no link that leads in a circle`, async () => {
    const folder = await newFolder();
    await mkdir(join(folder, "sub"));
    await symlink("circle", join(folder, "circle"));
    // `import` makes the folder where it lacks.
    const more = what.startsWith("import") ? [] : ["none/out"];
    for (const name of ["sub", "circle", "x".repeat(300), ...more]) {
      const ran = await runCommand(argv(join(folder, name)));
      assert.equal(ran.code, 73, `${name}: ${ran.err}`);
      assert.match(ran.err, / \[output\/(?:cannot-write|exists)\]\n$/);
    }
    assert.deepEqual((await readdir(folder)).sort(), ["circle", "sub"]);
  });
}

test("a device is written into, and stays one", async (t) => {
  const folder = await newFolder();
  const device = join(folder, "device");
  // The same as /dev/null.
  if (spawnSync("mknod", [device, "c", "1", "3"]).status !== 0) return t.skip("no device can be made here");
  const isUsable = await writeFile(device, "x").then(
    () => true,
    () => false,
  );
  if (!isUsable) return t.skip("devices can't be used here");
  for (const [what, argv, , code = 0] of COMMANDS) {
    const ran = await runCommand(argv(device));
    assert.equal(ran.code, code, `${what}: ${ran.err}`);
    assert.ok((await lstat(device)).isCharacterDevice(), what);
  }
  assert.deepEqual(await readdir(folder), ["device"]);
});

test("a layout that is signed where it lies: a link to it stays, what comes from a pipe has to go somewhere", async () => {
  const [file, link, pipe] = ["own.layout", "link.layout", "pipe.layout"].map((name) => bench.at(name));
  assert.ok(file !== undefined && link !== undefined && pipe !== undefined);
  const layout = await readFile(bench.at("root.layout"));
  await writeFile(file, layout);
  await symlink("own.layout", link);
  const sign = ["--key", bench.at("tu.key")];
  const signed = await runCommand(["layout", "sign", link, ...sign]);
  assert.equal(signed.code, 0, signed.err);
  assert.equal(await readlink(link), "own.layout");
  assert.match(await readFile(file, "utf8"), /^\{"signatures":\[\{/);
  assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
  // Elsewhere: the command waits for what it reads without letting anything else go on.
  const writer = promisify(execFile)("timeout", [
    "20",
    "sh",
    "-c",
    'cat "$0" > "$1"',
    bench.at("root.layout"),
    pipe,
  ]);
  const piped = await runCommand(["layout", "sign", pipe, ...sign]);
  await writer;
  assert.equal(piped.code, 73, piped.err);
  assert.match(piped.err, /it is no file: say where it goes/);
  assert.ok((await lstat(pipe)).isFIFO());
});

test("what is read is not written over", async () => {
  const bundle = bench.at("named.bundle");
  await copyFile(envelope, bundle);
  await link(bench.at("tool.bin"), bench.at("also.bin"));
  await symlink("tu.key", bench.at("linked.key"));
  const judged = ["--bundle", bundle];
  const bundling = [...bench.verify(...judged).with(0, "bundle"), "-o"];
  const layout = ["layout", "sign", bench.at("root.layout"), "--key", bench.at("tu.key"), "-o"];
  const inputs = [bench.at("tool.bin"), bench.at("also.bin"), bundle, bench.at("policy.toml")];
  const tries: readonly (readonly string[])[] = [
    ...inputs.map((input) => [...bundling, input]),
    ...inputs.map((input) => bench.verify(...judged, "--vsa", input)),
    bench.verify("--key", bench.at("tu.key"), "--vsa", bench.at("linked.key")),
    ["unsign", bench.at("tool.bin"), "-o", bench.at("also.bin")],
    ["unsign", "--tree", bench.at("said"), "-o", bench.at("said")],
    [...layout, bench.at("tu.key")],
    ["import", "in-toto", bundle, "-o", bundle],
    ["feed", "prove", "samebits/test/00", envelope, "-o", envelope],
  ];
  const read = ["tool.bin", "named.bundle", "policy.toml", "tu.key"].map((name) => bench.at(name));
  const before = await Promise.all(read.map((path) => readFile(path, "utf8")));
  for (const argv of tries) {
    const ran = await runCommand(argv);
    assert.equal(ran.code, 64, `${argv.join(" ")}: ${ran.err}`);
    assert.match(ran.err, /^samebits: (?:-o|--vsa) .* read: name another file \[usage\/bad-option\]\n$/);
  }
  assert.deepEqual(await Promise.all(read.map((path) => readFile(path, "utf8"))), before);
  // Beside a file its bundle is made anew, and a layout is signed where it lies.
  await copyFile(envelope, bench.at("tool.bin.bundle"));
  assert.equal((await runCommand(bench.verify().with(0, "bundle"))).code, 2);
  assert.equal((await runCommand([...layout, bench.at("root.layout")])).code, 0);
});

test("- with --json is two things on stdout: refused", async () => {
  const said = /-o - prints the file itself: leave --json/;
  for (const [what, argv] of COMMANDS.filter(([name]) => !/^(policy|import|verify)/.test(name))) {
    const ran = await runCommand([...argv("-"), "--json"]);
    assert.equal(ran.code, 64, `${what}: ${ran.err}`);
    assert.match(ran.err, said);
  }
  const vsa = await runCommand(bench.verify("--vsa", "-", "--json"));
  assert.match(vsa.err, /--vsa - prints the file itself/);
});
