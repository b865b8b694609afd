/** A .buildinfo says what its build gave: nothing else is signed with its environment. */
import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sha256Hex } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { runCommand } from "../cli/run.ts";
import type { Ran } from "../cli/run.ts";

const VECTORS = join(import.meta.dirname, "../../vectors");
const DEB = "ed_1.19-1_amd64.deb";

test("a package is not signed with the .buildinfo of another build, in a step's link neither", async () => {
  const folder = await newFolder();
  await runCommand(["keygen", "k", "--out", folder], folder);
  await mkdir(join(folder, "out"));
  const deb = join(folder, "out", DEB);
  await copyFile(join(VECTORS, "unsign/deb", DEB), deb);
  const digest = sha256Hex(await readFile(deb));
  const usrmerge = await readFile(join(VECTORS, "debian/usrmerge_37~deb12u1_all.buildinfo"), "utf8");
  const listing = (sum: string): string =>
    usrmerge.replace(/^Checksums-Sha256:\n(?: .*\n)+/m, `Checksums-Sha256:\n ${sum} 1 ${DEB}\n`);
  const attest = async (buildinfo: string, ...more: readonly string[]): Promise<Ran> => {
    const path = join(folder, "build.buildinfo");
    await writeFile(path, buildinfo);
    const words = [deb, "--key", join(folder, "k.key"), "--buildinfo", path, "-o", join(folder, "signed")];
    return runCommand(["attest", ...words, ...more], folder);
  };
  const step = ["--predicate", "step-link", "--step", "build"];
  for (const more of [[], step]) {
    const others = [usrmerge, listing("ab".repeat(32))];
    for (const buildinfo of others) {
      const { code, err } = await attest(buildinfo, ...more);
      assert.deepEqual([code, /artifact\/mismatch/.test(err)], [3, true], err);
    }
    const own = await attest(listing(digest), ...more);
    assert.equal(own.code, 0, own.err);
  }
});
