/** What pacman has installed, by what its repositories' databases say; pacman's own words are recorded ones (6.0.2). */
import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { auditPacman } from "../../../client/audit/index.ts";
import type { Audited } from "../../../client/audit/index.ts";
import { toHex } from "../../../protocol/index.ts";
import { newFolder } from "../../node/folder.ts";
import { setVariable } from "../cli/run.ts";
import { fails } from "../cli/failing.ts";
import { member, stage } from "../cli/stage.ts";

const [A, B] = ["aa".repeat(32), "bb".repeat(32)];
const installed = (name: string, version: string, arch: string): string =>
  `Name            : ${name}\nVersion         : ${version}\nDescription     : words\nArchitecture    : ${arch}\nValidated By    : Signature\n\n`;
const LISTED = [
  installed("ca-certificates-utils", "1:20240203-1", "any"),
  installed("libstdc++", "14.1.1-1", "x86_64"),
  installed("old", "1-1", "any"),
  installed("own", "1-1", "any"),
].join("");

function desc(name: string, version: string, arch: string, sha256: string, ending = ".pkg.tar.zst"): string {
  const fields = {
    FILENAME: `${name}-${version}-${arch}${ending}`,
    NAME: name,
    VERSION: version,
    SHA256SUM: sha256,
    ARCH: arch,
  };
  return Object.entries(fields)
    .map(([field, value]) => `%${field}%\n${value}\n\n`)
    .join("");
}

async function writeDb(path: string, descs: readonly string[]): Promise<void> {
  const tar = pack();
  for (const [at, text] of descs.entries()) tar.entry({ name: `package-${at}/desc` }, text);
  tar.finalize();
  await writeFile(path, gzipSync(await buffer(tar)));
}

/** Answers as pacman does on a machine with these databases. */
async function onMachine<Value>(
  descs: readonly (readonly string[])[],
  run: () => Promise<Value>,
): Promise<Value> {
  const folder = await newFolder();
  await mkdir(join(folder, "sync"), { recursive: true });
  await mkdir(join(folder, "bin"));
  for (const [at, some] of descs.entries()) await writeDb(join(folder, "sync", `${at}.db`), some);
  await writeFile(join(folder, "listed"), LISTED);
  for (const [name, answer] of [
    ["pacman", `cat '${join(folder, "listed")}'`],
    ["pacman-conf", `echo '${folder}/'`],
  ] as const) {
    await writeFile(join(folder, "bin", name), `#!/bin/sh\n${answer}\n`);
    await chmod(join(folder, "bin", name), 0o755);
  }
  const undo = setVariable("PATH", [join(folder, "bin"), process.env["PATH"]].join(delimiter));
  try {
    return await run();
  } finally {
    undo();
  }
}

test("auditPacman: the digest is that of the repository that has this very version", async () => {
  const { manager, files, unchecked }: Audited = await onMachine(
    [
      [desc("ca-certificates-utils", "1:20240203-1", "any", A), desc("old", "2-1", "any", B)],
      [desc("libstdc++", "14.1.1-1", "x86_64", B, ".pkg.tar.xz")],
    ],
    auditPacman,
  );
  assert.equal(manager, "pacman");
  assert.deepEqual(
    files.map(({ artifact: { target, inside, sha256 } }) => [
      target?.purl,
      target?.file,
      inside === target,
      toHex(sha256),
    ]),
    [
      [
        "pkg:alpm/arch/ca-certificates-utils@1:20240203-1?arch=any",
        "ca-certificates-utils-1:20240203-1-any.pkg.tar.zst",
        true,
        A,
      ],
      ["pkg:alpm/arch/libstdc%2B%2B@14.1.1-1?arch=x86_64", "libstdc++-14.1.1-1-x86_64.pkg.tar.xz", true, B],
    ],
  );
  assert.deepEqual(
    unchecked.map(({ name, gap }) => [name, gap]),
    [
      ["old 1-1 any", "not-listed"],
      ["own 1-1 any", "not-listed"],
    ],
  );
});

test("auditPacman: a digest of several repositories, and a database that is damaged or not there", async () => {
  const one = "libstdc++";
  const twice = [[desc(one, "14.1.1-1", "x86_64", A)], [desc(one, "14.1.1-1", "x86_64", B)]];
  const { unchecked } = await onMachine(twice, auditPacman);
  assert.deepEqual(unchecked.find(({ gap }) => gap === "several-digests")?.name, "libstdc++ 14.1.1-1 x86_64");
  await assert.rejects(onMachine([["nonsense"]], auditPacman), { code: "input/bad-list" });
  await assert.rejects(onMachine([], auditPacman), { code: "input/bad-list", message: /pacman -Sy/ });
});

test("audit --installed pacman: where there is none, it says so", async () => {
  const undo = setVariable("PATH", await newFolder());
  try {
    const { folder } = await stage([member(1)], [], 1);
    const policy = ["--policy", join(folder, "policy.toml")];
    await fails(
      64,
      "usage/bad-option",
      /pacman does not run here/,
      "audit",
      "--installed",
      "pacman",
      ...policy,
    );
  } finally {
    undo();
  }
});
