/** What a key has said is remembered until its retraction is there, and held against what an air-gapped key signs (RULES R13). */
import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { newFolder } from "../../node/folder.ts";
import { runCommand } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";

const PURL = "pkg:generic/tool@1.0";

/** A key, and two results of one target. */
async function world(): Promise<{ readonly folder: string; readonly results: readonly string[] }> {
  const folder = await newFolder();
  assert.equal((await runCommand(["keygen", "k", "--out", folder], folder)).code, 0);
  const results = ["one", "two"].map((name) => join(folder, name, "tool.bin"));
  for (const path of results) {
    await mkdir(join(path, ".."));
    await writeFile(path, path);
  }
  return { folder, results };
}

test("what was to be taken back and could not be written stands, and is held against the next", async () => {
  const { folder, results } = await world();
  const attest = (path: string): Promise<Ran> =>
    runCommand(["attest", path, "--purl", PURL, "--key", join(folder, "k.key"), "--json"], folder);
  const [first = "", second = ""] = results;
  const envelope = String((await attest(first)).objects[0]?.["envelope"]);
  const retract = (...more: readonly string[]): Promise<Ran> =>
    runCommand(["retract", envelope, "--key", join(folder, "k.key"), "--reason", "x", ...more], folder);
  assert.equal((await retract("-o", join(first, "nowhere"))).code, 73);
  const refused = await attest(second);
  assert.deepEqual([refused.code, /attest\/conflicts/.test(refused.err)], [4, true], refused.err);
  assert.equal((await retract()).code, 0);
  assert.equal((await attest(second)).code, 0);
});

test("of two results that were emitted for an air-gapped key one is put together, until it is taken back", async () => {
  const { folder, results } = await world();
  const pub = join(folder, "k.pub");
  const emit = async (path: string, ...more: readonly string[]): Promise<readonly string[]> => {
    const { code, err, objects } = await runCommand(
      ["attest", path, "--purl", PURL, "--key", pub, "--emit-unsigned", "--json", ...more],
      folder,
    );
    assert.equal(code, 0, err);
    return objects.map(({ unsigned }) => String(unsigned));
  };
  const key = createPrivateKey(await readFile(join(folder, "k.key")));
  const attach = async (path: string): Promise<Ran> => {
    const signature = join(folder, "sig");
    await writeFile(signature, sign(null, await readFile(path), key));
    return runCommand(["attest", path, "--attach", signature, "--key", pub], folder);
  };
  const [first = "", second = ""] = results;
  const [one = ""] = await emit(first);
  const [other = ""] = await emit(second);
  assert.equal((await attach(one)).code, 0);
  assert.equal((await attach(one)).code, 0, "again is no contradiction");
  const refused = await attach(other);
  assert.deepEqual([refused.code, /attest\/conflicts/.test(refused.err)], [4, true], refused.err);
  const [retraction = "", instead = "", ...none] = await emit(second, "--replace");
  assert.deepEqual([retraction.endsWith(".retraction-1.unsigned"), none], [true, []]);
  assert.equal((await attach(instead)).code, 4, "first what it replaces has to be taken back");
  assert.equal((await attach(retraction)).code, 0);
  assert.equal((await attach(instead)).code, 0);
});
