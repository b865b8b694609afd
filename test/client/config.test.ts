/** Which file, option or variable counts (CONTRACT, "Commands"): the first found wins, nothing is merged. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { loadConfig } from "../../client/config.ts";
import { ed25519Key, publicFromSeed, toSpkiPem } from "../../protocol/index.ts";
import { newFolder } from "../node/folder.ts";
import { runCommand, setVariable } from "./cli/run.ts";

const KEY = toSpkiPem(ed25519Key(publicFromSeed(new Uint8Array(32))));
const POLICY = `version = 1
[builders.one]
key = ${JSON.stringify(KEY)}
[[rules]]
name = "tools"
match = "pkg:generic/*"
require = { k = 1, of = ["one"] }
`;

let home: string;
const undo: (() => void)[] = [];
beforeEach(async () => {
  home = await newFolder();
  undo.push(setVariable("XDG_CONFIG_HOME", join(home, "config")));
  undo.push(setVariable("XDG_DATA_HOME", join(home, "data")));
  await mkdir(join(home, "config", "samebits"), { recursive: true });
  await mkdir(join(home, "elsewhere"));
});
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

async function write(...path: readonly string[]): Promise<string> {
  const words = path.at(-1) ?? "";
  const file = join(home, ...path.slice(0, -1));
  await writeFile(file, words);
  return file;
}

test("an empty --data is no folder: nothing is written into the one where one stands", async () => {
  await assert.rejects(loadConfig({ data: "" }), { code: "usage/bad-option" });
});

test("without any file: the defaults", async () => {
  const { file, data, api, network, bootstrap, debNamespace } = await loadConfig({});
  assert.deepEqual(
    { file, data, api, network, bootstrap, debNamespace },
    {
      file: null,
      data: join(home, "data", "samebits"),
      api: null,
      network: "main",
      bootstrap: [],
      debNamespace: null,
    },
  );
});

test("the configuration: --config before the user's, an option before both, and nothing is merged", async () => {
  const own = await write("config", "samebits", "config.toml", 'network = "own"\ndeb_namespace = "ubuntu"\n');
  const named = await write("elsewhere", "some.toml", 'network = "named"\n');
  const first = await loadConfig({});
  assert.deepEqual([first.file, first.network, first.debNamespace], [own, "own", "ubuntu"]);
  const second = await loadConfig({ config: named });
  assert.deepEqual([second.file, second.network, second.debNamespace], [named, "named", null]);
  assert.equal((await loadConfig({ config: named, network: "said" })).network, "said");
  await assert.rejects(loadConfig({ config: join(home, "gone.toml") }), { code: "input/missing" });
});

test("the policy: the configuration's, then policy.toml beside it, then beside the user's", async () => {
  const own = await write("config", "samebits", "policy.toml", "version = 1\n");
  const named = await write("elsewhere", "some.toml", 'network = "named"\n');
  assert.equal((await loadConfig({})).policy, own);
  assert.equal((await loadConfig({ config: named })).policy, own);
  const beside = await write("elsewhere", "policy.toml", "version = 1\n");
  assert.equal((await loadConfig({ config: named })).policy, beside);
  await write("elsewhere", "some.toml", 'policy = "/some/policy"\n');
  assert.equal((await loadConfig({ config: named })).policy, "/some/policy");
});

test("what no configuration has is refused, by line and column", async () => {
  const file = join(home, "elsewhere", "some.toml");
  for (const [text, where] of [
    ['netwrok = "main"\n', ":1:1"],
    ['network = "main"\npolicy = 7\n', ":2:"],
    ['network = "main"\nnetwork = "main"\n', ":2:"],
    ['bootstrap = "/ip4/127.0.0.1/tcp/1"\n', ":1:"],
    ["[default]\n", ":1:"],
    ['data = "x\n', ":1:"],
  ] as const) {
    await writeFile(file, text);
    await assert.rejects(loadConfig({ config: file }), (error) => {
      assert.ok(error instanceof Error && "code" in error);
      assert.equal(error.code, "config/bad-file");
      assert.ok(error.message.includes(`${file}${where}`), error.message);
      return true;
    });
  }
  await assert.rejects(loadConfig({ network: "No Such" }), { code: "usage/bad-option" });
});

test("every option has a twin in the environment, and the command line wins", async () => {
  const [good, bad] = [
    await write("elsewhere", "good.toml", POLICY),
    await write("elsewhere", "bad.toml", "version = 2\n"),
  ];
  undo.push(setVariable("SAMEBITS_POLICY", bad));
  assert.equal((await runCommand(["policy", "check"], home)).code, 3);
  assert.equal((await runCommand(["policy", "check", "--policy", good], home)).code, 0);
  undo.push(setVariable("SAMEBITS_POLICY", good));
  for (const [value, objects] of [
    ["1", 1],
    ["true", 1],
    ["0", 0],
    ["false", 0],
    ["", 0],
  ] as const) {
    undo.push(setVariable("SAMEBITS_JSON", value));
    assert.equal((await runCommand(["policy", "check"], home)).objects.length, objects, value);
  }
  const file = await write("elsewhere", "tool", "bits");
  const lines = [
    await write("elsewhere", "one.jsonl", "\n"),
    await write("elsewhere", "two.jsonl", "junk\n"),
  ];
  undo.push(setVariable("SAMEBITS_BUNDLE", lines.join("  ")));
  undo.push(setVariable("SAMEBITS_OFFLINE", "1"));
  undo.push(setVariable("SAMEBITS_PURL", "pkg:generic/tool@1"));
  const { code, err } = await runCommand(["verify", file], home);
  assert.equal(code, 4);
  assert.match(err, /two\.jsonl: /, "both are read");
});
