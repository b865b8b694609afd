/** An application's folder, signed twice in every way that codesign signs: one list. */
import assert from "node:assert/strict";
import { chmod, copyFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runCommand } from "../cli/run.ts";
import { app, PLIST } from "./apps.ts";

const MACHO = join(import.meta.dirname, "../../vectors/unsign/macho");

async function digestOf(top: string, ...more: readonly string[]): Promise<string> {
  const { code, objects, err } = await runCommand(["unsign", "--tree", top, "--json", ...more]);
  assert.equal(code, 0, err);
  return String(objects[0]?.["sha256"]);
}

test("an application signed twice, by two, and the unsigned one have one list", async () => {
  const [bare, one, two] = [await app(null), await app("one"), await app("another")];
  const digest = await digestOf(bare);
  assert.equal(await digestOf(one), digest);
  assert.equal(await digestOf(two), digest);
  const { out } = await runCommand(["unsign", "--tree", one]);
  assert.match(
    out,
    /^link [0-9a-f]{64} Contents\/Frameworks\/Lib\.framework\/Current\nfile [0-9a-f]{64} Contents\/Frameworks\/Lib\.framework\/Lib\n/,
  );
  assert.match(out, /\nexec [0-9a-f]{64} Contents\/MacOS\/tool\n$/);
  const { objects } = await runCommand(["unsign", "--tree", one, "--json"]);
  assert.deepEqual(objects[0]?.["dropped"], [
    "Contents/CodeResources",
    "Contents/Frameworks/Lib.framework/_CodeSignature/CodeResources",
    "Contents/_CodeSignature/CodeResources",
  ]);
  assert.equal(objects[0]["files"], 4);
});

test("an application that lld linked and signed, and LLVM's objcopy signed anew", async () => {
  const digests = await Promise.all(
    ["lld.dylib", "lld.again.dylib"].map(async (name) => {
      const top = await app("one");
      await copyFile(join(MACHO, name), join(top, "Contents/MacOS/tool"));
      return digestOf(top);
    }),
  );
  assert.equal(digests[0], digests[1]);
  assert.notEqual(digests[0], await digestOf(await app("one")));
});

test("whatever else changes in it changes the list", async () => {
  const top = await app("one");
  const seen = new Set([await digestOf(top)]);
  const changes: readonly (() => Promise<void>)[] = [
    () => writeFile(join(top, "Contents/Info.plist"), `${PLIST} `),
    () => chmod(join(top, "Contents/Info.plist"), 0o755),
    () => writeFile(join(top, "Contents/new"), ""),
    () => rm(join(top, "Contents/Frameworks/Lib.framework/Current")),
    () => symlink("Other", join(top, "Contents/Frameworks/Lib.framework/Current")),
    () => writeFile(join(top, "Contents/CodeResources"), "not a ticket"),
  ];
  for (const change of changes) {
    await change();
    const digest = await digestOf(top);
    assert.ok(!seen.has(digest));
    seen.add(digest);
  }
});

test("nothing hides among the seals", async () => {
  const top = await app("one");
  const hidden = join(top, "Contents/_CodeSignature/payload");
  await writeFile(hidden, "anything");
  const refused = await runCommand(["unsign", "--tree", top, "--json"]);
  assert.equal(refused.code, 4);
  assert.match(refused.err, /normal-form\/not-a-signature.*_CodeSignature\/payload/);
  const { objects } = await runCommand(["unsign", "--tree", top, "--lenient", "--json"]);
  assert.deepEqual(objects[0]?.["remarks"], [
    "Contents/_CodeSignature/payload: nothing that codesign writes",
  ]);
  await rm(hidden);
  await writeFile(join(top, "Contents/_CodeSignature/CodeResources"), "no list");
  assert.equal((await runCommand(["unsign", "--tree", top])).code, 4);
  assert.equal((await runCommand(["unsign", "--tree", join(top, "none")])).code, 66);
});
