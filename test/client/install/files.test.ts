/** Files as root alone may have them, and as they stay while they are looked at. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ClientError } from "../../../client/errors.ts";
import { asApt, assertHeld, holdAll, writersOf } from "../../../client/install/index.ts";
import type { Held } from "../../../client/install/index.ts";
import { sha256, toHex } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";
import { deb, tar } from "../artifact/archives.ts";

const NO_ROOT = process.getuid?.() === 0 ? false : "only root can give files to others";
const OTHER = 12_345;

const control = (name: string, version: string): Uint8Array => {
  const text = `Package: ${name}\nVersion: ${version}\nArchitecture: all\n`;
  return deb(tar({ name: "./control", contents: new TextEncoder().encode(text) }));
};

test("what others than root can change is told by its place", { skip: NO_ROOT }, async () => {
  const folder = await newFolder();
  const [inner, file] = [join(folder, "inner"), join(folder, "inner/file")];
  mkdirSync(inner);
  writeFileSync(file, "");
  assert.equal(writersOf(file), null);
  const cases: readonly (readonly [() => void, () => void, RegExp])[] = [
    [() => chmodSync(file, 0o664), () => chmodSync(file, 0o644), /inner\/file can be written by others/],
    [() => chmodSync(file, 0o646), () => chmodSync(file, 0o644), /inner\/file can be written by others/],
    [() => chownSync(file, OTHER, 0), () => chownSync(file, 0, 0), /inner\/file belongs to user 12345/],
    [() => chmodSync(inner, 0o777), () => chmodSync(inner, 0o755), /inner can be written by others/],
    [() => chownSync(inner, OTHER, 0), () => chownSync(inner, 0, 0), /inner belongs to user 12345/],
  ];
  for (const [spoil, mend, words] of cases) {
    spoil();
    assert.match(writersOf(file) ?? "", words);
    mend();
    assert.equal(writersOf(file), null);
  }
  // In a sticky folder nobody touches what is not theirs.
  chmodSync(inner, 0o1777);
  assert.equal(writersOf(file), null);
  chmodSync(inner, 0o755);
  chownSync(file, OTHER, 0);
  assert.equal(writersOf(file, new Set([0, OTHER])), null);
  assert.match(writersOf("inner/file") ?? "", /does not begin at/);
});

test("a link is followed, and counts by where it stands and where it leads", { skip: NO_ROOT }, async () => {
  const folder = await newFolder();
  for (const name of ["safe", "open"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "safe/file"), "");
  writeFileSync(join(folder, "open/file"), "");
  chmodSync(join(folder, "open"), 0o777);
  symlinkSync("../open", join(folder, "safe/to-open"));
  symlinkSync("../safe", join(folder, "open/to-safe"));
  assert.match(writersOf(join(folder, "safe/to-open/file")) ?? "", /open can be written by others/);
  assert.match(writersOf(join(folder, "open/to-safe/file")) ?? "", /open can be written by others/);
});

test("links are followed as the kernel does, over other links and up again", { skip: NO_ROOT }, async () => {
  const folder = await newFolder();
  for (const name of ["safe", "open/inner"]) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["safe", "open"]) writeFileSync(join(folder, name, "file"), name);
  chmodSync(join(folder, "open"), 0o777);
  symlinkSync("../open/inner", join(folder, "safe/to-inner"));
  // Above the folder that the link leads to, not above the one in which it stands.
  const above = `${folder}/safe/to-inner/../file`;
  assert.equal(readFileSync(above, "utf8"), "open");
  assert.match(writersOf(above) ?? "", /open can be written by others/);
  // Where it ends is root's alone, and on the way is a link that others can replace.
  symlinkSync("../safe/file", join(folder, "open/hop"));
  symlinkSync(join(folder, "open/hop"), join(folder, "safe/over-hop"));
  assert.equal(readFileSync(join(folder, "safe/over-hop"), "utf8"), "safe");
  assert.match(writersOf(join(folder, "safe/over-hop")) ?? "", /open can be written by others/);
  assert.equal(writersOf(`${folder}/./safe//../safe/file`), null);
  symlinkSync("round", join(folder, "safe/round"));
  assert.throws(
    () => writersOf(join(folder, "safe/round")),
    (error) => error instanceof ClientError && error.code === "input/unreadable",
  );
});

async function held(path: string): Promise<Held> {
  const [file] = await holdAll([path], { debNamespace: "debian" }, () => {});
  return file ?? assert.fail();
}

test("files are hashed side by side, in their order, and say what they are", async () => {
  const folder = await newFolder();
  const bytes = Array.from({ length: 30 }, (_, n) => control(`p${n}`, "1.0"));
  const paths = bytes.map((_, n) => join(folder, `p${n}_1.0_all.deb`));
  await Promise.all(paths.map((path, n) => writeFile(path, bytes[n] ?? "")));
  const told: number[] = [];
  const all = await holdAll(paths, { debNamespace: "debian" }, (done) => told.push(done));
  assert.deepEqual(
    all.map(({ path, artifact: { sha256: digest, target } }) => [path, toHex(digest), target?.purl]),
    paths.map((path, n) => [
      path,
      toHex(sha256(bytes[n] ?? new Uint8Array())),
      `pkg:deb/debian/p${n}@1.0?arch=all`,
    ]),
  );
  assert.deepEqual(
    told,
    Array.from({ length: 30 }, (_, n) => n + 1),
  );
});

test("a file that is another one at the end is not let through", async () => {
  const folder = await newFolder();
  const path = join(folder, "p_1.0_all.deb");
  await writeFile(path, control("pp", "1.0"));
  const before = await held(path);
  assertHeld(before);
  const changed = (error: unknown): boolean =>
    error instanceof ClientError && error.code === "apt/changed-file" && error.message.includes(path);
  await writeFile(path, control("pp", "1.0"));
  assert.throws(() => assertHeld(before), changed, "written again, though with the same octets");
  const again = await held(path);
  await utimes(path, new Date(0), new Date(0));
  assert.throws(() => assertHeld(again), changed, "only its time");
});

test("a folder, a pipe, a missing file and a file that can't be read are told, at once", async () => {
  const folder = await newFolder();
  const pipe = join(folder, "p_1.0_all.deb");
  if (lacks("mkfifo") === false) spawnSync("mkfifo", [pipe]);
  else mkdirSync(pipe);
  const codes = await Promise.all(
    [folder, pipe, join(folder, "nothing.deb")].map((path) => held(path).catch((error: unknown) => error)),
  );
  assert.deepEqual(
    codes.map((error) => error instanceof ClientError && error.code),
    ["input/unreadable", "input/unreadable", "input/missing"],
  );
});

test("a package that has no name that could be one is unfit, as any other that can't be read", async () => {
  const path = join(await newFolder(), "x.deb");
  for (const bytes of [control("P", "1.0"), control("pp", "1.0/2"), new Uint8Array(100)]) {
    await writeFile(path, bytes);
    const { artifact, unfit } = await held(path);
    assert.deepEqual([artifact.target, typeof unfit], [null, "string"]);
  }
});

test("a file that apt takes for another version is unfit", async () => {
  const path = join(await newFolder(), "p.deb");
  await writeFile(path, control("pp", "1:1.0"));
  const file = await held(path);
  const as = (name: string, version: string, arch: string | null): Held =>
    asApt(file, { kind: "unpack", path, as: { name, to: { version, arch } } });
  assert.equal(as("pp", "1:1.0", "all").unfit, null);
  assert.equal(as("pp", "1:1.0", null).unfit, null);
  assert.equal(asApt(file, { kind: "unpack", path, as: null }).unfit, null);
  for (const other of [
    as("pp", "1.0", "all"),
    as("q", "1:1.0", "all"),
    as("qq", "1:1.0", "all"),
    as("pp", "1:1.0", "amd64"),
  ])
    assert.match(
      other.unfit ?? "",
      /apt installs it as .* but inside it says pkg:deb\/debian\/pp@1:1.0\?arch=all/,
    );
});
