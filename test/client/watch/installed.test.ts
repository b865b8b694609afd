import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readPacmanInfo } from "../../../client/watch/installed.ts";
import { newFolder } from "../../node/folder.ts";

/** Of pacman 6.0.2, shortened by lines between these. */
const LISTED = `Name            : ca-certificates-utils
Version         : 1:20240203-1
Description     : Name            : something : else
Architecture    : any
URL             : None
Optional Deps   : one: for this
                  two: for that
Validated By    : Signature

Name            : libstdc++
Version         : 14.1.1-1
Description     : GNU C++
Architecture    : x86_64
Validated By    : Signature

`;
const PACKAGES = [
  { name: "ca-certificates-utils", version: "1:20240203-1", arch: "any", rank: 0 },
  { name: "libstdc++", version: "14.1.1-1", arch: "x86_64", rank: 0 },
];

test("readPacmanInfo: name, version with epoch, and architecture of each package", () => {
  assert.deepEqual(readPacmanInfo(LISTED), PACKAGES);
  assert.deepEqual(readPacmanInfo(""), []);
  const half = readPacmanInfo("Name            : half\n\nnothing : of : this\n");
  assert.deepEqual(half, [{ name: "half", version: "", arch: "", rank: 0 }]);
});

const isMissing = spawnSync("pacman", ["--version"]).error !== undefined;
test(
  "readPacmanInfo: what a real pacman lists of a database",
  { skip: isMissing && "no pacman here: scripts/debian.sh installs it" },
  async () => {
    const folder = await newFolder();
    const entry = async (name: string, version: string, arch: string): Promise<void> => {
      const home = join(folder, "local", `${name}-${version}`);
      await mkdir(home, { recursive: true });
      const desc = { NAME: name, VERSION: version, DESC: "words", ARCH: arch, SIZE: "1" };
      const fields = Object.entries(desc).map(([key, value]) => `%${key}%\n${value}\n\n`);
      await writeFile(join(home, "desc"), fields.join(""));
      await writeFile(join(home, "files"), "%FILES%\nusr/\n");
    };
    await entry("ca-certificates-utils", "1:20240203-1", "any");
    await entry("libstdc++", "14.1.1-1", "x86_64");
    await writeFile(join(folder, "local", "ALPM_DB_VERSION"), "9\n");
    const env = { ...process.env, LC_ALL: "C" };
    const listed = execFileSync("pacman", ["--query", "--info", "--dbpath", folder], {
      encoding: "utf8",
      env,
    });
    assert.deepEqual(readPacmanInfo(listed), PACKAGES);
  },
);
