import assert from "node:assert/strict";
import { test } from "node:test";
import { assertOwn, groupsOf, listedFiles } from "../../../../client/rebuild/debian/expected.ts";
import { binariesOf, sourceOf } from "../../../../client/rebuild/debian/archive.ts";
import type { ListedPackage } from "../../../../client/install/index.ts";
import { debTarget } from "../../../../protocol/index.ts";

const row = (
  name: string,
  version: string,
  architecture: string,
  source = { name: "src", version: "1:2.0-1" },
): ListedPackage => ({
  name,
  version,
  architecture,
  source,
  sha256: "ab".repeat(32),
  size: 1,
  filename: "x",
});

const PLAIN = [row("app", "1:2.0-1", "amd64"), row("app-doc", "1:2.0-1", "all")];
const NMU = [row("app", "1:2.0-1+b2", "amd64"), row("app-doc", "1:2.0-1", "all")];

test("a source is built at once; what a binNMU changed by itself, with its entry", () => {
  const groups = (rows: readonly ListedPackage[]): unknown =>
    groupsOf(listedFiles(rows, "debian"), "1:2.0-1").map(({ which, rebuiltAs }) => [
      which,
      rebuiltAs?.version,
    ]);
  assert.deepEqual(groups([]), [["-b", undefined]]);
  assert.deepEqual(groups(PLAIN), [["-b", undefined]]);
  assert.deepEqual(groups(NMU), [
    ["-B", "1:2.0-1+b2"],
    ["-A", undefined],
  ]);
  assert.deepEqual(groups(NMU.slice(0, 1)), [["-B", "1:2.0-1+b2"]]);
  // Binaries may have versions of their own without being anybody's binNMU.
  assert.deepEqual(groups([row("app", "9.0", "amd64")]), [["-b", undefined]]);
});

test("files are listed once, by the names that dpkg gives them, and not without a digest", () => {
  const files = listedFiles(
    [...NMU, ...NMU, { ...row("bad", "1", "amd64"), sha256: null }, row("x", "1", "amd64")],
    "debian",
  );
  assert.deepEqual(
    files.map(({ target }) => target.file),
    ["app_2.0-1+b2_amd64.deb", "app-doc_2.0-1_all.deb"],
  );
});

test("a binary's name and version lead to its source, and a source to its binaries", () => {
  const other = row("src", "5", "amd64", { name: "other", version: "5" });
  const all = [...NMU, other];
  assert.deepEqual(sourceOf(all, "app", "1:2.0-1+b2"), { name: "src", version: "1:2.0-1" });
  assert.deepEqual(sourceOf(all, "src", "1:2.0-1"), { name: "src", version: "1:2.0-1" });
  assert.deepEqual(sourceOf(all, "src", "5"), { name: "other", version: "5" });
  assert.equal(sourceOf(all, "app", "1:2.0-1"), null);
  assert.deepEqual(binariesOf(all, { name: "src", version: "1:2.0-1" }), NMU);
});

test("a source gives no package that the archive has from others alone", () => {
  const libc = row("libc6", "2.36-9", "amd64", { name: "glibc", version: "2.36-9" });
  const listed = [...PLAIN, libc];
  const own = (name: string, version: string, expected = listedFiles(PLAIN, "debian")): void =>
    assertOwn(debTarget({ namespace: "debian", name, version, arch: "amd64" }), "src", expected, listed);
  own("app", "1:2.0-1");
  own("app", "1:3.0-1");
  own("app-dbgsym", "1:2.0-1");
  const foreign = { code: "artifact/mismatch", message: /libc6 from glibc/ };
  assert.throws(() => own("libc6", "2.36-9"), foreign);
  assert.throws(() => own("libc6", "2.37-1"), foreign);
  // It moves from one source to the other, or the user says so.
  own("libc6", "2.37-1", listedFiles([row("libc6", "2.37-1", "amd64")], "debian"));
});
