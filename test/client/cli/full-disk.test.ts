/** A full disk under whatever commands write: a clear error, 73, nothing half-written, and nothing in the way once there is room. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { VerdictMemory } from "../../../client/verify/index.ts";
import { LAUNCHER } from "../../built.ts";
import { smallDisk } from "../../e2e/small-disk.ts";
import { Bench } from "./failing.ts";
import { runCommand } from "./run.ts";
import { PURL } from "./stage.ts";

const DISK_BYTES = 1_000_000;
/** Room for nothing, for a part of what is written, and for all of it in the end. */
const FREE = [0, 4_096, 8_192];

type Writes = (bench: Bench, disk: string) => readonly string[];

const COMMANDS: readonly (readonly [what: string, argv: Writes])[] = [
  ["attest", (bench, disk) => bench.attest("--replace", "-o", join(disk, "out"))],
  [
    "attest --emit-unsigned",
    (bench, disk) => bench.attest("--key", bench.at("tu.pub"), "--emit-unsigned", "-o", disk),
  ],
  ["keygen", (_, disk) => ["keygen", "new", "--out", disk]],
  ["policy new", (_, disk) => ["policy", "new", "debian", "-o", join(disk, "policy.toml")]],
  ["bundle", (bench, disk) => [...bench.verify().with(0, "bundle"), "-o", join(disk, "out.bundle")]],
  [
    "verify --vsa",
    (bench, disk) => bench.verify("--vsa", join(disk, "out.vsa"), "--key", bench.at("tu.key")),
  ],
  ["unsign", (bench, disk) => ["unsign", bench.at("tool.bin"), "-o", join(disk, "bare")]],
  ["trust init", (bench, disk) => ["trust", "init", join(disk, "domain"), "--root-key", bench.at("tu.pub")]],
];

/** All files below, but the one that fills it. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all.flatMap((entry) => (entry.isFile() && entry.name !== "ballast" ? entry.name : []));
}

for (const [what, argv] of COMMANDS) {
  test(`a full disk: ${what}`, async (t: TestContext) => {
    const disk = await smallDisk(DISK_BYTES);
    if (disk === null) return t.skip("no file system can be mounted here");
    const bench = await Bench.open();
    await mkdir(join(disk.folder, "there"));
    const place = join(disk.folder, "there");
    let isWritten = false;
    for (const free of FREE) {
      await disk.fill(free);
      const ended = await runCommand(argv(bench, place));
      isWritten = ended.code !== 73 && free > 0;
      if (isWritten) break;
      assert.equal(ended.code, 73, `${free} octets free: ${ended.out}${ended.err}`);
      assert.match(ended.err, /the disk is full: make room \[output\/cannot-write\]\n$/);
      assert.deepEqual(await filesIn(place), [], `${free} octets free`);
    }
    await disk.empty();
    if (!isWritten) {
      const { code, err } = await runCommand(argv(bench, place));
      // Nobody can be asked here, which is no concern of the disk.
      assert.ok(code === 0 || code === 69, err);
    }
    assert.ok((await filesIn(place)).length > 0);
  });
}

test("a full disk under stdout: 73, and as much as there was room for", async (t: TestContext) => {
  const disk = await smallDisk(DISK_BYTES);
  if (disk === null) return t.skip("no file system can be mounted here");
  const out = join(disk.folder, "out");
  const schema = (): { readonly status: number | null; readonly stderr: string } =>
    spawnSync("sh", ["-c", '"$0" "$1" policy schema >"$2"', process.execPath, LAUNCHER, out], {
      encoding: "utf8",
    });
  const whole = schema();
  assert.deepEqual([whole.status, whole.stderr], [0, ""]);
  const { length } = await readFile(out);
  for (const free of [0, 8_192]) {
    await rm(out);
    await disk.fill(free);
    const full = schema();
    assert.deepEqual([full.status, (await readFile(out)).length], [73, free]);
    assert.ok(free < length);
    assert.match(full.stderr, /^samebits: stdout: cannot be written: ENOSPC.* \[output\/cannot-write\]\n$/);
  }
});

test("a full disk: what only remembers goes on, and leaves nothing either", async (t: TestContext) => {
  const disk = await smallDisk(DISK_BYTES);
  if (disk === null) return t.skip("no file system can be mounted here");
  const bench = await Bench.open();
  await disk.fill(0);
  const data = ["--data", join(disk.folder, "data")];
  const attested = await runCommand(bench.attest(...data, "-o", bench.at("out")));
  assert.equal(attested.code, 0, attested.err);
  assert.match(attested.err, /cannot remember what was attested .*the disk is full: make room/);
  await runCommand(bench.verify("--bundle", bench.at("out"), ...data));
  const rested = { purl: PURL, file: "tool.bin", sha256: "ab".repeat(32), time: 0, keyids: [] };
  assert.equal(new VerdictMemory(join(disk.folder, "data"), "test").keep([rested]), "none");
  assert.deepEqual(await filesIn(disk.folder), []);
});
