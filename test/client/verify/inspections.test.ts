/** Inspections of layouts, in a real sandbox: what they may do, what they may not, and where they end. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MAX_INSPECTION_OUTPUT_BYTES, sha256Hex, toSpkiPem, utf8 } from "../../../protocol/index.ts";
import type { Inspected } from "../../../protocol/index.ts";
import { Inspecting } from "../../../client/verify/inspections.ts";
import type { InspectionMode } from "../../../client/verify/inspections.ts";
import { recordFolder } from "../../../client/verify/recorded.ts";
import { runInside, runOutside } from "../../../client/verify/run-inspection.ts";
import { newFolder } from "../../node/folder.ts";
import { until } from "../rebuild/shop.ts";
import { signer } from "../../protocol/verdict/cast.ts";
import { built, DRAFT, layoutBytes, link, UNSIGNED } from "../../protocol/verdict/layout-cast.ts";
import { runCommand, setVariable } from "../cli/run.ts";

const MADE = spawnSync("unshare", ["--user", "true"]).status === 0 && process.getuid?.() === 0;
const skip = MADE ? false : "user namespaces can't be made here, or not as root";

/** Inspects for as long as it is let. */
const LONG = join(import.meta.dirname, "inspect-for-long.ts");
const CONTENT = "what is judged";
const FILE = "tool.tar";

/** One inspection of a file, and what came of it. */
async function inspected(
  script: string,
  mode: InspectionMode | null = "sandboxed",
): Promise<{ readonly came: Inspected; readonly told: readonly string[] }> {
  const path = join(await newFolder(), FILE);
  await writeFile(path, CONTENT);
  const told: string[] = [];
  const inspecting = new Inspecting(mode, (command) => told.push(command));
  const artifact = { sha256: new Uint8Array(32), name: FILE, target: null, inside: null };
  const asked = { name: "look", run: ["sh", "-c", script], expectedMaterials: [], expectedProducts: [] };
  let came: Inspected = { ran: false, why: "nobody asked" };
  const judge = (): void => {
    came = inspecting.of("")(asked);
  };
  const files = [{ path, artifact, unfit: null }];
  while (await inspecting.run("", files, judge)) continue;
  judge();
  inspecting.close();
  return { came, told };
}

const why = (came: Inspected): string => (came.ran ? "it ran" : came.why);

/** Command lines of this machine with these words in them. */
function commandsWith(words: string): readonly string[] {
  const pids = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
  const lines = pids.flatMap((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return []; // it has just ended
    }
  });
  return lines.filter((line) => line.startsWith("sleep") && line.includes(words));
}

/** Paths, and whether the file that is judged is unchanged among them. */
function filesIn(came: Inspected): readonly string[] {
  return came.ran ? [...came.products.keys()].toSorted() : [];
}

test("without leave nothing is run, and that is said", async () => {
  const { came, told } = await inspected("touch it", null);
  assert.deepEqual([came.ran, told], [false, []]);
  assert.match(why(came), /needs --allow-inspections/);
});

test("it sees copies of the files, and what it leaves is recorded", { skip }, async () => {
  const { came, told } = await inspected(
    `mkdir -p a/b && cp ${FILE} a/b/copy && echo new > a/new && ln -s copy a/b/link`,
  );
  assert.deepEqual(told, [
    `sh -c mkdir -p a/b && cp ${FILE} a/b/copy && echo new > a/new && ln -s copy a/b/link`,
  ]);
  assert.deepEqual(filesIn(came), ["a/b/copy", "a/new", FILE]);
  const own = sha256Hex(utf8(CONTENT));
  assert.ok(came.ran);
  assert.deepEqual([...came.materials.keys()], [FILE]);
  assert.equal(came.materials.get(FILE)?.get("sha256"), own);
  assert.equal(came.products.get("a/b/copy")?.get("sha256"), own);
});

test("it may change its copy, and the file itself stays what it is", { skip }, async () => {
  const { came } = await inspected(`echo changed > ${FILE}`);
  assert.ok(came.ran);
  assert.equal(came.products.get(FILE)?.get("sha256"), sha256Hex(utf8("changed\n")));
});

test("it writes nowhere else, and sees nothing of this machine's own", { skip }, async () => {
  const outside = join(mkdtempSync(join(tmpdir(), "samebits-test-")), "outside");
  for (const path of [
    outside,
    "/usr/outside",
    "/etc/outside",
    "/outside",
    "/var/tmp/outside",
    "/dev/shm/outside",
    "/root/outside",
  ]) {
    const { came } = await inspected(`echo x > ${path}`);
    assert.equal(came.ran, false, path);
    assert.match(why(came), /ended with status [12]/);
    assert.equal(existsSync(path), false, path);
  }
  const { came } = await inspected(
    "test ! -e /home && test ! -e /root && test ! -e /work/.. -o 1 && env > environment && ls / > root && id -u > id",
  );
  assert.equal(why(came), "it ran");
  const hostile = await inspected('test -z "$SECRET"');
  assert.equal(why(hostile.came), "it ran");
});

test("what is in the environment is not handed on", { skip }, async () => {
  const undo = setVariable("SECRET", "of mine");
  try {
    assert.equal(why((await inspected('test -z "$SECRET"')).came), "it ran");
    assert.equal(why((await inspected('test -z "$SECRET"', "unsandboxed")).came), "it ran");
  } finally {
    undo();
  }
});

test("it has no network, no capabilities, and no way to them", { skip }, async () => {
  const device = "cut -d : -f 1 /proc/net/dev | tail -n +3 | tr -d ' '";
  assert.equal(why((await inspected(`test "$(${device})" = lo`)).came), "it ran");
  assert.equal(why((await inspected("grep -q 'CapEff:.0000000000000000' /proc/self/status")).came), "it ran");
  assert.equal(why((await inspected("grep -q 'NoNewPrivs:.1' /proc/self/status")).came), "it ran");
  for (const way of [
    "mount -t tmpfs none /work",
    "mount -o remount,rw /usr",
    "unshare --user --map-root-user true && unshare --user --map-root-user --mount mount -o remount,bind,rw /usr",
  ])
    assert.equal((await inspected(way)).came.ran, false, way);
});

test("one that ends badly has failed; one that is not there, too", { skip }, async () => {
  const { came } = await inspected("echo what is wrong >&2; exit 3");
  assert.deepEqual(came, { ran: false, failed: true, why: "it ended with status 3: what is wrong" });
  const folder = await newFolder();
  assert.match((await runInside(["no-such-program"], folder)).why ?? "", /ended with status 127/);
  assert.match((await runOutside(["no-such-program"], folder)).why ?? "", /can't be run/);
});

test("its words are words: no shell reads them", { skip }, async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "a"), "");
  assert.equal((await runInside(["touch", "$(touch b); `touch c` && *"], folder)).why, null);
  assert.deepEqual(readdirSync(folder).toSorted(), ["$(touch b); `touch c` && *", "a"]);
});

test(
  "what prints without end is stopped, and so is what runs for too long, with all that it started",
  { skip },
  async () => {
    const { came } = await inspected("yes");
    assert.match(
      why(came),
      new RegExp(`printed more than ${MAX_INSPECTION_OUTPUT_BYTES} octets and was stopped`),
    );
    const marker = `${process.pid}.5`;
    const folder = await newFolder();
    for (const run of [runInside, runOutside]) {
      const started = Date.now();
      const ended = await run(
        ["sh", "-c", `${run === runInside ? "setsid " : ""}sleep ${marker} & sleep ${marker}`],
        folder,
        1_000,
      );
      assert.match(ended.why ?? "", /ran longer than 1 s and was stopped/);
      assert.ok(Date.now() - started < 30_000);
      assert.deepEqual(commandsWith(marker), [], "none is left");
    }
  },
);

test("whoever interrupts us ends what runs, and nothing is left of it", { skip }, async () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    for (const way of ["runInside", "runOutside"]) {
      const marker = `${process.pid}.${signal.length}`;
      const temporary = await newFolder();
      const child = spawn(process.execPath, [LONG, way, "sleep", marker], {
        env: { ...process.env, TMPDIR: temporary },
        stdio: "ignore",
      });
      const ended = once(child, "exit");
      await until(() => commandsWith(marker).length > 0);
      assert.equal(readdirSync(temporary).length, 1);
      child.kill(signal);
      assert.deepEqual(await ended, [null, signal], "as if nobody had heard it");
      await until(() => commandsWith(marker).length === 0);
      assert.deepEqual(readdirSync(temporary), [], `${signal} ${way}`);
    }
  }
});

test("a fork bomb and a hog of memory end in there", { skip }, async () => {
  const bomb = await inspected("f() { f | f & }; f; wait; exit 1");
  assert.equal(bomb.came.ran, false);
  const hog = await inspected("tail -c 6G /dev/zero");
  assert.equal(hog.came.ran, false);
  const huge = await inspected("truncate -s 3G sparse");
  assert.equal(huge.came.ran, false, "it leaves more than is hashed");
});

test("where no sandbox can be made it is not run, unless the user means it", async () => {
  const undo = setVariable("PATH", await newFolder());
  try {
    const { came } = await inspected("true");
    assert.equal(came.ran, false);
    assert.match(why(came), /no sandbox can be made here.*--allow-inspections=unsandboxed/);
    const { came: unsandboxed } = await inspected("/usr/bin/touch left", "unsandboxed");
    assert.deepEqual(filesIn(unsandboxed), ["left", FILE]);
  } finally {
    undo();
  }
});

test("a folder is recorded within bounds, and nothing in it is followed", async () => {
  const folder = await newFolder();
  symlinkSync("/etc", join(folder, "etc"));
  symlinkSync("/etc/passwd", join(folder, "passwd"));
  spawnSync("mkfifo", [join(folder, "pipe")]);
  writeFileSync(join(folder, "one"), "1");
  assert.deepEqual([...(await recordFolder(folder)).keys()], ["one"]);
  await assert.doesNotReject(recordFolder(folder, { files: 4, octets: 1 }));
  await assert.rejects(recordFolder(folder, { files: 3, octets: 1 }), { code: "input/too-big" });
  await assert.rejects(recordFolder(folder, { files: 4, octets: 0 }), { code: "input/too-big" });
});

test(
  "verify runs what a layout wants to be looked at only with leave, and tells what it runs",
  { skip },
  async () => {
    const folder = await newFolder();
    const at = (name: string): string => join(folder, name);
    const [build, sign] = DRAFT.steps;
    assert.ok(build && sign);
    const inspections = [
      {
        name: "look",
        run: ["cp", "hello-2.10-3.bin", "copy"],
        expectedMaterials: [{ kind: "disallow" as const, pattern: "copy" }],
        expectedProducts: [
          {
            kind: "match" as const,
            pattern: "*.bin",
            source: null,
            with: "products" as const,
            destination: null,
            step: "sign",
          },
          { kind: "create" as const, pattern: "copy" },
          { kind: "disallow" as const, pattern: "*" },
        ],
      },
    ];
    await writeFile(
      at("look.layout"),
      layoutBytes({ ...DRAFT, steps: [build, { ...sign, expectedProducts: [] }], inspections }),
    );
    await writeFile(at("owner.pub"), toSpkiPem(signer("owner").key));
    await writeFile(at("hello-2.10-3.bin"), "F");
    const links = await newFolder();
    for (const [name, bytes] of [
      ["build.00000001.link", built("alice")],
      ["build.00000002.link", built("bob")],
      ["sign.00000003.link", link("dave", "sign", { [UNSIGNED]: "U" }, { "hello-2.10-3.bin": "F" })],
    ] as const)
      await writeFile(join(links, name), bytes);
    const argv = ["verify", "--json", "--offline", at("hello-2.10-3.bin"), "--layout", at("look.layout")];
    const more = ["--layout-key", at("owner.pub"), "--links", links];
    const waiting = await runCommand([...argv, ...more], folder);
    assert.equal(waiting.code, 2, waiting.err);
    assert.match(String(waiting.objects[0]?.["next"]), /--allow-inspections/);
    const ran = await runCommand([...argv, "--allow-inspections", ...more], folder);
    assert.equal(ran.code, 0, ran.err + ran.out);
    assert.match(ran.err, /the layout's inspection runs: cp hello-2\.10-3\.bin copy/);
  },
);
