import assert from "node:assert/strict";
import { test } from "node:test";
import { isOf, jobsOf, parseFollowed, parseShard } from "../../../../client/rebuild/debian/follow.ts";
import { isBuiltFor, readSourcesList } from "../../../../client/rebuild/debian/sources-list.ts";
import type { ListedSource } from "../../../../client/rebuild/debian/sources-list.ts";
import { utf8 } from "../../../../protocol/index.ts";

const ALL = { part: 1, parts: 1 };
const source = (name: string, version = "1.0-1", ...architectures: readonly string[]): ListedSource => ({
  name,
  version,
  architectures: architectures.length === 0 ? ["any"] : architectures,
});

test("every source is of exactly one part, and its versions are of the same", () => {
  const names = Array.from({ length: 2_000 }, (_, n) => `package${n}`);
  for (const parts of [1, 2, 3, 7]) {
    const sizes = Array.from({ length: parts }, () => 0);
    for (const name of names) {
      const own = sizes.flatMap((_, at) => (isOf({ part: at + 1, parts }, name) ? [at] : []));
      assert.equal(own.length, 1, name);
      sizes[own[0] ?? 0] = (sizes[own[0] ?? 0] ?? 0) + 1;
    }
    for (const size of sizes) assert.ok(Math.abs(size - 2_000 / parts) < 200, `${sizes}`);
  }
});

test("shards and suites are written in one manner", () => {
  assert.deepEqual(parseShard("2/5"), { part: 2, parts: 5 });
  for (const text of ["", "0/5", "6/5", "1/0", "1", "1/2/3", "a/b", "01/5", "1/70000", " 1/2"])
    assert.throws(() => parseShard(text), { code: "usage/bad-option" }, text);
  assert.deepEqual(parseFollowed("bookworm"), { suite: "bookworm", component: null });
  assert.deepEqual(parseFollowed("bookworm/non-free-firmware"), {
    suite: "bookworm",
    component: "non-free-firmware",
  });
  for (const text of ["", "/main", "a/b/c", "Bookworm", "bookworm/", "../x"])
    assert.throws(() => parseFollowed(text), { code: "usage/bad-option" }, text);
});

test("jobs are what is built for the architecture, each version once, in the indexes' order", () => {
  const listed = [
    source("libc", "2.0-1+deb12u1"),
    source("other", "1:3~rc1-1", "all"),
    source("libc", "2.0-1"),
    source("libc", "2.0-1"),
    source("hurd", "1", "hurd-any"),
    source("BAD", "1"),
  ];
  assert.deepEqual(
    jobsOf(listed, ALL, "debian", "amd64").map(({ id }) => id),
    [
      "pkg:deb/debian/libc@2.0-1%2Bdeb12u1?arch=source",
      "pkg:deb/debian/other@1:3~rc1-1?arch=source",
      "pkg:deb/debian/libc@2.0-1?arch=source",
    ],
  );
});

test("what an architecture's packages are built for", () => {
  for (const [architectures, is] of [
    ["any", true],
    ["all", true],
    ["linux-any", true],
    ["amd64", true],
    ["any-amd64", true],
    ["arm64 amd64", true],
    ["arm64", false],
    ["kfreebsd-any", false],
    ["any-arm64", false],
  ] as const)
    assert.equal(isBuiltFor(source("a", "1", ...architectures.split(" ")), "amd64"), is, architectures);
});

test("a list of sources is read as it stands, and what is cut short has a code", async () => {
  const text =
    "Package: hello\nBinary: hello\nVersion: 2.10-3\nArchitecture: any\nFiles:\n abc 1 x\n\nPackage: b\nVersion: 1\nArchitecture: any all\n";
  const read = async (bytes: string): Promise<readonly ListedSource[]> => {
    const listed: ListedSource[] = [];
    for await (const one of readSourcesList([utf8(bytes)], "list")) listed.push(one);
    return listed;
  };
  assert.deepEqual(await read(text), [source("hello", "2.10-3"), source("b", "1", "any", "all")]);
  for (const bad of [text.slice(0, -1), text.replace("Version: 1\n", ""), `${text}x\n`])
    await assert.rejects(read(bad), { code: "input/bad-list" });
});
