/** A repository's database of pacman: what it says of packages, however it is packed, and what is refused of it. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack } from "tar-stream";
import { readPacmanDb } from "../../../client/artifact/index.ts";
import { newFolder } from "../../node/folder.ts";

const A = "aa".repeat(32);
const desc = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `%${name}%\n${value}\n\n`)
    .join("");
const FIELDS = {
  FILENAME: "vim-1:9.1-1-x86_64.pkg.tar.zst",
  NAME: "vim",
  VERSION: "1:9.1-1",
  DESC: "Vi\nimproved",
  CSIZE: "1",
  SHA256SUM: A,
  ARCH: "x86_64",
};
const VIM = {
  name: "vim",
  version: "1:9.1-1",
  arch: "x86_64",
  filename: FIELDS.FILENAME,
  sha256: A,
};

async function database(members: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const tar = pack();
  for (const [name, content] of Object.entries(members)) {
    if (name.endsWith("/")) tar.entry({ name, type: "directory" });
    else tar.entry({ name }, content);
  }
  tar.finalize();
  return buffer(tar);
}

async function read(bytes: Uint8Array): Promise<readonly unknown[]> {
  const path = join(await newFolder(), "core.db");
  await writeFile(path, bytes);
  const all: unknown[] = [];
  await readPacmanDb(path, (one) => all.push(one));
  return all;
}

test("readPacmanDb: each package once, packed with gzip, zstd or not at all", async () => {
  const plain = await database({
    "vim-1:9.1-1/": "",
    "vim-1:9.1-1/desc": desc(FIELDS),
    "vim-1:9.1-1/files": "%FILES%\n",
  });
  for (const bytes of [plain, gzipSync(plain), zstdCompressSync(plain)])
    assert.deepEqual(await read(bytes), [VIM]);
  assert.deepEqual(await read(await database({})), []);
});

test("readPacmanDb: what is damaged, cut short or hostile has a code and its place", async () => {
  const without = (name: string): string =>
    desc(Object.fromEntries(Object.entries(FIELDS).filter(([key]) => key !== name)));
  for (const [content, says] of [
    [without("SHA256SUM"), /core\.db: a\/desc: it has no %SHA256SUM%/],
    [without("NAME"), /a\/desc: it has no %NAME%/],
    [desc({ ...FIELDS, SHA256SUM: A.slice(2) }), /a\/desc: .*bytes\/bad-hex/],
    [`${desc(FIELDS)}${desc({ SHA256SUM: A })}`, /a\/desc: %SHA256SUM% occurs twice/],
    ["x".repeat(300_000), /a\/desc has more than 262144 octets/],
    ["nonsense", /a\/desc: it has no/],
  ] as const)
    await assert.rejects(read(await database({ "a/desc": content })), {
      code: "input/bad-list",
      message: says,
    });
  const good = gzipSync(await database({ "a/desc": desc(FIELDS) }));
  await assert.rejects(read(good.subarray(0, good.length - 20)), { code: "input/bad-list" });
  await assert.rejects(read(new Uint8Array(0)), { code: "input/bad-list", message: /it is empty/ });
  await assert.rejects(read(new Uint8Array(2_000).fill(0x61)), { code: "input/bad-list" });
  await assert.rejects(
    readPacmanDb("/no/such/core.db", () => assert.fail()),
    { code: "input/missing" },
  );
});
