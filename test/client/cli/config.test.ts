/** `samebits config`: whether a file is good, what holds, and who says so; and that a node does what the file says. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../../client/config.ts";
import { wantedOf } from "../../../client/cli/node/wanted.ts";
import { newFolder } from "../../node/folder.ts";
import { runCommand, setVariable } from "./run.ts";

const TEXT = `network = "mine"
[node]
max_store = "8G"
listen = ["none"]
api_public = true
`;

test("check: a good file, a bad one, none", async () => {
  const folder = await newFolder();
  const file = join(folder, "config.toml");
  await writeFile(file, TEXT);
  const good = await runCommand(["config", "check", file, "--json"], folder);
  const settings = ["network", "node.listen", "node.max_store", "node.api_public"];
  assert.deepEqual([good.code, good.objects], [0, [{ samebits: 1, path: file, settings }]]);
  assert.match((await runCommand(["config", "check", file], folder)).out, /config\.toml: good; 4 settings/);
  const none = await runCommand(["config", "check"], folder);
  assert.deepEqual([none.code, /no configuration file/.test(none.out)], [0, true]);
  await writeFile(file, `${TEXT}max_stroe = "1G"\n`);
  const bad = await runCommand(["config", "check", file, "--json"], folder);
  assert.equal(bad.code, 3);
  assert.match(bad.err, /config\.toml:6:1: .*max_stroe/);
  const gone = await runCommand(["config", "check", join(folder, "gone.toml"), "--json"], folder);
  assert.equal(gone.code, 66);
});

test("what cannot work is refused by check and by every command, and no package is blamed for it", async () => {
  const folder = await newFolder();
  const file = join(folder, "config.toml");
  await writeFile(join(folder, "x.bin"), "bits");
  for (const text of [
    'bootstrap = ["foo"]',
    'domain = "zz"',
    'deb_namespace = "A B"',
    '[node]\nanchor = ["foo"]',
  ]) {
    await writeFile(file, `${text}\n`);
    for (const argv of [
      ["config", "check", file],
      ["verify", join(folder, "x.bin"), "--config", file],
      ["node", "--config", file],
      ["watch", "--config", file],
      ["status", "--config", file],
    ]) {
      const { code, err } = await runCommand(argv, folder);
      assert.equal(code, 3, `${argv.join(" ")}: ${err}`);
      assert.match(err, /config\.toml:[12]:[0-9]+: .*\[config\/bad-file\]/, argv.join(" "));
    }
  }
});

test("show: the command line over the environment, over the file, over the default", async () => {
  const folder = await newFolder();
  const file = join(folder, "config.toml");
  await writeFile(file, TEXT);
  const undo = setVariable("SAMEBITS_MAX_FOLLOWED", "9G");
  try {
    const argv = ["config", "show", "--config", file, "--data", "/somewhere"];
    const { objects, code } = await runCommand([...argv, "--json"], folder);
    assert.equal(code, 0);
    const by = new Map(objects.map((each) => [each["setting"], [each["value"], each["from"]]]));
    assert.deepEqual(by.get("data"), ["/somewhere", "command line or environment"]);
    assert.deepEqual(by.get("network"), ["mine", "file"]);
    assert.deepEqual(by.get("node.max_store"), ["8G", "file"]);
    assert.deepEqual(by.get("node.max_followed"), ["9G", "environment"]);
    assert.deepEqual(by.get("node.log"), ["info", "default"]);
    assert.deepEqual(by.get("node.publish_key"), [null, "default"]);
    const { out } = await runCommand(argv, folder);
    assert.match(out, /^node\.listen +\["none"\] +file$/m);
  } finally {
    undo();
  }
});

test("a node takes each setting from the command line or the environment, else the file, else the default", async () => {
  const folder = await newFolder();
  const file = join(folder, "config.toml");
  await writeFile(file, TEXT);
  const config = await loadConfig({ config: file });
  const told = wantedOf({}, config);
  assert.deepEqual([told.maxStore, told.listen, told.apiPublic], ["8G", ["none"], true]);
  assert.deepEqual([told.maxFollowed, told.follow, told.log], ["32G", ["policy"], "info"]);
  const said = wantedOf({ maxStore: "1G", apiPublic: false, quiet: true }, config);
  assert.deepEqual([said.maxStore, said.apiPublic, said.log], ["1G", false, "warn"]);
  assert.equal(wantedOf({ quiet: true, log: "debug" }, config).log, "debug");
});
