/** Debian's own unattended-upgrade, with the pins and the hook. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { lacks } from "../programs.ts";
import { agreed, Machine, startFor, whyNot } from "./apt-machine.ts";
import type { AptEnded } from "./apt-root.ts";

/** What scripts/debian.sh downloads: installed it would upgrade the machine. */
const DEBS = join(import.meta.dirname, "../../scripts/unattended");
const DRIVER = join(import.meta.dirname, "unattended.py");
const [PYTHON, MODULES] = ["/usr/bin/python3", "usr/lib/python3/dist-packages"];

const debs = existsSync(DEBS) ? readdirSync(DEBS).filter((name) => name.endsWith(".deb")) : [];
const skip =
  whyNot() ||
  lacks("lsb_release") ||
  (existsSync(PYTHON) && existsSync(join("/", MODULES, "apt/cache.py")) ? false : "no python3-apt here") ||
  (debs.length === 0 ? "no unattended-upgrades here: scripts/debian.sh brings it" : false);

test(
  "unattended-upgrade takes what is reproduced, leaves what is pinned, and can't get past the hook",
  { skip, timeout: 120_000 },
  async () => {
    const machine = await Machine.open();
    const { root } = machine;
    const release = "Origin: Debian\nSuite: stable\n";
    for (const name of ["one", "two", "three"]) await root.make(name, "1.0");
    await root.update(release);
    assert.equal((await root.apt("install", "one", "two", "three")).code, 0);
    const [one, two] = [await root.make("one", "2.0"), await root.make("two", "2.0")];
    await root.make("three", "2.0");
    await startFor(machine, ...[one, two].flatMap(agreed));
    const origins = 'Unattended-Upgrade::Origins-Pattern { "origin=Debian"; };\n';
    await writeFile(root.at("etc/apt/apt.conf.d/51unattended"), origins);
    for (const folder of ["usr/bin", "var/run"]) await mkdir(root.at(folder), { recursive: true });
    await symlink("/usr/bin/dpkg", root.at("usr/bin/dpkg"));
    const unpacked = root.at("unattended");
    for (const name of debs) await root.run("dpkg-deb", ["-x", join(DEBS, name), unpacked]);
    const upgrade = async (): Promise<AptEnded & { readonly log: string }> => {
      const words = [`PYTHONPATH=${join(unpacked, MODULES)}`, PYTHON, DRIVER];
      const program = join(unpacked, "usr/bin/unattended-upgrade");
      const ended = await root.run("env", [...words, program, root.folder]);
      const log = await readFile(root.at("var/log/unattended-upgrades/unattended-upgrades.log"), "utf8");
      return { ...ended, log };
    };

    await machine.hook("enforce");
    await root.update(release);
    const first = await upgrade();
    assert.equal(first.code, 0, first.out + first.log);
    assert.deepEqual((await root.versions()).toSorted(), ["one 2.0", "three 1.0", "two 2.0"]);
    assert.match(first.log, /Packages that will be upgraded: one two$/m);

    // Without pins the hook is asked, and stops it.
    await machine.hook("enforce", "--no-hold");
    assert.equal(existsSync(root.at("etc/apt/preferences.d/samebits")), false);
    const second = await upgrade();
    assert.equal(second.code, 1, second.out + second.log);
    assert.equal((await root.versions()).includes("three 1.0"), true);
    assert.match(second.out, /held +three 2\.0 all[^]*transaction refused before unpacking/);
  },
);
