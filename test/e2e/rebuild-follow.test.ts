/** A suite of Debian, followed: an archive of three sources on loopback, which a real apt reads in a system to build in. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { baseFrom } from "../../client/rebuild/debian/base.ts";
import { Room } from "../../client/rebuild/debian/room.ts";
import { sha256Hex } from "../../protocol/index.ts";
import { newFolder } from "../node/folder.ts";
import { serveHttp } from "../servers.ts";
import { run } from "./apt-rig.ts";
import { BASE } from "./base.ts";
import { builder } from "./claims.ts";
import { rebuilder, VECTORS, whyNoRebuild } from "./rebuilder.ts";
import type { Rebuilder } from "./rebuilder.ts";

const LIMIT = { timeout: 300_000 };
const NAME = "kernel-wedge_2.106~deb12u1";
const FILES = [`${NAME}.dsc`, `${NAME}.tar.xz`, `${NAME}_all.deb`];

describe("following a suite", { skip: whyNoRebuild() }, () => {
  let one: Rebuilder;
  let base: string;
  let folder: string;
  const archive = { isAway: false };

  before(async () => {
    folder = await newFolder();
    base = await baseFor(await serveArchive(archive), folder);
    one = await rebuilder(builder("alice"), folder, []);
  });

  test("each source is rebuilt once, and what failed waits", LIMIT, async () => {
    const follow = ["--follow", "bookworm", "--base", base, "--publish"];
    const first = await one.rebuild(...follow);
    assert.deepEqual(
      [first.code, jobsIn(first)],
      [
        1,
        [
          ["broken", "failed"],
          ["kernel-wedge", "done"],
        ],
      ],
      first.out,
    );
    assert.match(first.out, /does not serve a file of it \(404\)/);
    assert.equal((await one.node.status()).claims, 1);
    const log = join(one.data, `out/${NAME}/build.log`);
    assert.ok((await stat(log)).size > 0);
    await assert.rejects(stat(join(dirname(log), `${NAME}_all.deb`)), "what came out the same is not kept");

    const again = await one.rebuild(...follow);
    assert.deepEqual([again.code, jobsIn(again)], [1, [["broken", "waits"]]], again.out);
    assert.deepEqual([tallyOf(again)["known"], tallyOf(again)["waiting"]], [1, 1]);
    const retried = await one.rebuild(...follow, "--retry");
    assert.deepEqual(jobsIn(retried), [["broken", "failed"]], retried.out);
    assert.equal((await one.node.status()).claims, 1);
  });

  test("shares are disjoint, and a list of packages is worked off as well", LIMIT, async () => {
    const sizes: number[] = [];
    for (const shard of ["1/2", "2/2"]) {
      const tally = tallyOf(await one.rebuild("--follow", "bookworm", "--base", base, "--shard", shard));
      sizes.push(Number(tally["known"]) + Number(tally["waiting"]));
    }
    assert.equal(
      sizes.reduce((sum, size) => sum + size),
      2,
    );
    const list = join(folder, "list");
    await writeFile(list, "pkg:deb/debian/kernel-wedge@2.106~deb12u1?arch=all\n");
    const listed = await one.rebuild("--loop", list, "--base", base, "--publish");
    assert.deepEqual([listed.code, jobsIn(listed)], [0, [["kernel-wedge", "done"]]], listed.out);
    await writeFile(list, "pkg:npm/tool@1.0\n");
    const other = await one.rebuild("--loop", list, "--base", base);
    assert.deepEqual([other.code, other.objects.at(-1)?.["code"]], [66, "input/bad-list"]);
  });

  test(
    "a node that is away when a result is signed: the next run publishes that, and builds nothing",
    LIMIT,
    async () => {
      const two = await rebuilder(builder("bob"), folder, []);
      const list = join(folder, "kept");
      await writeFile(list, "pkg:deb/debian/kernel-wedge@2.106~deb12u1?arch=all\n");
      const words = ["--loop", list, "--base", base, "--publish"];
      const log = join(two.data, `out/${NAME}/build.log`);
      const first = two.rebuild(...words);
      while (!existsSync(log)) await sleep(50);
      await two.node.close();
      const { code, out, objects } = await first;
      assert.deepEqual([code, objects.at(-1)?.["code"]], [69, "api/unreachable"], out);
      const { mtimeMs } = await stat(log);
      const node = await two.anew();
      const next = await two.rebuild(...words);
      assert.deepEqual([next.code, jobsIn(next)], [0, [["kernel-wedge", "done"]]], next.out);
      assert.deepEqual([(await node.status()).own?.size, (await stat(log)).mtimeMs], [1, mtimeMs]);
    },
  );

  test("an archive that is away stops all, and nothing is remembered of it", LIMIT, async () => {
    archive.isAway = true;
    const ran = await one.rebuild("--follow", "bookworm", "--base", base);
    archive.isAway = false;
    assert.deepEqual([ran.code, ran.objects.map(({ code }) => code)], [69, ["rebuild/no-archive"]], ran.out);
  });

  test("what fails where a package is built is that package's affair", LIMIT, async () => {
    const site = { folder, signal: new AbortController().signal };
    const room = await Room.open(site, await baseFrom(site, base, () => undefined));
    try {
      await assert.rejects(room.must({ argv: ["false"] }), { code: "rebuild/bad-build" });
      await room.must({ argv: ["ln", "-s", "/etc/shadow", "/tmp/x.deb"] });
      await assert.rejects(room.copyOut("/tmp/x.deb", join(folder, "x.deb"), 100), {
        code: "rebuild/bad-build",
      });
      await room.must({ argv: ["sh", "-c", "head -c 101 /dev/zero > /tmp/long"] });
      await assert.rejects(room.copyOut("/tmp/long", join(folder, "long"), 100), { code: "input/too-big" });
    } finally {
      await room.close();
    }
  });
});

/** Packages and what became of them, without the last line. */
function jobsIn({ objects }: { readonly objects: readonly Record<string, unknown>[] }): unknown {
  return objects
    .filter(({ event }) => event === "job")
    .map(({ job, state }) => [/debian\/([^@]+)@/.exec(String(job))?.[1] ?? "", state] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function tallyOf({
  objects,
}: {
  readonly objects: readonly Record<string, unknown>[];
}): Record<string, unknown> {
  return objects.find(({ event }) => event === "round") ?? {};
}

/** kernel-wedge, a source whose file nobody serves, and one for another architecture. */
async function serveArchive(archive: { readonly isAway: boolean }): Promise<string> {
  const octets = new Map(
    await Promise.all(FILES.map(async (file) => [file, await readFile(join(VECTORS, file))] as const)),
  );
  const row = (file: string): string => {
    const bytes = octets.get(file) ?? new Uint8Array();
    return ` ${sha256Hex(bytes)} ${bytes.length} ${file}\n`;
  };
  const [dsc = "", tar = "", deb = ""] = FILES;
  const source = (name: string, architecture: string, files: string): string =>
    `Package: ${name}\nBinary: ${name}\nVersion: 2.106~deb12u1\nArchitecture: ${architecture}\nDirectory: .\nChecksums-Sha256:\n${files}\n`;
  const missing = ` ${"ab".repeat(32)} 7 broken_1.dsc\n`;
  octets.set(
    "Sources",
    Buffer.from(
      [
        source("kernel-wedge", "all", row(dsc) + row(tar)),
        source("broken", "any", missing),
        source("elsewhere", "hurd-any", missing),
      ].join(""),
    ),
  );
  const bytes = octets.get(deb) ?? new Uint8Array();
  octets.set(
    "Packages",
    Buffer.from(
      `Package: kernel-wedge\nVersion: 2.106~deb12u1\nArchitecture: all\nDepends: debhelper, make\nFilename: ./${deb}\nSize: ${bytes.length}\nSHA256: ${sha256Hex(bytes)}\nDescription: x\n\n`,
    ),
  );
  return serveHttp(({ url = "" }, response) => {
    const found = octets.get(decodeURIComponent(url).slice(1).replace(/^\.\//, ""));
    if (found === undefined || archive.isAway) response.writeHead(404).end();
    else response.end(found);
  });
}

/** The system to build in, whose apt knows this archive only. */
async function baseFor(archive: string, folder: string): Promise<string> {
  const base = join(folder, "followed.tar");
  await copyFile(BASE, base);
  const tree = await newFolder();
  await mkdir(join(tree, "etc/apt"), { recursive: true });
  await writeFile(
    join(tree, "etc/apt/sources.list"),
    `deb [trusted=yes] ${archive} ./\ndeb-src [trusted=yes] ${archive} ./\n`,
  );
  const added = await run("tar", [
    "-C",
    tree,
    "--owner=0",
    "--group=0",
    "-rf",
    base,
    "./etc/apt/sources.list",
  ]);
  assert.equal(added.code, 0, added.output);
  return base;
}
