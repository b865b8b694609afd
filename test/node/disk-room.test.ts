import assert from "node:assert/strict";
import { mkdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { followedRoom } from "../../node/disk-room.ts";
import { smallDisk } from "../e2e/small-disk.ts";
import { newFolder } from "./folder.ts";

const MB = 1024 * 1024;

test("followed feeds may take what they are given, where the disk has it", async () => {
  const folder = await newFolder();
  await mkdir(join(folder, "store"));
  assert.equal(await followedRoom(folder, MB), MB);
  assert.equal(await followedRoom(null, MB), MB, "in memory there is no disk");
});

test("and never more than half of what a small disk has for them, whatever the store holds of it already", async (t) => {
  const disk = await smallDisk(40 * MB);
  if (disk === null) {
    t.skip("no mount namespaces here");
    return;
  }
  await mkdir(join(disk.folder, "store"));
  const { blocks, bsize } = await statfs(disk.folder);
  const half = (0.95 * blocks * bsize) / 2;
  const isNear = (room: number): boolean => Math.abs(room - half) < MB;
  const empty = await followedRoom(disk.folder, 1024 * MB);
  assert.ok(isNear(empty), `${empty} of ${half}`);
  await writeFile(join(disk.folder, "store", "1.ldb"), new Uint8Array(20 * MB));
  const filled = await followedRoom(disk.folder, 1024 * MB);
  assert.ok(isNear(filled), `${filled} of ${half}: what it holds is its own`);
  await writeFile(join(disk.folder, "else"), new Uint8Array(10 * MB));
  const shared = await followedRoom(disk.folder, 1024 * MB);
  assert.ok(Math.abs(shared - (half - 5 * MB)) < MB, `${shared}: what others wrote is not`);
  await disk.fill(0);
  assert.ok((await followedRoom(disk.folder, 1024 * MB)) <= 10 * MB);
});
