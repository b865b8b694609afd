/** An application in a zip file has the list of its folder, whoever packed it, and however. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { unsignTree } from "../../../client/artifact/index.ts";
import { ClientError } from "../../../client/errors.ts";
import { equalBytes, ProtocolError, readZipTree, runReads, utf8 } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";
import { FORMATS } from "../../protocol/normal-form/fuzz/formats.ts";
import { changed, changes } from "../../protocol/normal-form/fuzz/shape.ts";
import { zipOf } from "../../protocol/normal-form/zips.ts";
import type { ZipFile } from "../../protocol/normal-form/zips.ts";
import { runCommand } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";
import { app, filesOf } from "./apps.ts";

const list = (path: string, ...more: readonly string[]): Promise<Ran> =>
  runCommand(["unsign", "--tree", path, "--json", ...more]);

async function digestOf(path: string, ...more: readonly string[]): Promise<string> {
  const { code, objects, err } = await list(path, ...more);
  assert.equal(code, 0, err);
  return String(objects[0]?.["sha256"]);
}

async function written(files: readonly ZipFile[]): Promise<string> {
  const path = join(await newFolder(), "made.zip");
  await writeFile(path, zipOf(files));
  return path;
}

test("packed by Info-ZIP, signed by either or not at all", { skip: lacks("zip") }, async () => {
  const digests = new Set<string>();
  for (const who of [null, "one", "another"]) {
    const top = await app(who);
    digests.add(await digestOf(top));
    for (const options of [["-9"], ["-0"], ["-9", "-X", "-D"]]) {
      const zip = join(await newFolder(), "Tool.zip");
      execFileSync("zip", ["-q", "-r", "-y", ...options, zip, "Tool.app"], { cwd: dirname(top) });
      digests.add(await digestOf(zip));
    }
  }
  assert.equal(digests.size, 1);
});

test("packed as ditto does: sizes behind the data, links, modes of macOS", async () => {
  const top = await app("one");
  const files = await filesOf(top);
  // Links and folders it stores, with sizes in front.
  const zip = await written(
    files.map((file) => ({ ...file, name: `Tool.app/${file.name}`, follow: file.method !== 0 })),
  );
  const [folder, packed] = [await list(top), await list(zip)];
  assert.equal(packed.objects[0]?.["sha256"], folder.objects[0]?.["sha256"]);
  assert.deepEqual(packed.objects[0]?.["dropped"], folder.objects[0]?.["dropped"]);
  // Without the folder around it, and beside something else, it is what stands in the zip file.
  assert.equal(await digestOf(await written(files)), await digestOf(top));
  const beside = await written([
    ...files.map((file) => ({ ...file, name: `Tool.app/${file.name}` })),
    { name: "README", data: utf8("read me") },
  ]);
  const lines = (await runCommand(["unsign", "--tree", beside])).out.trimEnd().split("\n");
  assert.ok(lines.every((line) => / (README|Tool\.app\/.+)$/.test(line)));
});

test("whatever else changes in it changes the list, or is refused", async () => {
  const files = await filesOf(await app("one"));
  const digest = await digestOf(await written(files));
  for (const [i, file] of files.entries()) {
    if (/CodeResources$|\/$/.test(file.name)) continue;
    const others = files.filter((_, at) => at !== i);
    for (const changed of [
      [],
      [{ ...file, data: utf8(`${file.name} changed`) }],
      [{ ...file, name: `${file.name}2` }],
      ...(file.mode === 0o100_644 ? [[{ ...file, mode: 0o100_755 }]] : []),
    ])
      assert.notEqual(await digestOf(await written([...others, ...changed])), digest, file.name);
  }
});

test(
  "torn zip files that are read have the list of what unzip unpacks",
  { skip: lacks("unzip") },
  async () => {
    const shapes = FORMATS.get("zip")?.() ?? [];
    const folder = await newFolder();
    const [zip, out] = [join(folder, "torn.zip"), join(folder, "out")];
    let same = 0;
    for (const [i, list] of fc.sample(changes, { numRuns: 5_000, seed: 5 }).entries()) {
      const shape = shapes[i % shapes.length] ?? assert.fail();
      const octets = changed(shape, list);
      if (equalBytes(octets, shape.file) || !isRead(octets)) continue;
      await writeFile(zip, octets);
      const ours = await manifestOf(zip);
      if (ours === null) continue;
      await rm(out, { recursive: true, force: true });
      execFileSync("unzip", ["-qq", zip, "-d", out], { stdio: "ignore" });
      assert.equal(await manifestOf(out), ours, JSON.stringify(list));
      same++;
    }
    assert.ok(same > 20, `${same} were read`);
  },
);

function isRead(zip: Uint8Array): boolean {
  try {
    runReads(readZipTree(zip.length), ({ offset, length }) => zip.slice(offset, offset + length));
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

/** Null where it is refused. */
async function manifestOf(path: string): Promise<string | null> {
  try {
    return (await unsignTree(path, { lenient: false })).manifest;
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof ClientError) return null;
    throw error;
  }
}

test("data that do not unpack to what is said are refused, and nothing stays behind", async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("samebits-unsign-"));
  const text = utf8("text ".repeat(20_000));
  const bad: readonly (readonly [string, Partial<ZipFile>, RegExp])[] = [
    ["another CRC", { crc: 1 }, /another CRC/],
    ["longer", { size: text.length - 1 }, /unpacks to more than 99999 octets/],
    ["shorter", { size: text.length + 1 }, /not as long as the directory says/],
    ["octets behind", { behind: utf8("hidden") }, /6 octets behind its packed data/],
    ["no DEFLATE", { method: 8, data: new Uint8Array(0), behind: Uint8Array.of(7), size: 5 }, /./],
  ];
  for (const [about, file, reason] of bad) {
    const { code, err } = await list(await written([{ name: "a", data: text, ...file }]));
    assert.equal(code, 4, about);
    assert.match(err, /"code":"normal-form\/malformed"/, about);
    assert.match(err, reason, about);
  }
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith("samebits-unsign-"));
  assert.deepEqual(
    after.filter((name) => !before.includes(name)),
    [],
  );
});

test("what only a Mac unpacks is refused, or left out leniently; a file that is no zip file is none", async () => {
  const files = await filesOf(await app("one"));
  const named = files.map((file) => ({ ...file, name: `Tool.app/${file.name}` }));
  const zip = await written([...named, { name: "__MACOSX/Tool.app/._Contents", data: utf8("attributes") }]);
  const refused = await list(zip);
  assert.equal(refused.code, 4);
  assert.match(refused.err, /not-a-signature.*__MACOSX/);
  const lenient = await list(zip, "--lenient");
  assert.equal(lenient.objects[0]?.["sha256"], await digestOf(await written(named)));
  assert.match(String(lenient.objects[0]["remarks"]), /attributes of 1 file/);
  // A file that is called like an application is a file.
  const { objects } = await list(await written([{ name: "Tool.app", data: utf8("x") }]));
  assert.equal(objects[0]?.["files"], 1);
  const none = await list(join(import.meta.dirname, "unsign-zip.test.ts"));
  assert.equal(none.code, 66);
  assert.match(none.err, /neither a folder nor a zip file/);
  const zipBefore = await readFile(zip);
  assert.equal((await list(zip, "--lenient", "-o", zip)).code, 64);
  assert.deepEqual(await readFile(zip), zipBefore);
});

test("a signature that can't be read is refused with its place in the zip file", async () => {
  const top = await app("one");
  const files = await filesOf(top);
  const odd = files.map((file) =>
    file.name === "Contents/MacOS/tool"
      ? { ...file, data: file.data.map((octet, i) => (i === 16 ? 0xff : octet)) }
      : file,
  );
  const { code, err } = await list(await written(odd));
  assert.equal(code, 4);
  assert.match(err, /made\.zip: Contents\/MacOS\/tool: octet/);
});
