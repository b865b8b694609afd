/** Sources whose packages come out of several runs, and one that gives what is not its own: really built, without any helper. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { atSite } from "../../client/rebuild/debian/room.ts";
import { atEnd } from "../at-end.ts";
import { LAUNCHER } from "../built.ts";
import { newFolder } from "../node/folder.ts";
import { run } from "./apt-rig.ts";
import { BASE } from "./base.ts";
import { builder } from "./claims.ts";
import { rebuilder, whyNoRebuild } from "./rebuilder.ts";

const LIMIT = { timeout: 300_000 };
const WHEN = "Mon, 01 Jan 2024 00:00:00 +0000";

describe("what a source gives", { skip: whyNoRebuild() }, () => {
  let chroots: string;
  before(async () => {
    chroots = await newFolder();
  });

  test(
    "a binNMU and the packages for all architectures beside it are built one after the other",
    LIMIT,
    async () => {
      const folder = await newFolder();
      const dsc = await sourceIn(folder, { "duo-bin": "any", "duo-doc": "all" });
      const twins = [
        await twin(folder, "duo-bin", "1.0+b1", "amd64"),
        await twin(folder, "duo-doc", "1.0", "all"),
      ];
      const one = await rebuilder(builder("alice"), chroots, []);
      const { code, out, objects } = await one.rebuild("--dsc", dsc, "--compare", ...twins);
      assert.equal(code, 1, out);
      const outputs = (objects[0]?.["outputs"] ?? []) as readonly {
        readonly file: string;
        readonly same: boolean;
      }[];
      assert.deepEqual(
        outputs.map(({ file, same }) => [file, same]),
        twins.map((path) => [basename(path), false]),
        out,
      );
    },
  );

  test("a package that the archive has from another source is not signed", LIMIT, async () => {
    const dsc = await sourceIn(await newFolder(), { "duo-bin": "any", libc6: "any" });
    const one = await rebuilder(builder("alice"), chroots, []);
    const { code, out, objects } = await one.rebuild("--dsc", dsc);
    assert.deepEqual([code, objects.map((each) => each["code"])], [3, ["artifact/mismatch"]], out);
  });

  test("what is told to stop is no bug of ours", LIMIT, async () => {
    const site = { folder: chroots, signal: AbortSignal.abort() };
    await assert.rejects(atSite(site, ["sleep", "60"]), { code: "rebuild/interrupted" });
    const none = await newFolder();
    const dsc = await sourceIn(none, { "duo-bin": "any" });
    const places = ["--dsc", dsc, "--suite", "bookworm", "--base", BASE, "--offline", "--chroots", none];
    const words = [LAUNCHER, "rebuild", "debian", ...places, "--data", none, "-o", join(none, "out")];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"] });
    atEnd(() => child.kill("SIGKILL"));
    const said = text(child.stderr);
    const ended = once(child, "close");
    while (!existsSync(join(none, "bases"))) await sleep(20);
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [1, null], await said);
    assert.match(await said, /rebuild\/interrupted/);
  });

  test("a system to build in that can't be read is said to be so", LIMIT, async () => {
    const folder = await newFolder();
    const one = await rebuilder(builder("alice"), chroots, []);
    const dsc = await sourceIn(folder, { "duo-bin": "any" });
    for (const [base, code] of [
      [folder, "input/unreadable"],
      ["/dev/null", "input/unreadable"],
      [join(folder, "none.tar"), "input/missing"],
    ] as const) {
      const {
        code: status,
        out,
        objects,
      } = await one.rebuild("--dsc", dsc, "--suite", "bookworm", "--base", base);
      assert.deepEqual([status, objects.map((each) => each["code"])], [66, [code]], out);
    }
  });
});

/** A native source package of these packages, by their architectures. */
async function sourceIn(folder: string, packages: Readonly<Record<string, string>>): Promise<string> {
  const debian = join(folder, "duo-1.0/debian");
  await mkdir(join(debian, "source"), { recursive: true });
  const all = Object.entries(packages);
  const paragraphs = all.map(
    ([name, arch]) => `\nPackage: ${name}\nArchitecture: ${arch}\nDescription: x\n x\n`,
  );
  const head =
    "Source: duo\nMaintainer: X <x@example.org>\nRules-Requires-Root: no\nStandards-Version: 4.6.0\n";
  await writeFile(join(debian, "control"), `${head}${paragraphs.join("")}`);
  await writeFile(join(debian, "source/format"), "3.0 (native)\n");
  await writeFile(
    join(debian, "changelog"),
    `duo (1.0) bookworm; urgency=low\n\n  * First.\n\n -- X <x@example.org>  ${WHEN}\n`,
  );
  const made = (isAll: boolean): string =>
    all
      .filter(([, arch]) => (arch === "all") === isAll)
      .map(([name]) => `\t$(call one,${name})\n`)
      .join("");
  await writeFile(join(debian, "rules"), rulesOf(made(false), made(true)), { mode: 0o755 });
  const packed = await run("sh", ["-c", 'cd "$1" && dpkg-source -b duo-1.0', "sh", folder]);
  assert.equal(packed.code, 0, packed.output);
  return join(folder, "duo_1.0.dsc");
}

function rulesOf(any: string, all: string): string {
  return `#!/usr/bin/make -f
build build-arch build-indep clean:
binary: binary-arch binary-indep
binary-arch:
${any}binary-indep:
${all}define one
mkdir -p debian/tmp-$(1)/DEBIAN
dpkg-gencontrol -p$(1) -Pdebian/tmp-$(1)
dpkg-deb --root-owner-group -b debian/tmp-$(1) ..
endef
`;
}

/** What somebody else got of one of them, with the entry of a binNMU. */
async function twin(folder: string, name: string, version: string, arch: string): Promise<string> {
  const tree = join(folder, name);
  const docs = join(tree, "usr/share/doc", name);
  await mkdir(docs, { recursive: true });
  await mkdir(join(tree, "DEBIAN"));
  const fields = `Package: ${name}\nVersion: ${version}\nArchitecture: ${arch}\nSource: duo (1.0)\n`;
  await writeFile(
    join(tree, "DEBIAN/control"),
    `${fields}Maintainer: X <x@example.org>\nDescription: x\n x\n`,
  );
  const entry = `duo (1.0+b1) bookworm; urgency=low, binary-only=yes\n\n  * Again.\n\n -- X <x@example.org>  ${WHEN}\n`;
  await writeFile(join(docs, `changelog.Debian.${arch}.gz`), gzipSync(entry));
  const path = join(folder, `${name}_${version}_${arch}.deb`);
  const packed = await run("dpkg-deb", ["--root-owner-group", "-b", tree, path]);
  assert.equal(packed.code, 0, packed.output);
  return path;
}
