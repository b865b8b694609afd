/** What rules ask beside a quorum, on the command line: `attest` says it, `verify --offline` counts it. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { newFolder } from "../../node/folder.ts";
import { runCommand } from "./run.ts";
import { feedBundle, keyOf, member, MemoryFeed, OTHER, SAME, stage, TOOL } from "./stage.ts";

const PURL = "pkg:generic/tool@1.0";

test("two rebuilders and a reviewer on one file from one source, which its author states", async () => {
  const folder = await newFolder();
  const at = (name: string): string => join(folder, name);
  const run = async (...argv: readonly string[]): Promise<string> => {
    const { code, out, err } = await runCommand([...argv, "--data", at("data")], folder);
    assert.equal(code, 0, `${argv.join(" ")}: ${out}${err}`);
    return out;
  };
  const names = ["one", "two", "reviewer", "author"];
  for (const name of names) await run("keygen", name, "--out", folder);
  await writeFile(at("tool"), "bits");
  await writeFile(at("tool.src"), "source");
  const builders = await Promise.all(
    names.map(async (name) => {
      const key = JSON.stringify(await readFile(at(`${name}.pub`), "utf8"));
      const role = name === "one" || name === "two" ? "rebuilder" : name;
      return `[builders.${name}]\nkey = ${key}\nroles = ["${role}"]\n`;
    }),
  );
  await writeFile(
    at("policy.toml"),
    `version = 1\n${builders.join("")}[[rules]]\nname = "tool"\nmatch = "pkg:generic/tool"\nrequire = [{ k = 2, of = "role:rebuilder" }, { k = 1, of = "role:reviewer", step = "review" }]\nsource = { k = 1, of = "role:author" }\n`,
  );
  const attest = (file: string, purl: string, key: string, ...more: readonly string[]): Promise<string> =>
    run("attest", at(file), "--purl", purl, "--key", at(`${key}.key`), "-o", at("said"), ...more);
  const verify = async (): Promise<Record<string, unknown>> => {
    const said = (await readdir(at("said"))).map((name) => join(at("said"), name));
    const how = ["--policy", at("policy.toml"), "--offline", "--json", "--data", at("data")];
    const ran = await runCommand(["verify", at("tool"), "--purl", PURL, ...how, "--bundle", ...said], folder);
    return ran.objects[0] ?? assert.fail(ran.err);
  };
  const from = ["--material", at("tool.src")];
  await attest("tool", PURL, "one", ...from);
  await attest("tool", PURL, "two", ...from);
  const unreviewed = await verify();
  assert.deepEqual([unreviewed["verdict"], unreviewed["needed"], unreviewed["agreeing"]], ["pending", 3, 2]);
  await attest("tool", PURL, "reviewer", "--step", "review", ...from);
  const unstated = await verify();
  assert.deepEqual([unstated["verdict"], unstated["agreeing"]], ["pending", 3]);
  assert.match(String(unstated["next"]), /is stated: samebits attest --step source/);
  await attest("tool.src", "pkg:generic/tool-source@1.0", "author", "--step", "source");
  const whole = await verify();
  assert.equal(whole["verdict"], "reproduced", JSON.stringify(whole));
  assert.match(String(whole["source"]), /^sha256:[0-9a-f]{64}$/);
});

test("what a publisher's own feed lists, and nobody else's in its stead", async () => {
  const [one, archive] = [member(1), member(2)];
  const now = Date.now();
  const verdictWith = async (...feeds: readonly MemoryFeed[]): Promise<string> => {
    // A folder of its own: another feed of the archive than was seen before would be another history.
    const { verify } = await stage([one, archive], ['logged_by = "b2"'], 1);
    const { objects } = await verify([feedBundle(feeds.map((feed) => ({ feed, time: now })))]);
    return String(objects[0]?.["verdict"]);
  };
  const built = keyOf(one).link(TOOL, SAME);
  const listed = keyOf(archive).link(TOOL, SAME, { step: "publish" });
  assert.equal(await verdictWith(new MemoryFeed(1).append(built)), "pending");
  assert.equal(await verdictWith(new MemoryFeed(1).append(built, listed)), "pending", "carried by another");
  const own = new MemoryFeed(2).append(listed);
  assert.equal(await verdictWith(new MemoryFeed(1).append(built), own), "reproduced");
  const other = new MemoryFeed(2).append(keyOf(archive).link(TOOL, OTHER));
  assert.equal(await verdictWith(new MemoryFeed(1).append(built), other), "contradicted");
});
