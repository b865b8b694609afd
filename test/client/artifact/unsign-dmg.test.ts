/** Disk images (`.dmg`) as they are made on Linux: a file system in Apple's container. What is in them is compared after extraction. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { concat, u32be, u64be, utf8 } from "../../../protocol/bytes/index.ts";
import { newFolder } from "../../node/folder.ts";
import { lacks } from "../../programs.ts";
import { runCommand } from "../cli/run.ts";
import { app } from "./apps.ts";

const SECTOR = 512;
const ZLIB = 0x8000_0005;
const END = 0xffff_ffff;
const none = (length: number): Uint8Array => new Uint8Array(length);

/** Apple's container (UDIF) around a file system, packed with zlib in one run. */
function udif(disk: Uint8Array): Uint8Array {
  const padded = concat(disk, none((SECTOR - (disk.length % SECTOR)) % SECTOR));
  const sectors = padded.length / SECTOR;
  const data = new Uint8Array(deflateSync(padded));
  const run = (kind: number, from: number, count: number, at: number, length: number): Uint8Array =>
    concat(u32be(kind), u32be(0), ...[from, count, at, length].map(u64be));
  const checksum = concat(u32be(2), u32be(32), none(128));
  const table = concat(
    utf8("mish"),
    u32be(1),
    ...[0, sectors, 0].map(u64be),
    u32be(0x208),
    u32be(1),
    none(24),
    checksum,
    u32be(2),
    run(ZLIB, 0, sectors, 0, data.length),
    run(END, sectors, 0, data.length, 0),
  );
  const list = utf8(
    `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>resource-fork</key><dict><key>blkx</key><array><dict>` +
      `<key>Attributes</key><string>0x0050</string><key>CFName</key><string>disk</string><key>Data</key><data>` +
      `${Buffer.from(table).toString("base64")}</data><key>ID</key><string>0</string><key>Name</key><string>disk</string>` +
      `</dict></array></dict></dict></plist>`,
  );
  const trailer = concat(
    utf8("koly"),
    ...[4, 512, 1].map(u32be),
    ...[0, 0, data.length, 0, 0].map(u64be),
    ...[1, 1].map(u32be),
    none(16),
    checksum,
    ...[data.length, list.length].map(u64be),
    none(120),
    checksum,
    u32be(1),
    u64be(sectors),
    none(12),
  );
  assert.equal(trailer.length, SECTOR);
  return concat(data, list, trailer);
}

/** The image of an application, as Tor Browser's are made: genisoimage, then a container. */
async function imageOf(top: string): Promise<string> {
  const folder = await newFolder();
  await mkdir(join(folder, "volume"));
  await rename(top, join(folder, "volume/Tool.app"));
  const made = ["-quiet", "-D", "-V", "Tool", "-no-pad", "-R", "-apple", "-o", "disk", "volume"];
  execFileSync("genisoimage", made, { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
  const path = join(folder, "Tool.dmg");
  await writeFile(path, udif(new Uint8Array(await readFile(join(folder, "disk")))));
  return path;
}

test(
  "what 7z extracts of a built and a signed image has one list",
  { skip: lacks("7z", "genisoimage") },
  async () => {
    const digests = new Set<unknown>();
    for (const who of [null, "one", "another"]) {
      const image = await imageOf(await app(who));
      const refused = await runCommand(["unsign", image, "--json"]);
      assert.equal(refused.code, 4);
      assert.match(refused.err, /normal-form\/unsupported.*disk image/);
      execFileSync("7z", ["x", "-y", "-bso0", image], { cwd: dirname(image) });
      const { code, objects, err } = await runCommand([
        "unsign",
        "--tree",
        join(dirname(image), "Tool.app"),
        "--json",
      ]);
      assert.equal(code, 0, err);
      digests.add(objects[0]?.["sha256"]);
    }
    const { objects } = await runCommand(["unsign", "--tree", await app("one"), "--json"]);
    assert.deepEqual([...digests], [objects[0]?.["sha256"]]);
  },
);
